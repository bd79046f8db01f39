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
Action = Literal["read", "read exact coordinates", "keep briefs", "publish", "read audit"]

_MAY: dict[Role, frozenset[Action]] = {
    "viewer": frozenset({"read"}),
    "briefer": frozenset({"read", "keep briefs"}),
    "analyst": frozenset({"read", "read exact coordinates", "keep briefs", "publish"}),
    "administrator": frozenset(
        {"read", "read exact coordinates", "keep briefs", "publish", "read audit"}
    ),
}


@dataclass(frozen=True)
class Viewer:
    """The person for whom something is read or written."""

    name: str
    role: Role

    def may(self, action: Action) -> bool:
        """Say whether the role allows the action. An unknown role is allowed nothing."""
        return action in _MAY.get(self.role, frozenset())


LOCAL_ADMINISTRATOR = Viewer("local administrator", "administrator")


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
