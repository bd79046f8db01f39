"""What changed since an earlier revision, in lines of plain text for a page, a mail or a file.

Ids and values are text of sources: to be shown as text only.
"""

from __future__ import annotations

from collections.abc import Iterator

from conflictmap.views.changes_since import ChangesSince, IdChanges

MOST_LISTED = 12
"""Incidents, fields and figures told one by one; how many more there are is said."""

_NOUNS = {
    "sources": "reports",
    "tallies": "published figures",
    "claims": "claims",
    "deployments": "deployments",
    "units": "units",
    "actors": "armed groups and forces",
    "coverage": "statements of coverage",
}


def changes_lines(changes: ChangesSince) -> tuple[str, ...]:
    """Return what changed, headline numbers first, then incidents, figures and other rows."""
    if changes.is_empty:
        return (f"Nothing has changed between revision {changes.before} and {changes.after}.",)
    return (
        f"From revision {changes.before} to revision {changes.after}:",
        *(f"{one.words[0].upper()}{one.words[1:]}." for one in changes.headlines),
        *_incidents(changes),
        *_fields(changes),
        *_figures(changes),
        *(
            line
            for noun, what in changes.nouns.items()
            if (line := _noun(_NOUNS.get(noun, noun), what))
        ),
    )


def _incidents(changes: ChangesSince) -> Iterator[str]:
    for ids, words in (
        (changes.added, "Added"),
        (changes.withdrawn, "Withdrawn"),
        (changes.recoded, "Coded otherwise"),
        (changes.refigured, "Figures revised"),
    ):
        if ids:
            yield f"{words}: {len(ids):,} incident{'' if len(ids) == 1 else 's'}: {_listed(ids)}."
    if changes.elsewhere:
        yield f"{changes.elsewhere:,} more incidents changed outside this period and filters."


def _fields(changes: ChangesSince) -> Iterator[str]:
    rows = changes.fields
    for row in rows.head(MOST_LISTED).itertuples():
        yield (
            f"{row.incident_id}, {row.table}, {row.column}: was"
            f" {_quoted(row.before)}, is {_quoted(row.after)}."
        )
    if len(rows) > MOST_LISTED:
        yield f"and {len(rows) - MOST_LISTED:,} more fields."


def _figures(changes: ChangesSince) -> Iterator[str]:
    rows = changes.figures
    for row in rows.head(MOST_LISTED).itertuples():
        yield (
            f"{row.incident_id}, {row.victim_group} {row.harm}: was {_figure(row, 'before')}, is"
            f" {_figure(row, 'after')}."
        )
    if len(rows) > MOST_LISTED:
        yield f"and {len(rows) - MOST_LISTED:,} more figures."


def _figure(row: object, when: str) -> str:
    ends = [
        str(value) for value in (getattr(row, f"{name}_{when}") for name in ("low", "best", "high"))
    ]
    return "low {}, best {}, high {}".format(*ends).replace("<NA>", "not stated")


def _noun(words: str, what: IdChanges) -> str:
    parts = [
        f"{len(ids):,} {kind}"
        for ids, kind in (
            (what.added, "added"),
            (what.withdrawn, "withdrawn"),
            (what.changed, "changed"),
        )
        if ids
    ]
    return f"{words[0].upper()}{words[1:]}: {', '.join(parts)}." if parts else ""


def _listed(ids: tuple[str, ...]) -> str:
    more = len(ids) - MOST_LISTED
    shown = ", ".join(ids[:MOST_LISTED])
    return f"{shown} and {more:,} more" if more > 0 else shown


def _quoted(text: object) -> str:
    return "nothing" if text is None or text != text or text == "" else f"'{text}'"
