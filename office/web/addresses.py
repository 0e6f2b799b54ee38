"""Addresses that a browser sends back to us: only our own pages are gone to."""

from __future__ import annotations

from urllib.parse import urlsplit


def ours(address: str, otherwise: str = "/") -> str:
    """The address if it is a page of ours, else another: nobody is sent anywhere else."""
    parts = urlsplit(address)
    plain = all(" " < char < "\x7f" for char in address) and "\\" not in address
    inside = address.startswith("/") and not address.startswith("//")
    return address if plain and inside and not parts.scheme and not parts.netloc else otherwise
