"""What a late payer owes besides the invoice, by French law, to the cent.

Nothing here guesses: where a rate is not known the sum is refused and the missing rate named, and
the reminder goes out without it. Rules and conventions are in ``docs/agents/invoice_followup.md``.
"""

from regisseur.agents.invoice_followup.law.debt import ContractRate, Debt
from regisseur.agents.invoice_followup.law.interest import (
    INDEMNITY,
    AppliedRate,
    Claim,
    MissingRate,
    Reason,
    Refusal,
    Rule,
    Segment,
    claim,
)
from regisseur.agents.invoice_followup.law.rates import (
    HalfYear,
    Rate,
    RateName,
    Rates,
    half_year_of,
    official,
)

__all__ = [
    "INDEMNITY",
    "AppliedRate",
    "Claim",
    "ContractRate",
    "Debt",
    "HalfYear",
    "MissingRate",
    "Rate",
    "RateName",
    "Rates",
    "Reason",
    "Refusal",
    "Rule",
    "Segment",
    "claim",
    "half_year_of",
    "official",
]
