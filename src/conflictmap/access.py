"""Who may do what.

Every read and write of the store takes a viewer and is decided here, where the data is read, so
that no page, command or export can forget to ask. On a laptop the viewer is the local
administrator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conflictmap.errors import AccessError

Role = Literal["viewer", "briefer", "analyst", "administrator"]
Action = Literal[
    "read",
    "make exports",  # slides and briefs; a table's CSV is part of reading it
    "keep briefs",
    "see exact places",  # and whatever else is restricted
    "publish",  # uploads, corrections, roll-backs, restrictions
    "administer",  # people, roles, audit log, backup
]
Sight = Literal["full", "coarse"]
RestrictedField = Literal["everything", "place", "words", "figures", "attributions"]

_VIEWER: frozenset[Action] = frozenset({"read"})
_BRIEFER: frozenset[Action] = _VIEWER | {"make exports", "keep briefs"}
_ANALYST: frozenset[Action] = _BRIEFER | {"see exact places", "publish"}

MAY: dict[Role, frozenset[Action]] = {
    "viewer": _VIEWER,
    "briefer": _BRIEFER,
    "analyst": _ANALYST,
    "administrator": _ANALYST | {"administer"},
}


@dataclass(frozen=True)
class Viewer:
    """The person for whom something is read or written."""

    name: str
    role: Role

    def may(self, action: Action) -> bool:
        """Say whether the role allows the action. An unknown role is allowed nothing."""
        return action in MAY.get(self.role, frozenset())

    @property
    def sight(self) -> Sight:
        """Return what the viewer is given of the same rows; caches are keyed by it."""
        return "full" if self.may("see exact places") else "coarse"


LOCAL_ADMINISTRATOR = Viewer("local administrator", "administrator")

SOMEBODY_OF: dict[Sight, Viewer] = {
    "full": LOCAL_ADMINISTRATOR,
    "coarse": Viewer("somebody of coarse sight", "viewer"),
}
"""For whom the command line reads what was made at a sight, to make it again."""


def require(viewer: Viewer, action: Action) -> None:
    """Refuse the action unless the viewer may do it.

    Raises
    ------
    AccessError
        With the role and the action; never with a row's content.
    """
    if not viewer.may(action):
        raise AccessError(
            f"The role '{viewer.role}' may not {action}. Ask an administrator for another role."
        )


def require_own(viewer: Viewer, action: Action, owner: str) -> None:
    """Refuse the action on an object of somebody else, unless the viewer is an administrator.

    Raises
    ------
    AccessError
        As `require`; without the owner's name.
    """
    require(viewer, action)
    if owner != viewer.name and not viewer.may("administer"):
        raise AccessError("This belongs to somebody else. Ask them, or an administrator.")
