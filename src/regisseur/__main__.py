"""``python -m regisseur``, and the command ``regisseur``."""

import sys

from regisseur.office.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
