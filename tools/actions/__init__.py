"""The kinds of things that can be done outside: one file or folder per kind."""
