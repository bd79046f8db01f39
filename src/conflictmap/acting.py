"""For whom a command of the command line acts."""

from __future__ import annotations

from conflictmap.access import LOCAL_ADMINISTRATOR, SOMEBODY_OF, Sight, Viewer, require
from conflictmap.errors import AccessError
from conflictmap.settings import Settings
from conflictmap.store import Store, role_of


def acting_viewer(settings: Settings, store: Store) -> Viewer:
    """Return who gives a command: on a laptop the local administrator.

    Where the dashboard is hosted, it is the person of CONFLICTMAP_AS with the role that the rules
    for their address and domain give; the command line knows no groups.

    Raises
    ------
    AccessError
        If the person is not named, or has no role.
    """
    if not settings.is_hosted:
        return LOCAL_ADMINISTRATOR
    if not settings.acts_as:
        raise AccessError(
            "This dashboard is hosted: say who gives the command. Set CONFLICTMAP_AS to your e-mail"
            " address, for example CONFLICTMAP_AS=name@example.org conflictmap report."
        )
    role = role_of(store, settings.acts_as, first_administrator=settings.first_administrator)
    if role is None:
        raise AccessError(
            f"No rule gives {settings.acts_as} a role. Ask an administrator, or name the first one"
            " in CONFLICTMAP_FIRST_ADMINISTRATOR."
        )
    return Viewer(settings.acts_as, role)


def acting_at(viewer: Viewer, sight: Sight) -> Viewer:
    """Return for whom a viewer makes again what was made at a sight.

    Raises
    ------
    AccessError
        If it was made by somebody who is given more than the viewer is.
    """
    if sight == "full":
        require(viewer, "see exact places")
    return SOMEBODY_OF[sight]
