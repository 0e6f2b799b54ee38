"""What can go wrong between us and the database, by whom it is addressed to.

A tree of its own beside `regisseur.errors`, with the same three addressees: the one who configured
the product, time, and a person. It stays apart because nobody may take a database that is away for
an ERP that is: what is known of an action is then not recorded yet. Driver errors are turned into
these in one place (`fault_of`, called by the engines of `database`); constraint violations stay
what they are, because the ledger reads meaning into them.
"""

from regisseur.errors import RegisseurError


class StorageError(RegisseurError):
    """Parent of all errors of this room: a problem, and advice that says what to do."""

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(problem, advice)
        self.problem = problem
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.problem} {self.advice}"


class DatabaseMisconfigured(StorageError):
    """The address, the credentials or the rights of the database are wrong: correct them."""


class DatabaseNewer(DatabaseMisconfigured):
    """The database was written by a later version of Régisseur than this one."""


class DatabaseUnavailable(StorageError):
    """Nothing was changed; the same call may succeed later."""


class DatabaseBusy(DatabaseUnavailable):
    """Others held the database, or what we asked of it, for longer than we wait."""


class DatabaseUnreachable(DatabaseUnavailable):
    """No answer from the database server, or it cut the connection."""


class DatabaseNeedsPerson(StorageError):
    """A person has to look at the machine or the file before anything can go on."""


class DiskFull(DatabaseNeedsPerson):
    """The disk under the database has no room left; the transaction was rolled back."""


class DatabaseDamaged(DatabaseNeedsPerson):
    """What is stored can't be read back."""


_BUSY = (DatabaseBusy, "The database is busy.", "Nothing was changed; try again in a moment.")
_FULL = (DiskFull, "The disk of the database is full.", "Nothing was changed; free some space.")
_DAMAGED = (
    DatabaseDamaged,
    "The database file is damaged or is not a database.",
    "Stop Régisseur, keep a copy of the file, and restore the last backup.",
)
_RIGHTS = (
    DatabaseMisconfigured,
    "The database may not be read or written by this user.",
    "Check the rights of the user, the file and its folder.",
)
_CUT = (
    DatabaseUnreachable,
    "The database doesn't answer, or cut the connection.",
    "Check that it runs and that its address is right, then try again.",
)
_DISK = (
    DatabaseNeedsPerson,
    "The disk of the database gives errors.",
    "The transaction was rolled back; check the disk before going on.",
)

# By the beginning of SQLite's symbolic result code.
_SQLITE = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR_SHMSIZE": _FULL,  # no room for the index beside the file
    "SQLITE_IOERR": _DISK,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_READONLY": _RIGHTS,
    "SQLITE_CANTOPEN": _RIGHTS,
    "SQLITE_PERM": _RIGHTS,
}
# By the beginning of PostgreSQL's SQLSTATE.
_POSTGRESQL = {
    "40001": _BUSY,
    "40P01": _BUSY,
    "55P03": _BUSY,
    "53300": _BUSY,
    "53100": _FULL,
    "58030": _DISK,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
    "08": _CUT,
    "57P": _CUT,
    "28": _RIGHTS,
    "42501": _RIGHTS,
    "3D000": (
        DatabaseMisconfigured,
        "The server has no database of that name.",
        "Create it, or correct the name at the end of the URL.",
    ),
}


def fault_of(error: BaseException, *, cut: bool = False) -> StorageError | None:
    """Say what a driver's exception means to us, or nothing if it is no matter of operation.

    ``cut`` states that the connection is known to be lost, which drivers report without a code.
    """
    table, code = _POSTGRESQL, getattr(error, "sqlstate", None)
    if code is None:
        table, code = _SQLITE, getattr(error, "sqlite_errorname", None)
    for prefix, (kind, problem, advice) in table.items():
        if code is not None and code.startswith(prefix):
            return kind(problem, advice)
    if cut and code is None:
        kind, problem, advice = _CUT
        return kind(f"{problem} ({_first_line(error)})", advice)
    return None


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
