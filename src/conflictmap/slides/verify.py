"""Whether an exported file still says what the store says: as it was made, and as known today.

Two questions, answered apart. Is the file as it was made? Its record is made again from the store,
and what both visibly say is compared: texts, table, chart and fills of a PPTX, each drawn part of
an SVG, text and drawing of a PDF, the pixels of a PNG. And does it still hold? The same view is
made from the latest revision and set beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from conflictmap.access import Sight
from conflictmap.errors import ConflictMapError, QueryError
from conflictmap.slides.deck_drawn import unlike_drawn
from conflictmap.slides.deck_reading import ReadSlide, read_deck
from conflictmap.slides.evidence import checksum
from conflictmap.slides.order import at_revision, order_of, sight_of, versions
from conflictmap.slides.reading_back import ReadPicture, format_of, read_picture
from conflictmap.slides.snapshot import Snapshot, Surroundings, export_snapshots, take_snapshot
from conflictmap.views.facts import Facts

MOST_TOLD = 40


@dataclass(frozen=True)
class Verdict:
    """What came out. ``tampering`` and ``changes`` are sentences; empty: none was found."""

    format: str
    slides: int
    revision: int
    latest: int
    tampering: tuple[str, ...]
    changes: tuple[str, ...]  # what the latest revision says otherwise
    notes: tuple[str, ...]

    @property
    def is_intact(self) -> bool:
        """Say whether the file visibly says what it said when it was made."""
        return not self.tampering

    def as_dictionary(self) -> dict[str, Any]:
        """Return the verdict for JSON."""
        return asdict(self) | {"is_intact": self.is_intact, "still_holds": not self.changes}

    def as_text(self, name: str) -> str:
        """Return the verdict in lines."""
        lines = [f"{name}: {self.format.upper()} of revision {self.revision}"]
        if self.is_intact:
            lines.append("It is as it was made.")
        else:
            lines.append("It was changed after it was made:")
            lines += _told(self.tampering)
        if self.changes:
            lines.append(f"The latest revision, {self.latest}, says otherwise:")
            lines += _told(self.changes)
        else:
            lines.append(f"Its numbers hold at the latest revision, {self.latest}.")
        return "\n".join([*lines, *self.notes])


def verify_file(
    content: bytes,
    facts_at: Callable[[int], Facts],
    around: Callable[[Facts], Surroundings],
    *,
    latest: int,
    coarse_facts_at: Callable[[int], Facts] | None = None,
) -> Verdict:
    """Compare an exported file with what this store makes of its record.

    Parameters
    ----------
    facts_at
        Gives what is known at a revision.
    around
        Gives what a slide takes from the installation.
    latest
        Number of the latest revision.
    coarse_facts_at
        Gives what those of coarse sight are given of a revision: their files are compared with it.
        Without it their files are refused.

    Raises
    ------
    QueryError
        If the file is none of ours, is damaged, or was made from another store or with other
        versions of what draws it, or while other restrictions were in force.
    """
    kind = format_of(content)
    by_sight = known_by_sight(facts_at, coarse_facts_at)
    read: Sequence[ReadSlide | ReadPicture] = (
        read_deck(content) if kind == "pptx" else [read_picture(content, kind)]
    )
    tampering: list[str] = []
    changes: list[str] = []
    notes: list[str] = []
    revision = 0
    for number, found in enumerate(read, start=1):
        record = found.record
        where = f"Slide {number}: " if len(read) > 1 else ""
        order = order_of(record)
        if kind != "pptx" and record.get("versions") != versions():
            raise QueryError(
                f"The file was made with {record.get('versions') or 'unknown versions'}, here are"
                f" {versions()}: its drawing cannot be compared. Use the same versions."
            )
        revision = order.query.revision or 0
        require_revision(revision, latest)
        sight, made_under = sight_of(record)
        known = by_sight(sight)
        facts = known(revision)
        require_policy(facts, made_under)
        expected = take_snapshot(facts, order, around(facts))
        if record.get("content_sha256") != checksum(expected.slide):
            tampering.append(
                f"{where}the checksum in its record is not that of this view at revision {revision}"
                " of this store"
            )
        differences = (
            _deck_differences(found, expected, facts)
            if isinstance(found, ReadSlide)
            else _picture_differences(found, expected, facts)
        )
        tampering += [f"{where}{line}" for line in differences]
        if expected.slide.title_is_own:
            notes.append(
                f"{where}The title was written by hand; no rule compares it with the data."
            )
        changes += [f"{where}{line}" for line in _changes(expected, known, around, latest)]
    return Verdict(
        kind, len(read), revision, latest, tuple(tampering), tuple(changes), tuple(notes)
    )


def known_by_sight(
    facts_at: Callable[[int], Facts], coarse_facts_at: Callable[[int], Facts] | None
) -> Callable[[Sight], Callable[[int], Facts]]:
    """Return what gives, for a sight, what it is given of a revision; each is read once."""
    known = {"full": lru_cache(maxsize=4)(facts_at)}
    if coarse_facts_at is not None:
        known["coarse"] = lru_cache(maxsize=4)(coarse_facts_at)

    def of(sight: Sight) -> Callable[[int], Facts]:
        if sight not in known:
            raise QueryError("The file was made for a viewer; here only full sight is compared.")
        return known[sight]

    return of


def require_policy(facts: Facts, made_under: str) -> None:
    """Refuse a file that was made while other restrictions were in force.

    Raises
    ------
    QueryError
        If they were: what it says otherwise may be what has been restricted or opened since.
    """
    if facts.sight == "coarse" and facts.policy != made_under:
        raise QueryError(
            "The file was made for a viewer while other restrictions were in force, so it cannot be"
            " compared with what a viewer is given today. Make it again."
        )


def require_revision(revision: int, latest: int) -> None:
    """Refuse a file of a revision that this store does not have.

    Raises
    ------
    QueryError
        If there is no such revision.
    """
    if not 0 < revision <= latest:
        raise QueryError(
            f"The file was made at revision {revision}; this store has {latest}. Use the store that"
            " it was made from."
        )


def _deck_differences(found: ReadSlide, expected: Snapshot, facts: Facts) -> Iterator[str]:
    """Give what a slide of a PPTX says otherwise than one made anew."""
    order = replace(order_of(expected.record), format="pptx")
    (wanted,) = read_deck(export_snapshots([expected], order, facts))
    yield from _unlike("title", {"": found.title}, {"": wanted.title})
    yield from _unlike("text", found.texts, wanted.texts)
    yield from _unlike("fill of", found.areas, wanted.areas)
    yield from _unlike("legend", found.swatches, wanted.swatches)
    yield from _unlike("places of incidents", {"": found.places}, {"": wanted.places})
    for name, said in unlike_drawn(found.drawn, wanted.drawn).items():
        yield f"drawing of {name}: the file has {said[:120]}, not {wanted.drawn.get(name, 'any')}"
    yield from _unlike("table, row", _numbered(found.rows), _numbered(wanted.rows))
    yield from _unlike("chart,", dict(found.bars), dict(wanted.bars))
    if found.workbook_bars != wanted.workbook_bars:
        yield "the workbook behind the chart holds other values"
    yield from found.problems


def _picture_differences(found: ReadPicture, expected: Snapshot, facts: Facts) -> Iterator[str]:
    """Give what a picture says or draws otherwise than one made anew."""
    order = order_of(expected.record)
    wanted = read_picture(export_snapshots([expected], order, facts), order.format)
    yield from _unlike("text", found.texts, wanted.texts)
    changed = [
        name
        for name in {**wanted.parts, **found.parts}
        if found.parts.get(name) != wanted.parts.get(name)
    ]
    if changed:
        named = [name for name in changed if name != "everything"] or ["a part without a name"]
        yield f"drawn otherwise: {', '.join(named[:MOST_TOLD])}"


def _unlike(what: str, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """Give each name under which two mappings hold something else."""
    for name in {**wanted, **found}:
        said, meant = found.get(name), wanted.get(name)
        if said != meant:
            yield f"{f'{what} {name}'.strip()}: the file says {_words(said)}, not {_words(meant)}"


def _words(value: Any) -> str:
    return "nothing" if value is None else f"'{str(value)[:120]}'"


def _numbered(rows: Any) -> dict[str, Any]:
    return {str(number): " | ".join(row) for number, row in enumerate(rows, start=1)}


def _changes(
    then: Snapshot,
    known: Callable[[int], Facts],
    around: Callable[[Facts], Surroundings],
    latest: int,
) -> Iterator[str]:
    """Give what the same view says otherwise at the latest revision."""
    before = then.slide
    if before.revision == latest:
        return
    facts = known(latest)
    try:
        order = at_revision(order_of(then.record), latest)
        now = take_snapshot(facts, order, around(facts)).slide
    except ConflictMapError as error:
        yield f"the view cannot be shown: {error}"
        return
    said_now = now.sayings()
    for name, said in before.sayings().items():
        for key in {**said, **said_now[name]}:
            was, there = said.get(key), said_now[name].get(key)
            if was != there:
                at = f"{name} {key}".strip()
                yield f"{at}: {_words(there)}, the file has {_words(was)}"


def _told(lines: tuple[str, ...]) -> list[str]:
    more = len(lines) - MOST_TOLD
    return [f"  {line}" for line in lines[:MOST_TOLD]] + (
        [f"  and {more} more"] if more > 0 else []
    )
