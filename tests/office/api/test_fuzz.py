"""Every operation, with what its own description allows and with what it doesn't: no fault of ours,
and every answer as described. A few examples each, always the same ones.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import schemathesis
from api_programs import Program
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette
from starlette.routing import Mount

from regisseur import AsyncOffice, Office
from regisseur.office.api.app import make_api

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FEW = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_no_operation_fails_or_answers_otherwise_than_described(
    office: Office, approver: Program, night: str
) -> None:
    app = Starlette(routes=[Mount("/api/v1", make_api(AsyncOffice(office.opened)))])
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    actions = [one.id for one in office.inbox(company="atelier")]
    there: dict[str, Any] = {"company": "atelier", "mission": night, "action": actions[0]}
    headers = {"authorization": f"Bearer {approver.secret}"}
    tried: Counter[str] = Counter()

    def send(case: Case[Any]) -> None:
        tried[case.operation.label] += 1
        places = case.path_parameters
        case.path_parameters = {name: there.get(name, value) for name, value in places.items()}
        case.call_and_validate(headers=headers, checks=CHECKS)

    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        for mode in GenerationMode:
            with suppress(Unsatisfiable):  # there is nothing to be wrong about
                FEW(given(case=operation.as_strategy(generation_mode=mode))(send))()
    assert len(tried) > 45
    assert tried.total() > 5 * len(tried)
