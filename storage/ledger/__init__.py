"""The ledger decides: every change of an action's status is one compare-and-set in here.

All functions run inside the caller's transaction (``database.write()``) and record what they did
in the audit chain of the same transaction. They know nothing of ERPs or of what a kind means;
judgements that need that (is a change material?) come in as functions.
"""

from regisseur.storage.ledger.brake import brake_on, go, stop
from regisseur.storage.ledger.deciding import (
    Ruling,
    Verdict,
    check,
    decide,
    expire,
    regret,
    settle_by_policy,
    settle_held,
)
from regisseur.storage.ledger.filing import (
    Filed,
    Intake,
    Material,
    intake,
    one_at_a_time,
    withdraw_others,
)
from regisseur.storage.ledger.performing import (
    Outcome,
    claim,
    doubt,
    finish,
    release,
    resolve,
    return_to_inbox,
    take_over,
)
from regisseur.storage.ledger.reading import (
    effect_of,
    effects_of,
    get,
    get_all,
    inbox,
    of_mission,
    performing_since,
    revisions_of,
    spent_without_asking,
    with_status,
)
from regisseur.storage.ledger.values import Draft, Who, new_id, seen_hash
from regisseur.storage.tables import FINAL, OPEN

__all__ = [
    "FINAL",
    "OPEN",
    "Draft",
    "Filed",
    "Intake",
    "Material",
    "Outcome",
    "Ruling",
    "Verdict",
    "Who",
    "brake_on",
    "check",
    "claim",
    "decide",
    "doubt",
    "effect_of",
    "effects_of",
    "expire",
    "finish",
    "get",
    "get_all",
    "go",
    "inbox",
    "intake",
    "new_id",
    "of_mission",
    "one_at_a_time",
    "performing_since",
    "regret",
    "release",
    "resolve",
    "return_to_inbox",
    "revisions_of",
    "seen_hash",
    "settle_by_policy",
    "settle_held",
    "spent_without_asking",
    "stop",
    "take_over",
    "with_status",
    "withdraw_others",
]
