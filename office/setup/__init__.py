"""First set-up in the browser: from nothing to ``regisseur.toml`` and the first night.

``regisseur serve`` without settings prints a one-time code and serves ``make_setup`` alone; once the
last step is done, the office that it opened takes the place of these pages.
"""

from regisseur.office.setup.app import make_setup
from regisseur.office.setup.door import Code

__all__ = ["Code", "make_setup"]
