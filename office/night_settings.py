"""When a company's night begins, and when people expect its pack: ``[company.night]``."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[DayName, ...] = get_args(DayName)


def _on_the_wall(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("write the hour on the company's clocks, without a time zone")
    return value


Hour = Annotated[time, AfterValidator(_on_the_wall)]


class NightSettings(BaseModel):
    """All hours are on the company's clocks (``timezone``), in the morning of the night's date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    """Whether the clock of ``regisseur serve`` runs nights of this company by itself."""
    at: Hour = time(4, 30)
    """When the agents begin."""
    days: tuple[DayName, ...] = DAYS[:5]
    """Mornings on which a pack is wanted."""
    catch_up_hours: float = Field(default=12, gt=0, le=168)
    """For so long after ``at`` a night that was missed is still begun; then it is told as missed."""
    report_by: Hour = time(6)
    """If there is no finished report by then, it is an alarm."""
    digest_at: Hour = time(6, 15)
    """When the pack is mailed."""
    digest_until: Hour = time(12)
    """A mail that fails is tried again until then; then it is told."""

    @field_validator("days")
    @classmethod
    def _each_once(cls, value: tuple[DayName, ...]) -> tuple[DayName, ...]:
        if not value:
            raise ValueError("name at least one day, or write enabled = false")
        return tuple(one for one in DAYS if one in value)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.at < self.report_by or not self.at < self.digest_at < self.digest_until:
            raise ValueError(
                "a night begins after midnight: write at before report_by, and digest_at between "
                "at and digest_until"
            )
        return self
