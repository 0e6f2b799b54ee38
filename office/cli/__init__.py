"""The command line: every operation of the office, for people and for scripts.

Until a command runs, nothing is imported but the parser: `regisseur --help` answers at once.
"""
