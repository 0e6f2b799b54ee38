"""Finding plug-ins: the modules of a room, installed packages, and objects handed in.

One broken plug-in never takes the others down: it is left out and reported with its error.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Generic, TypeVar

from regisseur.errors import Misconfigured

T = TypeVar("T")
Source = tuple[str, Callable[[], Any]]
"""Where a plug-in comes from, and how to get it (``None``: there is none)."""


@dataclass(frozen=True)
class Problem:
    """A plug-in that is left out, with what went wrong."""

    origin: str
    error: Exception

    def __str__(self) -> str:
        return f"{self.origin} is left out: {type(self.error).__name__}: {self.error}"


@dataclass(frozen=True)
class Discovery(Generic[T]):
    """What was found by name, and what could not be used."""

    found: dict[str, T] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def discover(
    package: str,
    attribute: str,
    entry_point_group: str,
    handed_in: Iterable[T] = (),
    *,
    name_of: Callable[[T], str],
) -> Discovery[T]:
    """All plug-ins of one sort.

    Built-ins are the modules of ``package`` (no recursion) that have ``attribute``; an entry point
    names the object itself, or a module that has it. ``name_of`` may raise for an object that
    isn't a plug-in. Raises Misconfigured where two plug-ins have one name.
    """
    discovery: Discovery[T] = Discovery()
    origins: dict[str, str] = {}
    for origin, load in _sources(package, attribute, entry_point_group, handed_in):
        try:
            plugin = load()
            if plugin is None:
                continue
            name = name_of(plugin)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            discovery.problems.append(Problem(origin, error))
            continue
        if name in origins:
            raise Misconfigured(
                f"two plug-ins are called {name!r}: {origins[name]} and {origin}; remove one"
            )
        origins[name] = origin
        discovery.found[name] = plugin
    return discovery


def _sources(
    package: str, attribute: str, group: str, handed_in: Iterable[Any]
) -> Iterator[Source]:
    path = importlib.import_module(package).__path__
    for module in sorted(iter_modules(path, f"{package}."), key=lambda found: found.name):
        yield module.name, partial(_of_module, module.name, attribute)
    for point in sorted(entry_points(group=group), key=lambda found: (found.name, found.value)):
        yield f"entry point {point.name} = {point.value}", partial(_of_point, point, attribute)
    for plugin in handed_in:
        yield f"{plugin!r}, handed in", partial(_itself, plugin)


def _of_module(name: str, attribute: str) -> Any:
    return getattr(importlib.import_module(name), attribute, None)


def _of_point(point: EntryPoint, attribute: str) -> Any:
    loaded = point.load()
    return getattr(loaded, attribute) if isinstance(loaded, ModuleType) else loaded


def _itself(plugin: Any) -> Any:
    return plugin
