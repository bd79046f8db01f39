"""A filter in words: what a map without its controls must say about which incidents it shows."""

from __future__ import annotations

from conflictmap.filters import KNOWN_NAMES, IncidentFilter
from conflictmap.schema import label
from conflictmap.views.facts import Facts


def filter_words(facts: Facts, chosen: IncidentFilter) -> tuple[str, ...]:
    """Return what a filter leaves in, a line a field; none where it leaves all in.

    The period is not among them. Names of actors and of reports are those of the tables at the
    revision of the facts: text of a source, to be shown as text only.
    """
    actors = _names(facts, "actors", "actor_id", "name", chosen.actors)
    lines = [
        ("Actors", actors),
        ("Types of incident", [label(kind) for kind in chosen.event_types]),
        ("People harmed", [label(group) for group in chosen.victim_groups]),
        ("Communities targeted", [label(community) for community in chosen.communities]),
        ("Reports", list(chosen.sources)),
    ]
    if chosen.known != "any":
        lines.append(("Attribution", [KNOWN_NAMES[chosen.known].lower()]))
    return tuple(f"{field}: {', '.join(values)}" for field, values in lines if values)


def _names(facts: Facts, table: str, key: str, name: str, ids: tuple[str, ...]) -> list[str]:
    """Return the names of ids in the order given; an id without a name stands for itself."""
    rows = facts.tables[table]
    names = dict(zip(rows[key], rows[name], strict=True))
    return [names.get(one) or one for one in ids]
