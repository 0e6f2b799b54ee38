"""Tryton's own API, spoken without any code of ours: the second opinion of whole-night tests."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

import httpx
from tryton_server import TrytonServer

CONTEXT = {"company": 1, "companies": [1], "language": "en"}


class Tryton:
    """One signed-in user."""

    def __init__(self, server: TrytonServer, user: str, password: str) -> None:
        self._url = f"{server.url}/{server.database}/rpc/"
        self._headers: dict[str, str] = {}
        user_id, token, _ = self._post("common.db.login", user, {"password": password}, "en")
        session = base64.b64encode(f"{user}:{user_id}:{token}".encode()).decode()
        self._headers = {"Authorization": f"Session {session}"}

    def _post(self, method: str, *params: Any) -> Any:
        body = {"id": 1, "method": method, "params": list(params)}
        answer = httpx.post(self._url, json=body, headers=self._headers, trust_env=False).json()
        assert "error" not in answer, answer
        return answer["result"]

    def orders(self, key: str) -> list[dict[str, Any]]:
        """Orders that carry this reference."""
        fields = ["number", "state", "party.name", "lines.quantity", "lines.product.code"]
        found: list[dict[str, Any]] = self._post(
            "model.purchase.purchase.search_read",
            [["reference", "=", key]], 0, None, [["id", "ASC"]], fields, CONTEXT,
        )  # fmt: skip
        return found

    def archive_party(self, party_id: int) -> None:
        """As a colleague would, in the ERP itself."""
        self._post("model.party.party.write", [party_id], {"active": False}, CONTEXT)

    def notes(self, party_id: str) -> list[str]:
        """What is written on a party."""
        about = [["resource", "=", f"party.party,{party_id}"]]
        found = self._post(
            "model.ir.note.search_read", about, 0, None, [["id", "ASC"]], ["message"], CONTEXT
        )
        return [one["message"] for one in found]

    def pay(self, invoice_id: str) -> None:
        """All that is open of an invoice, by Tryton's own assistant, as an accountant does."""
        name, number = "wizard.account.invoice.pay", int(invoice_id)
        about = {**CONTEXT, "active_model": "account.invoice", "active_id": number}
        about["active_ids"] = [number]
        (method,) = self._post(
            "model.account.invoice.payment.method.search_read", [], 0, 1, None, ["name"], CONTEXT
        )
        session, *_ = self._post(f"{name}.create", about)
        shown = self._post(f"{name}.execute", session, {}, "start", about)
        start = {k: v for k, v in shown["view"]["defaults"].items() if not k.endswith(".")}
        start |= {"payment_method": method["id"], "description": "VIR"}
        self._post(f"{name}.execute", session, {"start": start}, "choice", about)
        self._post(f"{name}.delete", session, about)

    def production(self, order_id: str) -> dict[str, Any]:
        """State, planned days and the work centres of the steps of a production order."""
        fields = ["state", "planned_start_date", "planned_date", "works.work_center"]
        (found,) = self._post("model.production.read", [int(order_id)], fields, CONTEXT)
        days = {name: _day(found[name]) for name in ("planned_start_date", "planned_date")}
        centres = [work["work_center"] for work in found["works."]]
        return {"state": found["state"], "centres": centres, **days}


def _day(value: dict[str, int] | None) -> date | None:
    return date(value["year"], value["month"], value["day"]) if value else None
