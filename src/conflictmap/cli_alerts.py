"""The command ``alerts``: which rules are met, as text that a scheduler can mail, or as JSON."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from conflictmap.acting import acting_viewer
from conflictmap.boundaries import read_edition
from conflictmap.errors import QueryError
from conflictmap.mark import MARK, SENTENCE
from conflictmap.settings import Settings
from conflictmap.store import Store, open_store
from conflictmap.views.alert_rules import MOST_LETTERS, AlertRule, default_rules, read_rules
from conflictmap.views.alert_words import alert_lines, summary_lines
from conflictmap.views.alerts import Alert, Alerts, met_alerts
from conflictmap.views.archive_facts import open_facts
from conflictmap.views.facts import Facts
from conflictmap.views.limits import limit_at
from conflictmap.views.query import EARLIEST, LATEST

# What a scheduler learns from the exit code; 1 is an error, 2 an option that does not exist.
NOTHING_MET, SOMETHING_MET = 0, 4

_DESCRIPTION = (
    "Without --rules: people killed in the country, and incidents in each province, by month, above"
    " their own baselines. Exit codes: 0 no rule is met, 4 one is met, 1 or 2 an error. No alert"
    " does not mean that nothing happened: where too little is reported the answer is 'too few'."
)


@dataclass(frozen=True)
class _Found:
    """What is told: the alerts, and of a revision those that were not or are no longer met."""

    alerts: Alerts
    rules: int
    asked: str  # of which periods, in words
    no_longer: tuple[Alert, ...] = ()
    since_revision: int | None = None


def add_commands(commands: Any) -> None:
    """Add ``alerts`` to the command's sub-commands."""
    alerts = commands.add_parser(
        "alerts", help="tell which alert rules are met", description=_DESCRIPTION
    )
    alerts.add_argument(
        "--since",
        metavar="DATE|REVISION",
        help="a day: periods that end after it; a number: what was not met at that revision;"
        " by default the period of the last day that is known",
    )
    alerts.add_argument(
        "--until", metavar="YYYY-MM-DD", help="last day; by default the last one that is known"
    )
    alerts.add_argument("--rules", type=Path, metavar="FILE.json", help="a list of rules")
    alerts.add_argument("--json", action="store_true")
    alerts.set_defaults(run=_alerts)


def _alerts(options: argparse.Namespace, settings: Settings) -> int:
    store = open_store(settings.store_url)
    since = options.since or ""
    revision = int(since) if re.fullmatch(r"[0-9]{1,7}", since) else None
    day = _day("--since", since) if since and revision is None else None
    until = _day("--until", options.until) if options.until else None
    facts = _facts(store, settings, None)
    rules = _rules(options.rules, facts)
    last = until or facts.last_date
    if revision is None:
        alerts = _met(facts, rules, day, last, settings)
        found = _Found(alerts, len(rules), _asked(day, last))
    else:
        then = _facts(store, settings, revision)
        found = _new_ones(then, facts, rules, last, settings)
    print(_as_json(found) if options.json else "\n".join(_as_text(found)))
    return SOMETHING_MET if found.alerts.met else NOTHING_MET


def _facts(store: Store, settings: Settings, revision: int | None) -> Facts:
    edition = read_edition(settings.edition_folder)
    viewer = acting_viewer(settings, store)
    is_limited = bool(limit_at(settings, viewer.sight))
    return open_facts(store, edition, viewer=viewer, revision=revision, is_limited=is_limited)


def _met(
    facts: Facts,
    rules: tuple[AlertRule, ...],
    since: dt.date | None,
    until: dt.date | None,
    settings: Settings,
) -> Alerts:
    below = limit_at(settings, facts.sight)
    return met_alerts(facts, rules, since=since, until=until, suppress_below=below)


def _new_ones(
    then: Facts,
    now: Facts,
    rules: tuple[AlertRule, ...],
    last: dt.date | None,
    settings: Settings,
) -> _Found:
    """Return what is met now, in any period, and was not met at a revision."""
    firsts = [facts.first_date for facts in (then, now) if facts.first_date]
    before_all = max(min(firsts, default=EARLIEST), EARLIEST) - dt.timedelta(days=1)
    old, new = (_met(facts, rules, before_all, last, settings) for facts in (then, now))
    was, still = ({(alert.rule, alert.when.key) for alert in alerts.met} for alerts in (old, new))
    fresh = tuple(alert for alert in new.met if (alert.rule, alert.when.key) not in was)
    gone = tuple(alert for alert in old.met if (alert.rule, alert.when.key) not in still)
    asked = f"all periods; only what was not met at revision {then.revision}"
    return _Found(replace(new, met=fresh), len(rules), asked, gone, then.revision)


def _rules(path: Path | None, facts: Facts) -> tuple[AlertRule, ...]:
    if path is None:
        return default_rules(facts)
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MOST_LETTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(
            f"{path.name} cannot be read ({type(error).__name__}). Check its name and its rights,"
            " and that it is text in UTF-8."
        ) from error
    return read_rules(text, facts, label=path.name)


def _day(option: str, text: str) -> dt.date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = dt.date.fromisoformat(text)
            if EARLIEST <= day <= LATEST:
                return day
    except ValueError:
        pass
    number = ", or a revision as its number" if option == "--since" else ""
    raise QueryError(
        f"'{option}' is not a calendar date from {EARLIEST} to {LATEST}. Write it as YYYY-MM-DD,"
        f" for example 2022-12-02{number}."
    )


def _asked(since: dt.date | None, last: dt.date | None) -> str:
    if last is None:
        return "no period: no incident has a date"
    if since is not None and since >= last:
        return f"no period: the last day asked for is {last}"
    if since is None:
        return f"periods that hold {last}"
    return f"periods that end after {since}, up to {last}"


def _as_text(found: _Found) -> Iterator[str]:
    alerts = found.alerts
    if alerts.is_synthetic:
        yield SENTENCE
    yield f"Alerts: {len(alerts.met):,}. Rules: {found.rules:,}. Revision: {alerts.revision}."
    yield f"Asked: {found.asked}."
    for alert in alerts.met:
        yield ""
        yield from alert_lines(alert)
    if found.no_longer:
        yield ""
        yield f"No longer met, as they were at revision {found.since_revision}:"
        yield from (f"  {one.words}; {one.when.label}" for one in found.no_longer)
    yield ""
    yield from summary_lines(alerts)


def _as_json(found: _Found) -> str:
    alerts = found.alerts
    shown: dict[str, Any] = {MARK: SENTENCE} if alerts.is_synthetic else {}
    too_few = Counter((one.words, one.reason) for one in alerts.too_few)
    shown |= {
        "revision": alerts.revision,
        "since_revision": found.since_revision,
        "periods": found.asked,
        "alerts": [_record(alert) for alert in alerts.met],
        "no_longer_met": [_record(alert) for alert in found.no_longer],
        "asked": alerts.asked,
        "not_met": len(alerts.not_met),
        "compared_with_a_baseline": alerts.compared,
        "at_most_above_by_chance": round(alerts.by_chance, 2),
        "too_few": [
            {"rule": words, "reason": reason, "periods": number}
            for (words, reason), number in too_few.items()
        ],
    }
    return json.dumps(shown, ensure_ascii=False, indent=2)


def _record(alert: Alert) -> dict[str, Any]:
    period = alert.when.period
    return {
        "rule": alert.rule.key,
        "words": alert.words,
        "area": alert.rule.area,
        "period": alert.when.key,
        "from": str(period.start),
        "to": str(period.end),
        "figure": {**asdict(alert.figure), "words": alert.figure.words},
        "threshold": alert.threshold,
        "by_best_only": alert.by_best_only,
        "baseline": alert.baseline and asdict(alert.baseline),
        "reports": list(alert.reports),
        "incidents": list(alert.incidents),
        "not_placed": alert.not_placed,
        "not_dated": alert.not_dated,
        "revision": alert.revision,
    }
