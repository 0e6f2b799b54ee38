"""People: who may sign in, what they may do, and what they ask about actions.

Every operation is ``async def operation(core, …)``: ``await office.do(people.sign_in, login, …)``.
Whoever acts (``by``) is ``SignedIn.who``, or a name that the caller asserts. A company without any
members is as it was before there were people: whoever is named may do everything.
"""

from regisseur.graphs.authority import RIGHTS, ROLES, Limit, Right, Role
from regisseur.office.people.bulk import decide_many
from regisseur.office.people.managing import (
    KEEP,
    Keep,
    add_person,
    change_membership,
    deactivate,
    members,
    remove_member,
    set_password,
)
from regisseur.office.people.owning import deciders_of, unowned_actions
from regisseur.office.people.passwords import Passwords
from regisseur.office.people.remarks import answer, ask, remarks
from regisseur.office.people.signing import sign_in, sign_in_oidc, sign_out, signed_in
from regisseur.office.people.tokens import by_token, make_token, revoke_token, tokens
from regisseur.office.people.views import (
    Choice,
    Member,
    Person,
    Remark,
    SignedIn,
    Token,
    Verdict,
)

__all__ = [
    "KEEP",
    "RIGHTS",
    "ROLES",
    "Choice",
    "Keep",
    "Limit",
    "Member",
    "Passwords",
    "Person",
    "Remark",
    "Right",
    "Role",
    "SignedIn",
    "Token",
    "Verdict",
    "add_person",
    "answer",
    "ask",
    "by_token",
    "change_membership",
    "deactivate",
    "decide_many",
    "deciders_of",
    "make_token",
    "members",
    "remarks",
    "remove_member",
    "revoke_token",
    "set_password",
    "sign_in",
    "sign_in_oidc",
    "sign_out",
    "signed_in",
    "tokens",
    "unowned_actions",
]
