"""How the sample speaks."""

from datetime import date
from decimal import Decimal

from regisseur.tools.records import Day, Money, Quantity, Speaker

say = Speaker("sample_report")
NIGHT = date(2026, 11, 23)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def qty(value: str, unit: str) -> Quantity:
    return Quantity(value=Decimal(value), unit=unit)


def day(number: int) -> Day:
    return Day(date=date(2026, 11, number))
