"""Periods: buckets, keys, and where an incident stands."""

import datetime as dt

import pandas as pd
import pytest

from conflictmap.periods import Period, periods_between, standing_in
from conflictmap.solar_hijri import solar_hijri_span


def dated(*spans: tuple[str | None, str | None]) -> pd.DataFrame:
    """Return incidents with the given first and last days."""
    frame = pd.DataFrame(spans, columns=["date_from", "date_to"])
    return frame.apply(pd.to_datetime).astype("datetime64[s]")


DECEMBER = Period(dt.date(2022, 12, 1), dt.date(2022, 12, 31))


@pytest.mark.parametrize(
    ("span", "standing"),
    [
        (("2022-12-02", "2022-12-02"), "inside"),
        (("2022-12-01", "2022-12-31"), "inside"),
        (("2022-11-30", "2022-12-02"), "not dated"),
        (("2022-01-01", "2022-12-31"), "not dated"),
        (("2022-11-30", "2022-11-30"), "outside"),
        ((None, None), "not dated"),
        ((None, "2022-12-05"), "not dated"),
        ((None, "2022-11-30"), "outside"),
        (("2023-01-01", None), "outside"),
    ],
)
def test_incident_counts_in_a_period_only_when_its_interval_lies_wholly_inside(span, standing):
    assert standing_in(dated(span), DECEMBER).tolist() == [standing]


def test_all_dates_hold_what_has_no_date():
    assert standing_in(dated((None, None)), Period()).tolist() == ["inside"]


def test_no_incident_counts_in_two_months():
    months = periods_between(dt.date(2022, 1, 1), dt.date(2022, 12, 31), "month")
    incidents = dated(("2022-02-28", "2022-02-28"), ("2022-02-28", "2022-03-01"))
    inside = [(standing_in(incidents, month) == "inside").tolist() for month in months]
    assert [sum(row) for row in zip(*inside, strict=True)] == [1, 0]


@pytest.mark.parametrize(
    ("step", "keys"),
    [
        ("month", ["2021-11", "2021-12", "2022-01"]),
        ("quarter", ["2021-Q4", "2022-Q1"]),
        ("year", ["2021", "2022"]),
    ],
)
def test_buckets_are_whole_calendar_periods_named_by_readable_keys(step, keys):
    buckets = periods_between(dt.date(2021, 11, 5), dt.date(2022, 1, 3), step)
    assert [bucket.key for bucket in buckets] == keys


def test_buckets_across_september_2001_stay_in_order():
    buckets = periods_between(dt.date(2001, 6, 1), dt.date(2001, 10, 7), "month")
    assert [bucket.key for bucket in buckets] == [f"2001-{m:02}" for m in range(6, 11)]


def test_march_is_compared_with_the_whole_of_february():
    march = Period(dt.date(2024, 3, 1), dt.date(2024, 3, 31))
    assert march.before() == Period(dt.date(2024, 2, 1), dt.date(2024, 2, 29))


def test_a_span_of_days_is_compared_with_as_many_days():
    span = Period(dt.date(2022, 10, 5), dt.date(2022, 10, 14))
    assert span.before() == Period(dt.date(2022, 9, 25), dt.date(2022, 10, 4))


@pytest.mark.parametrize(
    ("months", "before"),
    [
        ((1401, 9, 1401, 9), (1401, 8, 1401, 8)),
        ((1401, 1, 1401, 1), (1400, 12, 1400, 12)),
        ((1401, 1, 1401, 12), (1400, 1, 1400, 12)),
        ((1401, 2, 1401, 3), (1400, 12, 1401, 1)),
    ],
)
def test_before_whole_solar_hijri_months_come_as_many_whole_ones(months, before):
    def period(first_year, first_month, last_year, last_month):
        start, _ = solar_hijri_span(first_year, first_month)
        _, end = solar_hijri_span(last_year, last_month)
        return Period(start, end)

    assert period(*months).before() == period(*before)
