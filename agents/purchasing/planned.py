"""Needs of production by tonight's plan, where the planning agent made one: its days, not the ERP's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from regisseur.agents.purchasing.observation import Observation, Site
from regisseur.tools.records import Requirement

Starts = Mapping[tuple[str, str], date]
"""By production order and item: the day on which the plan takes it from stock."""


def starts(papers: Mapping[str, Any]) -> dict[tuple[str, str], date]:
    """What planning left; what can't be read is left out."""
    found = {}
    needs = papers.get("material_needs")
    for one in needs if isinstance(needs, list) else ():
        try:
            key = str(one["order_id"]), str(one["item_id"])
            found[key] = date.fromisoformat(one["on"])
        except (KeyError, TypeError, ValueError):
            continue
    return found


def redated(seen: Observation, planned: Starts) -> Observation:
    """The same needs on the days of the plan; quantities stay the ERP's."""
    if not planned:
        return seen
    sites = tuple(_redated(site, planned) for site in seen.sites)
    pairs = zip(seen.sites, sites, strict=True)
    moved = sum(
        was != now
        for before, after in pairs
        for was, now in zip(before.requirements, after.requirements, strict=True)
    )
    return seen.model_copy(update={"sites": sites, "replanned": moved})


def _redated(site: Site, planned: Starts) -> Site:
    needs = tuple(_need(one, planned) for one in site.requirements)
    return site.model_copy(update={"requirements": needs})


def _need(one: Requirement, planned: Starts) -> Requirement:
    day = planned.get((one.source.id, one.item_id)) if one.use == "production" else None
    return one if day is None else one.model_copy(update={"date": day})
