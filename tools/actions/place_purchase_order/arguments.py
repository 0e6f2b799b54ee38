"""What is ordered, and what follows from an edit of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field, model_validator

from regisseur.errors import InvalidInput
from regisseur.tools.actions.base import Arguments
from regisseur.tools.records import DraftOrder, DraftOrderLine, Money, PriceBreak, Unit


class OrderedItem(Arguments):
    """One line of the order; quantities and prices in the offer's unit and currency."""

    item_id: str
    item_code: str
    item_name: str
    offer_id: str
    unit: Unit
    quantity: Decimal = Field(gt=0)
    unit_price: Decimal = Field(ge=0)
    breaks: tuple[PriceBreak, ...]
    """The offer's prices as they were when proposed, so that an edited quantity is priced alike."""
    minimum_quantity: Decimal = Decimal(0)
    multiple: Decimal = Decimal(0)
    expected: date

    def priced(self, on: date, field: str) -> OrderedItem:
        """With the price of its break; raises InvalidInput below ``field`` where that can't be."""
        self._check(on, field)
        reached = [step.unit_price for step in self.breaks if step.minimum <= self.quantity]
        return self.model_copy(update={"unit_price": reached[-1]}) if reached else self

    def _check(self, on: date, field: str) -> None:
        symbol = self.unit.symbol
        if self.quantity < self.minimum_quantity:
            raise InvalidInput(
                f"the supplier sells no less than {self.minimum_quantity} {symbol}",
                field=f"{field}.quantity",
            )
        if self.multiple and self.quantity % self.multiple:
            raise InvalidInput(
                f"the supplier sells multiples of {self.multiple} {symbol}",
                field=f"{field}.quantity",
            )
        if self.breaks and self.quantity < self.breaks[0].minimum:
            raise InvalidInput(
                f"there is a price only from {self.breaks[0].minimum} {symbol} on",
                field=f"{field}.quantity",
            )
        if self.expected < on:
            raise InvalidInput("is before the order date", field=f"{field}.expected")


class PlacePurchaseOrder(Arguments):
    """One order to one supplier for one warehouse in one currency; each item once."""

    supplier_id: str
    supplier_name: str
    warehouse_id: str
    currency: str
    on: date
    """Order date."""
    lines: tuple[OrderedItem, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_item_once(self) -> PlacePurchaseOrder:
        if len({line.item_id for line in self.lines}) < len(self.lines):
            raise ValueError("an item may be on one line only")
        return self

    @property
    def total(self) -> Money:
        """What the order costs before taxes, each line rounded as on an invoice."""
        amounts = (
            Money(amount=line.quantity * line.unit_price, currency=self.currency).rounded()
            for line in self.lines
        )
        return sum(amounts, Money.of(0, self.currency))

    def priced(self) -> PlacePurchaseOrder:
        """With prices from the breaks; raises InvalidInput where the supplier can't be asked so."""
        return self.model_copy(
            update={
                "lines": tuple(
                    line.priced(self.on, f"lines.{position}")
                    for position, line in enumerate(self.lines)
                )
            }
        )

    def draft(self) -> DraftOrder:
        """What is to be written in the ERP."""
        return DraftOrder(
            supplier_id=self.supplier_id,
            warehouse_id=self.warehouse_id,
            currency=self.currency,
            on=self.on,
            lines=tuple(
                DraftOrderLine(
                    item_id=line.item_id,
                    offer_id=line.offer_id,
                    quantity=line.quantity,
                    unit=line.unit,
                    unit_price=line.unit_price,
                    expected=line.expected,
                )
                for line in self.lines
            ),
        )
