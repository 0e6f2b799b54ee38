"""Files that banks give out, read into lines: CAMT.053 (XML), OFX, and CSV with a declared layout.

Reading only: what a line pays is for an agent to find out.
"""

from regisseur.tools.bank.layout import CsvLayout
from regisseur.tools.bank.reading import read_bank_file
from regisseur.tools.bank.records import Balance, BankLine, Statement

__all__ = ["Balance", "BankLine", "CsvLayout", "Statement", "read_bank_file"]
