"""What a store's engine says went wrong, in words that are fit for the screen.

The driver's own words hold statements, values of rows and addresses with passwords: none of them
goes on, not even as the cause of our error, since whatever writes down an error writes down its
cause. What stays is the name of the fault, and its code where the engine gives one.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from conflictmap.errors import StoreError

CheckSettings = (
    "The store cannot be opened. Check CONFLICTMAP_STORE, that its folder can be written or its"
    " server is running, and that the disk is not full"
)

# SQLSTATE of PostgreSQL, or its first two letters, and names of SQLite's results.
_BUSY = ("55P03", "53300", "SQLITE_BUSY", "SQLITE_LOCKED")
_TOO_LONG = ("57014", "25P03", "SQLITE_INTERRUPT")
_FULL = ("53100", "SQLITE_FULL")
_READ_ONLY = ("25006", "42501", "SQLITE_READONLY", "SQLITE_PERM")
_GONE = ("08", "57P0", "SQLITE_CANTOPEN", "SQLITE_IOERR")
_DAMAGED = ("XX00", "SQLITE_CORRUPT", "SQLITE_NOTADB")


def open_fault(error: Exception) -> StoreError:
    """Return the error to raise where a store cannot be opened."""
    if _is(error, _BUSY):
        return StoreError("The store is busy: others are at work in it. Try again in a minute.")
    return StoreError(f"{CheckSettings} ({_name(error)}).")


def read_fault(error: Exception) -> StoreError:
    """Return the error to raise where a store cannot be read."""
    if _is(error, _BUSY) or isinstance(error, sa.exc.TimeoutError):
        return StoreError("The store is busy: too many are reading at once. Reload in a minute.")
    if _is(error, _TOO_LONG):
        return StoreError(
            "The store took too long to answer, and the question was given up. Narrow the period"
            " or the area, or try again later."
        )
    if _is(error, _DAMAGED):
        return StoreError(
            "The store is damaged and cannot be read. Run `conflictmap doctor`, and restore the"
            f" last backup ({_name(error)})."
        )
    return StoreError(
        f"The store cannot be read. Check that it is there and running, then reload"
        f" ({_name(error)})."
    )


def write_fault(error: Exception) -> StoreError:
    """Return the error to raise where a change was not made; nothing of it is then stored."""
    for codes, words in _WRITING:
        if _is(error, codes):
            return StoreError(f"Nothing was written: {words}")
    for kind, tell in _WRITING_KINDS.items():
        if isinstance(error, kind):
            return StoreError(tell(error))
    return StoreError(
        "Nothing was written: the store cannot be written. Check that its disk is not full and"
        f" that it is running, then try again ({_name(error)})."
    )


_WRITING = (
    (_BUSY, "the store is busy: somebody else is writing. Try again in a minute."),
    (_TOO_LONG, "it took too long and was given up. Try again later, or in smaller parts."),
    (_FULL, "the disk of the store is full. Make room, then try again."),
    (_READ_ONLY, "the store may only be read. Check its rights, then try again."),
    (_GONE, "the store was lost on the way. Check that it is running, then try again."),
    (_DAMAGED, "the store is damaged. Run `conflictmap doctor`, and restore the last backup."),
)

_WRITING_KINDS: dict[type[Exception], Callable[[Exception], str]] = {
    sa.exc.IntegrityError: lambda error: (
        "Nothing was published: a row has the key of one that is already there. Withdraw that one"
        " in the same publication, or give the new one another id."
    ),
    sa.exc.TimeoutError: lambda error: (
        "Nothing was written: the store is busy: too many are writing at once. Try again in a"
        " minute."
    ),
    sa.exc.DataError: lambda error: (
        "Nothing was written: a value is of a kind or size that the store cannot hold"
        f" ({_name(error)})."
    ),
    UnicodeError: lambda error: (
        "Nothing was written: a text holds characters that are no text. Type it again."
    ),
}


def _is(error: Exception, codes: tuple[str, ...]) -> bool:
    code = _code(error)
    if codes is _GONE and not code:  # a server that is not there gives no code either
        return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
    return code.startswith(codes)


def _code(error: Exception) -> str:
    """Return PostgreSQL's SQLSTATE or the name of SQLite's result; "" where there is none."""
    raised = getattr(error, "orig", None) or error
    found = getattr(raised, "sqlstate", None) or getattr(raised, "sqlite_errorname", None)
    return str(found or "")


def _name(error: Exception) -> str:
    """Return the kind of an error and its code: fixed words, nothing of what it was about."""
    return " ".join(filter(None, (type(error).__name__, _code(error))))
