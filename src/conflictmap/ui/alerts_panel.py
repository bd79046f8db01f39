"""The alerts of a period on a page: which rules are met, and where too little is known to say."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from conflictmap.periods import Period
from conflictmap.ui import session
from conflictmap.views.alert_rules import default_rules
from conflictmap.views.alert_words import alert_lines, summary_lines
from conflictmap.views.alerts import Alerts, met_alerts
from conflictmap.views.facts import Facts, FactsKey
from conflictmap.views.limits import limit_at


def draw_alerts(facts: Facts, period: Period) -> None:
    """Draw the alerts of the months that end in a period, or of the last month that is known."""
    alerts = _found(facts.key, period, limit_at(session.settings(), facts.sight), facts)
    if alerts.met:
        n = len(alerts.met)
        st.warning(f"{n} alert{'s' if n > 1 else ''}: a figure is above its own past.")
    words = "Alerts" if alerts.met else "Alerts: no rule is met"
    if alerts.asked and len(alerts.too_few) == alerts.asked:
        words = "Alerts: too few to say"
    with st.expander(words, expanded=bool(alerts.met)):
        for alert in alerts.met:
            st.text("\n".join(alert_lines(alert)))
        st.text("\n".join(summary_lines(alerts)))
        st.caption(
            "Rules: people killed in the country, and incidents in each province, by month, above"
            " the baseline of the two years before. `conflictmap alerts` takes rules of your own."
        )


@st.cache_resource(show_spinner=False, max_entries=32)
def _found(key: FactsKey, period: Period, suppress_below: int, _facts: Facts) -> Alerts:
    since = period.start - dt.timedelta(days=1) if period.start and period.end else None
    return met_alerts(
        _facts,
        default_rules(_facts),
        since=since,
        until=period.end,
        suppress_below=suppress_below,
    )
