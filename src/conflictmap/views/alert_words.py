"""Alerts in lines of plain text, for a page and a mail. Ids of incidents are text of sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from conflictmap.views.alerts import Alert, Alerts


def alert_lines(alert: Alert) -> Iterator[str]:
    """Give what an alert says and stands on; all lines but the first are indented."""
    yield f"{alert.words}; {alert.when.label}"
    yield f"  figure: {alert.figure.words}" + (
        f" ({alert.figure.not_stated} incidents gave no figure)" if alert.figure.not_stated else ""
    )
    if alert.by_best_only:
        yield "  its lower end is not stated, or would not meet the rule"
    if alert.baseline:
        past = alert.baseline
        yield (
            f"  baseline: {past.mean:.1f} on average and at most {past.highest:,} in {past.periods}"
            f" periods before; limit {past.limit:,}"
        )
    if alert.reports:
        yield f"  counted from: {', '.join(alert.reports)}"
    yield (
        f"  beside it, in the whole country: {alert.not_placed} not placed,"
        f" {alert.not_dated} not dated to the period"
    )
    yield f"  incidents ({len(alert.incidents)}): {', '.join(alert.incidents)}"


def summary_lines(alerts: Alerts) -> Iterator[str]:
    """Give how many answers of each kind there are, and how many alerts chance alone would make."""
    yield (
        f"Answers asked for, a rule in a period each: {alerts.asked:,}. Below the threshold, as far"
        f" as is reported: {len(alerts.not_met):,}. Too few to say: {len(alerts.too_few):,}."
    )
    for reason, number in Counter(one.reason for one in alerts.too_few).most_common():
        yield f"  {number:,}: {reason}"
    if alerts.compared:
        yield (
            f"{alerts.compared:,} were compared with a baseline. If nothing had changed, up to"
            f" {alerts.by_chance:.1f} of them would still be above it."
        )
