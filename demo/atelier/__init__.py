"""Atelier Martin, the demo company of Régisseur: its data, its past, and the Tryton it lives in."""
