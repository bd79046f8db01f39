"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, in a sentence, and how to mend it."""

    state: State
    name: str  # a word or two, always the same for the same thing
    what: str
    mend: str = ""  # empty where all is well


def ok(name: str, what: str) -> Finding:
    """Return that a thing is well."""
    return Finding("ok", name, what)


def warning(name: str, what: str, mend: str) -> Finding:
    """Return that a thing works and needs a look."""
    return Finding("warning", name, what, mend)


def wrong(name: str, what: str, mend: str) -> Finding:
    """Return that a thing does not work, or cannot be trusted."""
    return Finding("wrong", name, what, mend)
