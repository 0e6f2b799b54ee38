"""The morning pack: one report per company and night over all agents, and its mail."""

from regisseur.office.pack.comparing import Comparison
from regisseur.office.pack.making import compared, make_pack, packs, read_pack
from regisseur.office.pack.model import Decision, Pack
from regisseur.office.pack.post import digest_key, digest_mail
from regisseur.office.pack.views import PackView

__all__ = [
    "Comparison",
    "Decision",
    "Pack",
    "PackView",
    "compared",
    "digest_key",
    "digest_mail",
    "make_pack",
    "packs",
    "read_pack",
]
