"""Sentences on published figures: reports' words are quoted, our arithmetic is called so."""

from __future__ import annotations

from collections.abc import Iterable

from conflictmap.brief.comparisons import Published
from conflictmap.brief.model import Paragraph
from conflictmap.brief.scope import period_name
from conflictmap.brief.words import incidents
from conflictmap.schema import label
from conflictmap.views.figures import Figure, combine
from conflictmap.views.published import Comparison, known
from conflictmap.views.published_tables import (
    figure_words,
    listed_words,
    ours_words,
    published_words,
)


def sentences_on(
    own: list[Published], inside: list[Published], everything: list[Published]
) -> Iterable[Paragraph]:
    """Return the sentences on the figures of one publisher."""
    for one in own:
        if one.is_total:
            yield Paragraph(f"published-total-{one.row.tally_id}", _total(one, everything))
    for one in own:
        if one.compared.statistic == "change" and not one.is_arithmetic:
            yield Paragraph(f"published-change-{one.row.tally_id}", _change(one, inside))
    for one in own:
        if one.is_total and _is_largest(one, inside) and (text := _parts(one, inside)):
            yield Paragraph(f"published-parts-{one.row.tally_id}", text)
    for one in own:
        if text := _fit(one):
            yield Paragraph(f"published-fit-{one.row.tally_id}", text)
        if one.compared.statistic == "concentrated_in":
            yield Paragraph(
                f"published-concentrated-{one.row.tally_id}",
                f"{one.compared.publisher}: {one.compared.label}. It gives no numbers for them:"
                f" {one.compared.areas}.",
            )


def _total(one: Published, everything: list[Published]) -> str:
    """Return a published total, that of the period before, and how many of it we hold."""
    compared, before = one.compared, _before(one, everything)
    said = published_words(compared)
    text = (
        f"{compared.publisher} published {said} incidents for {period_name(one.period)}"
        f" ({compared.areas})"
    )
    if before is not None:
        then = published_words(before.compared)
        text += f" against {then} for {period_name(before.period)}"
        if compared.qualifier == before.compared.qualifier == "exactly":
            fall = (compared.value or 0) - (before.compared.value or 0)
            text += f"; by our arithmetic {said} - {then} = {fall}"
    own = compared.all_reports
    if own is None:
        return f"{text}. Ours is not set beside it: {compared.reason}"
    n = own.counted.incidents
    held = f"none of these {said}" if not n else f"{n:,}, set against these {said}"
    return (
        f"{text}. Our own coded incidents dated to that period and placed in that area:"
        f" {held}." + (" Whether they are the same incidents is not known." if n else "")
    )


def _before(one: Published, everything: list[Published]) -> Published | None:
    """Return the same publisher's total of the period before; None where it is not among them."""
    for other in everything:
        same = (other.compared.publisher, other.compared.areas) == (
            one.compared.publisher,
            one.compared.areas,
        )
        if other.is_total and same and other.period == one.period.before():
            return other
    return None


def _change(one: Published, inside: list[Published]) -> str:
    """Return a change in the report's own words, beside our arithmetic on published figures."""
    compared = one.compared
    words = f'"{compared.words}"' if compared.words else published_words(compared)
    text = (
        f"Of a change, the report on {compared.publisher} says in its own words: {words}"
        f" ({published_words(compared)}; {compared.label}; of {one.whose})."
    )
    for other in inside:
        ours = other.compared
        if not other.is_arithmetic or ours.statistic != "change":
            continue
        if (ours.source_id, ours.measure, other.period) == (
            compared.source_id,
            compared.measure,
            one.period,
        ):
            text += (
                f" Beside it, our arithmetic on published figures: {published_words(ours)}"
                f" ({ours.words}; of {other.whose})."
            )
            if other.whose != one.whose:
                text += " The two are statements on different things."
    return text


def _parts(one: Published, inside: list[Published]) -> str:
    """Return the parts of a total that its publisher gives, and what they leave."""
    same = [
        other
        for other in inside
        if other is not one
        and other.period == one.period
        and other.compared.source_id == one.compared.source_id
        and (other.compared.measure, other.compared.statistic) == ("incidents", "count")
    ]
    own = [
        other
        for other in same
        if other.compared.publisher == one.compared.publisher and not other.is_arithmetic
    ]
    left = [
        f"{published_words(other.compared)} ({other.compared.label})"
        for other in same
        if other.is_arithmetic
    ]
    wholes = [part for part in own if part.compared.areas == one.compared.areas]
    parts = [_part(part, [of for of in own if _is_part(of, part)]) for part in wholes]
    parts += [
        f"{part.whose} in {part.compared.areas}: {_said(part.compared)}"
        for part in own
        if part not in wholes and not any(_is_part(part, whole) for whole in wholes)
    ]
    if not parts:
        return ""
    text = f"Of the {published_words(one.compared)}, as published: {'; '.join(parts)}."
    if left:
        text += f" Our arithmetic on them: {'; '.join(left)}."
    return text


def _is_largest(one: Published, inside: list[Published]) -> bool:
    """Say whether no other total of the same report and period is larger: then others are parts."""
    return all(
        (other.compared.value or 0) <= (one.compared.value or 0)
        for other in inside
        if other.is_total
        and (other.compared.source_id, other.period) == (one.compared.source_id, one.period)
    )


def _part(whole: Published, parts: list[Published]) -> str:
    """Return a part of a total, with its own parts by area."""
    text = f"{whole.whose}: {_said(whole.compared)}"
    inner = ", ".join(f"{_said(part.compared)} in {part.compared.areas}" for part in parts)
    return f"{text}, of these {inner}" if inner else text


def _is_part(part: Published, whole: Published) -> bool:
    return part.whose == whole.whose and part.compared.areas != whole.compared.areas


def _said(compared: Comparison) -> str:
    return f"{published_words(compared)} (ours: {_holds(compared)})"


def _fit(one: Published) -> str:
    """Return that a figure does not fit its own period, where its report's own list shows it."""
    compared = one.compared
    if compared.listed is None or compared.listed_difference != 0 or one.period.days is None:
        return ""
    if not known(_sum_of(compared, "outside")):
        return ""
    sums = {
        standing: figure_words(_sum_of(compared, standing))
        for standing in ("inside", "not dated", "outside")
    }
    return (
        f"The figure of {compared.publisher}, {published_words(compared)}"
        f" {label(compared.measure).lower()} ({compared.label}), does not fit its own period,"
        f" {period_name(one.period)}. All that its report lists, at any date and whoever did it,"
        f" is {listed_words(compared)}: {sums['inside']} dated inside that period,"
        f" {sums['not dated']} not dated to it, and {sums['outside']} outside it"
        " by the report's own words."
    )


def _sum_of(compared: Comparison, standing: str) -> Figure:
    assert compared.listed is not None
    return combine(part.figure for part in compared.listed.parts if part.standing == standing)


def _holds(compared: Comparison) -> str:
    if compared.all_reports is None:
        return ours_words(compared)
    n = compared.all_reports.counted.incidents
    return "none coded" if not n else f"{incidents(n)} coded"
