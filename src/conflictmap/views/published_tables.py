"""Comparisons with published figures in words and tables, no more certain than the figures are."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from conflictmap.schema import label
from conflictmap.views.figures import Figure
from conflictmap.views.published import Comparison, known
from conflictmap.views.scopes import NOT_CODED

_STANDINGS = {
    "inside": "Dated to the period",
    "not dated": "Not dated to the period",
    "outside": "Outside the period",
}


def comparison_table(compared: Iterable[Comparison]) -> pd.DataFrame:
    """Return comparisons as a table for the screen, a row a figure."""
    return pd.DataFrame(
        [
            {
                "Figure": row.label,
                "Published": published_words(row),
                "Ours": ours_words(row),
                "Difference": difference_words(row) or "none",
                "Listed by the report": listed_words(row),
                "List less figure": listed_difference_words(row),
                "Why there is no difference": row.reason,
                "Publisher": row.publisher,
                "Report": row.source_id,
            }
            for row in compared
        ]
    )


def own_counts_table(compared: Comparison) -> pd.DataFrame:
    """Return our own counts for one figure: what counts, and what might but does not."""
    counts = {"All reports": compared.all_reports, "This report only": compared.same_report}
    return pd.DataFrame(
        [
            {
                "Counted over": name,
                "In period and area": figure_words(own.counted),
                "Difference": _less(
                    compared.difference_to(known(own.counted)), compared.qualifier, own.counted
                ),
                "Not dated": figure_words(own.not_dated),
                "Place not known": figure_words(own.not_placed),
                "Outside the period": figure_words(own.outside),
                "Incidents counted": own.counted.incidents,
                "of these without a figure": own.counted.not_stated,
            }
            for name, own in counts.items()
            if own is not None
        ]
    )


def listed_table(compared: Comparison) -> pd.DataFrame:
    """Return how all that a report lists adds up: a row a part, the sum last."""
    if compared.listed is None:
        return pd.DataFrame()
    rows = [
        (_STANDINGS[part.standing], "yes" if part.is_named else "no", part.figure)
        for part in compared.listed.parts
    ]
    table = pd.DataFrame(
        [
            {
                "Part": name,
                "Names the actor": named,
                label(compared.measure): figure_words(figure),
                "Incidents": figure.incidents,
                "of these without a figure": figure.not_stated,
            }
            for name, named, figure in [*rows, ("Together", "", compared.listed.figure)]
        ]
    )
    return table if compared.actor else table.drop(columns="Names the actor")


def published_words(compared: Comparison) -> str:
    """Return the figure with its qualifier: "at least 96", "-17", "words only"."""
    if compared.value is None:
        return "words only"
    limits = {"at_least": "at least ", "around": "around ", "range": "up to "}
    shown = f"{compared.value:+d}" if compared.statistic == "change" else str(compared.value)
    return limits.get(compared.qualifier, "") + shown


def ours_words(compared: Comparison) -> str:
    """Return our own count as the screen shows it: "0 of 22 coded", "at least 73"."""
    if compared.statistic == "change":
        return "not compared" if compared.our_change is None else f"{compared.our_change:+d}"
    if compared.all_reports is None:
        return "not coded" if compared.reason == NOT_CODED else "not compared"
    counted = compared.all_reports.counted
    # "0 of 22" needs a figure of single incidents that all could be coded.
    if compared.measure == "incidents" and counted.incidents <= (compared.value or -1):
        return f"{counted.incidents} of {published_words(compared)} coded"
    return figure_words(counted)


def difference_words(compared: Comparison) -> str:
    """Return the difference with what the two figures leave open; empty where there is none."""
    counted = compared.all_reports.counted if compared.all_reports else Figure()
    return _less(compared.difference, compared.qualifier, counted)


def listed_words(compared: Comparison) -> str:
    """Return what the report itself lists; empty where the figure is not the report's own."""
    return figure_words(compared.listed.figure) if compared.listed else ""


def listed_difference_words(compared: Comparison) -> str:
    """Return what the report itself lists less the figure that it gives."""
    figure = compared.listed.figure if compared.listed else Figure()
    return _less(compared.listed_difference, compared.qualifier, figure)


def left_out_words(compared: Comparison) -> str:
    """Return the harm that a report lists to groups outside its figure; empty for none."""
    if compared.listed is None or not compared.listed.left_out:
        return ""
    groups = ", ".join(
        f"{name}: {figure_words(figure)}" for name, figure in compared.listed.left_out
    )
    return f"Coded from the same report, to other victim groups: {groups}."


def explanation(compared: Comparison) -> str:
    """Return what rows show of a difference: fixed words and numbers only.

    What no row shows is called unexplained, never guessed.
    """
    if compared.reason:
        return compared.reason
    if compared.difference == 0:
        return "The two figures are the same."
    parts = [f"Difference {difference_words(compared)}."]
    if compared.listed is not None:
        parts.append(
            f"The report itself lists {listed_words(compared)} at any date and whoever did it:"
            f" {listed_difference_words(compared)} against its own figure."
        )
        if compared.listed_difference == 0:
            parts.append(
                "So the difference is made of what is not dated to the period, lies outside it,"
                " or stands for incidents whose perpetrator the report leaves open."
                if compared.actor
                else "So the difference is made of what is not dated to the period or outside it."
            )
            return " ".join(parts)
    parts.append("It is unexplained.")
    if compared.measure == "incidents" and compared.ours == 0:
        parts.append("A count that is published without single events makes no incidents here.")
    not_dated = compared.all_reports.not_dated.incidents if compared.all_reports else 0
    if not_dated == 1:
        parts.append("1 incident that is not dated may or may not belong to the period.")
    elif not_dated:
        parts.append(
            f"{not_dated} incidents that are not dated may or may not belong to the period."
        )
    return " ".join(parts)


def figure_words(figure: Figure) -> str:
    """Return a sum no more certain than it is: "96", "at least 96", "around 140", "not stated"."""
    if figure.best is None:
        return "not stated" if figure.incidents else "0"
    if figure.low == figure.best == figure.high:
        return str(figure.best)
    if figure.high is None:
        return f"{'around' if figure.low is None else 'at least'} {figure.best}"
    return f"{figure.best} ({figure.low} to {figure.high})"


def _less(difference: int | None, qualifier: str, ours: Figure) -> str:
    """Return a difference in words.

    Against "at least 96" it can only be lower still; where ours is "at least", only higher.
    """
    if difference is None:
        return ""
    shown = f"{difference:+d}" if difference else "0"
    is_least = ours.best is not None and ours.low is not None and ours.high is None
    if qualifier == "around" or (ours.best is not None and ours.low is None):
        return f"around {shown}"
    if qualifier == "at_least":
        return f"{shown} (both at least)" if is_least else f"{shown} or lower"
    return f"{shown} or higher" if is_least else shown
