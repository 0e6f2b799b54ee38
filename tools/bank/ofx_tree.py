"""The tags of an OFX file as a tree: SGML (version 1) and XML (version 2) by one small grammar.

The maintained library for it (ofxtools) is under GPL 3, the others rest since 2021. OFX knows no
attributes and no entities of its own, so nothing can be expanded; in version 1 an element with a
value need not be closed.
"""

from __future__ import annotations

import re
from html import unescape
from xml.etree.ElementTree import Element, SubElement

from regisseur.errors import InvalidInput
from regisseur.tools.bank import values

_TOKEN = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Z0-9._]+)\s*(?P<closed>/?)>\s*"
    r"(?:<!\[CDATA\[(?P<data>.*?)\]\]>\s*|(?P<text>[^<]*))",
    re.DOTALL | re.IGNORECASE,
)
_DEEPEST = 40


def ofx_tree(content: bytes) -> Element:
    """The element ``OFX`` with names in capitals; raises InvalidInput naming the line."""
    text = _decoded(content)
    start = re.search(r"<OFX>", text, re.IGNORECASE)
    if start is None:
        raise InvalidInput("holds no <OFX>; download it again", field="file")
    tokens = _tokens(text, start.start())
    leaves = _leaves(tokens)
    root = Element("")
    open_ones = [root]
    for token in tokens:
        name, value = token["name"].upper(), _value(token)
        if token["end"]:
            if value:
                raise _refused(token, f"{values.shown(value)} stands after </{name}>")
            if name in leaves:
                continue
            if open_ones.pop().tag != name:
                raise _refused(token, f"</{name}> ends what another tag began")
            continue
        element = SubElement(open_ones[-1], name)
        element.text = value
        if name not in leaves and not token["closed"]:
            open_ones.append(element)
        if len(open_ones) > _DEEPEST:
            raise _refused(token, "is nested too deeply")
    if len(open_ones) > 1:
        raise InvalidInput(f"ends inside <{open_ones[-1].tag}>; download it again", field="file")
    return root[0]


def _decoded(content: bytes) -> str:
    """Banks say 1252 and write UTF-8, seldom the other way round: what reads as UTF-8 is."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise InvalidInput("is neither UTF-8 nor Windows-1252", field="file") from error


def _tokens(text: str, at: int) -> list[re.Match[str]]:
    """Every tag with what follows it, nothing left over between them."""
    tokens = []
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            line = text.count("\n", 0, at) + 1
            raise InvalidInput(
                f"{values.shown(text[at : at + 30])} is no tag", field=f"line {line}"
            )
        tokens.append(token)
        at = token.end()
    return tokens


def _leaves(tokens: list[re.Match[str]]) -> set[str]:
    """Names of elements that have a value somewhere, or are never closed."""
    valued = {token["name"].upper() for token in tokens if not token["end"] and _value(token)}
    ended = {token["name"].upper() for token in tokens if token["end"]}
    return valued | ({token["name"].upper() for token in tokens} - ended)


def _value(token: re.Match[str]) -> str:
    return (token["data"] or unescape(token["text"] or "")).strip()


def _refused(token: re.Match[str], why: str) -> InvalidInput:
    line = token.string.count("\n", 0, token.start()) + 1
    return InvalidInput(why, field=f"line {line}")
