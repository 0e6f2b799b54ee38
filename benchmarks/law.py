"""Compute late-payment cases and compare them with what is expected, to the cent.

    python benchmarks/law.py [--data FILE] [--rates FILE] [--out FILE]

Columns of the cases: ``case_id``; ``regime`` (b2b_default, b2b_contract_fixed,
b2b_contract_3x_legal, public_buyer, consumer); ``amount_ttc``; ``due_date``; ``payments`` and, where
there are any, ``credits`` as ``date:amount`` pairs separated by ``;``; ``as_of_date``, the last day
counted; ``contract_rate_pct``. Those that begin with ``expected_`` and hold something are compared
with the result, but for ``expected_segments``: they stand for information. A case passes if all of
them agree; the sums of a refused case are empty.

Columns of the rates: ``half_year``, ``ecb_main_refinancing_pct``, ``legal_rate_other_pct``, empty
where unknown. Without ``--rates`` a ``rates.csv`` beside the cases is used, else the product's table.

Exit code 1 if a case differs, 2 if a file can't be read. Results are written with ``--out`` only.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypedDict

from pydantic import ValidationError

from regisseur.agents.invoice_followup.law import (
    Claim,
    ContractRate,
    Debt,
    Rate,
    RateName,
    Rates,
    Refusal,
    claim,
    official,
)
from regisseur.tools.records.receivables import PayerKind, Settlement

HERE = Path(__file__).parent
SAMPLE = HERE / "data" / "law_cases.csv"
EXPECTED = "expected_"
SUMS = ("penalty", "indemnity", "principal_due", "total_due")
COLUMNS: dict[RateName, str] = {
    "ecb": "ecb_main_refinancing_pct",
    "legal_other": "legal_rate_other_pct",
}
Row = Mapping[str, str]


class Result(TypedDict):
    """One case: what was computed, and where something else was expected."""

    case_id: str
    computed: dict[str, str]
    differs: dict[str, str]
    """What was expected instead, by column."""
    compared: bool


def main() -> int:
    """Run and print; the exit code says whether all agree."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=SAMPLE, metavar="FILE")
    parser.add_argument("--rates", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, metavar="FILE")
    options = parser.parse_args()
    beside = options.data.with_name("rates.csv")
    table = options.rates or (beside if beside.exists() else None)
    try:
        rates = read_rates(table) if table else official()
        results = [computed(row, rates) for row in rows(options.data)]
    except (OSError, ValueError, csv.Error) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{options.data.name}, rates of {table.name if table else 'the product'}\n")
    for result in results:
        print(told(result))
    wrong = [result["case_id"] for result in results if result["differs"]]
    compared = sum(result["compared"] for result in results)
    print(f"\ncases {len(results)}, compared {compared}, to the cent {compared - len(wrong)}")
    if options.out:
        options.out.write_text(written(options.data, results))
    return 1 if wrong else 0


def rows(file: Path) -> Iterator[Row]:
    """The lines of a CSV file by column; raises ValueError where there are none."""
    with file.open(newline="", encoding="utf-8-sig") as source:
        found = list(csv.DictReader(source))
    if not found:
        raise ValueError(f"{file}: no lines below the header")
    for row in found:
        yield {name: (value or "").strip() for name, value in row.items() if name is not None}


def read_rates(file: Path) -> Rates:
    """A table of rates; raises ValueError where it can't be read."""
    try:
        lines = [
            Rate(
                half_year=row["half_year"],
                name=name,
                percent=Decimal(row[column]),
                source=file.name,
            )
            for row in rows(file)
            for name, column in COLUMNS.items()
            if row[column]
        ]
        return Rates(lines=tuple(lines))
    except (KeyError, InvalidOperation, ValidationError) as error:
        raise ValueError(f"{file}: {error!r}") from error


def debt_of(row: Row) -> Debt:
    """What is owed in one case."""
    payer, contract = terms(row)
    return Debt(
        amount=Decimal(row["amount_ttc"]),
        due=date.fromisoformat(row["due_date"]),
        settlements=settlements(row["payments"]),
        credits=settlements(row.get("credits", "")),
        payer=payer,
        contract=contract,
    )


def terms(row: Row) -> tuple[PayerKind, ContractRate | None]:
    """Who pays, and what was agreed."""
    match row["regime"]:
        case "b2b_default":
            return "business", None
        case "b2b_contract_fixed":
            return "business", Decimal(row["contract_rate_pct"])
        case "b2b_contract_3x_legal":
            return "business", "three_times_legal"
        case "public_buyer":
            return "public", None
        case "consumer":
            return "consumer", None
        case other:
            raise ValueError(f"unknown regime {other!r}")


def settlements(text: str) -> tuple[Settlement, ...]:
    """``2025-04-25:4800.00;2025-05-02:10.00``."""
    pairs = (one.split(":") for one in text.split(";") if one.strip())
    return tuple(
        Settlement(on=date.fromisoformat(day.strip()), amount=Decimal(amount))
        for day, amount in pairs
    )


def computed(row: Row, rates: Rates) -> Result:
    """Compute one case; raises ValueError naming it where it can't be read."""
    case = row.get("case_id") or "a case without case_id"
    try:
        found = claim(debt_of(row), date.fromisoformat(row["as_of_date"]), rates)
    except (KeyError, ValueError, InvalidOperation) as error:
        raise ValueError(f"{case}: {error!r}") from error
    values = claimed(found) if isinstance(found, Claim) else refused(found)
    expected = {name: row[EXPECTED + name] for name in values if row.get(EXPECTED + name)}
    return {
        "case_id": case,
        "computed": values,
        "differs": {n: text for n, text in expected.items() if not same(values[n], text)},
        "compared": bool(expected),
    }


def claimed(found: Claim) -> dict[str, str]:
    """A claim by columns, as they are named without ``expected_``."""
    return {
        "status": "ok_review" if found.review else "ok",
        "missing": "",
        "review": ";".join(found.review),
        "days_late": str(found.days_late),
        "penalty": f"{found.penalty:.2f}",
        "indemnity": f"{found.indemnity:.2f}",
        "principal_due": f"{found.principal_due:.2f}",
        "total_due": f"{found.total:.2f}",
    }


def refused(found: Refusal) -> dict[str, str]:
    """A refusal by the same columns."""
    return {
        "status": f"refuse_{found.reason}",
        "missing": ";".join(map(str, found.missing)),
        "review": "",
        "days_late": "",
        **dict.fromkeys(SUMS, ""),
    }


def same(value: str, expected: str) -> bool:
    """Equal as numbers where both are, else as sets of words."""
    try:
        return Decimal(value) == Decimal(expected)
    except InvalidOperation:
        return set(value.split(";")) == set(expected.split(";"))


def told(result: Result) -> str:
    """One line, and one for each difference."""
    values = result["computed"]
    sums = "  ".join(f"{name} {values[name]:>9}" for name in SUMS if values[name])
    verdict = "differs" if result["differs"] else "agrees" if result["compared"] else "computed"
    notes = " ".join(filter(None, (values["missing"], values["review"])))
    lines = [f"{result['case_id']:<8} {verdict:<8} {values['status']:<19} {sums} {notes}".rstrip()]
    for name, expected in sorted(result["differs"].items()):
        lines.append(f"         {name}: computed {values[name]!r}, expected {expected!r}")
    return "\n".join(lines)


def written(data: Path, results: list[Result]) -> str:
    """The results file."""
    compared = [result for result in results if result["compared"]]
    body: dict[str, Any] = {
        "data": data.name,
        "cases": len(results),
        "compared": len(compared),
        "agree": sum(not result["differs"] for result in compared),
        "results": results,
    }
    return json.dumps(body, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
