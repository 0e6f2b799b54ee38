"""Words that the kinds which remind share."""

from regisseur.tools.records import Speaker

say = Speaker("regisseur.tools.actions")

LIST_OF_INVOICES = {"fr": "[liste des factures]", "en": "[list of invoices]"}
"""Stands in the text of a letter where its table of invoices belongs, by language."""
