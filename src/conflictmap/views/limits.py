"""Who is shown small numbers, and what is not listed to whom they are not shown."""

from __future__ import annotations

from conflictmap.access import Sight, Viewer
from conflictmap.errors import QueryError
from conflictmap.settings import Settings

NOT_LISTED = (
    "Incidents are not listed singly while small numbers are suppressed: each is a count of one."
    " The map and its table have the counts that are shown."
)

LATEST_ONLY = (
    "Only the latest revision is shown while small numbers are suppressed: a small number could be"
    " found by subtracting two revisions. Choose the latest."
)

SHOWN_TO_ANALYSTS = (
    "Viewers and briefers are not shown numbers under {below}, nor single incidents. Analysts see"
    " all, here too: take care with what leaves this page."
)


def limit_for(settings: Settings, viewer: Viewer) -> int:
    """Return the smallest number that a viewer is shown; 0 where all are.

    In hosted use analysts, who see exact places, see all; on a laptop the setting is for everybody.
    """
    return limit_at(settings, viewer.sight)


def limit_at(settings: Settings, sight: Sight) -> int:
    """Return the smallest number that is shown of what a sight is given; see `limit_for`."""
    return 0 if settings.is_hosted and sight == "full" else settings.suppress_below


def note_for(settings: Settings, viewer: Viewer) -> str:
    """Return what a viewer who sees all has to know of what others see; empty for the rest."""
    if not settings.suppress_below or limit_for(settings, viewer):
        return ""
    return SHOWN_TO_ANALYSTS.format(below=settings.suppress_below)


def require_latest(settings: Settings, sight: Sight, revision: int | None, latest: int) -> None:
    """Refuse counts of an earlier revision where small numbers are suppressed.

    Raises
    ------
    QueryError
        With the reason.
    """
    if limit_at(settings, sight) and revision not in (None, latest):
        raise QueryError(LATEST_ONLY)


def require_lists(settings: Settings, sight: Sight) -> None:
    """Refuse a list of single incidents where small numbers are suppressed.

    Raises
    ------
    QueryError
        With the reason.
    """
    if limit_at(settings, sight):
        raise QueryError(NOT_LISTED)
