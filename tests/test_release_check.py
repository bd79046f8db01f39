"""Small numbers: what is withheld, and an attacker who subtracts every view from every other."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pytest

from conflictmap import cli
from conflictmap.access import Viewer
from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period
from conflictmap.settings import Settings
from conflictmap.summaries import LEVELS
from conflictmap.views import release_check
from conflictmap.views.counting import count_areas
from conflictmap.views.limits import limit_for, require_lists
from conflictmap.views.map_view import map_series, map_view
from conflictmap.views.query import MapQuery, read_query
from conflictmap.views.release_check import release_of
from conflictmap.views.release_lattice import why_not_released
from tests.synthetic import (
    attribution,
    casualty,
    facts_of,
    incident,
    place,
    shipped_edition,
    told,
)

BELOW = 3
TYPES = ("bombing", "armed_attack", "clash")
ACTORS = ("iskp", "aff")
PLACES = ("AF-KAB-01", "AF-KAB-01", "AF-KAB-02", "AF-KAB-03", "AF-HER-01", "AF-HER-02", "AF-HER")
PLACES += ("AF-NAN-01", "AF-NAN-01", "AF-NAN-02", "AF-KDZ-01", "AF-BDS-04", "abroad", None)
STEPS = ("year", "quarter", "month")


def synthetic_store(seed: int, n: int = 120):
    """Return made-up incidents on days, few enough that most months hold one or two of a place."""
    chance = random.Random(seed)
    rows = defaultdict(list)
    for number in range(n):
        name = f"i{number}"
        year, month = chance.choice((2021, 2022)), chance.choice((1, 2, 3, 7, 8))
        day = dt.date(year, month, chance.randint(1, 28)).isoformat()
        rows["incidents"].append(
            incident(name, day, event_type=chance.choices(TYPES, (12, 5, 1))[0])
        )
        rows["incident_places"].append(place(name, chance.choice(PLACES)))
        rows["incident_sources"].append(told(name, chance.choices(("a", "b"), (9, 1))[0]))
        if actor := chance.choices((*ACTORS, None), (5, 1, 4))[0]:
            kind = chance.choices(("claimed", "attributed", "suspected"), (3, 3, 1))[0]
            rows["attributions"].append(attribution(name, actor, kind))
        group = chance.choices(("civilians", "taliban"), (5, 1))[0]
        rows["casualties"].append(casualty(name, group, "killed", chance.randint(0, 4)))
    sources = [{"source_id": name, "reading_order": 1} for name in ("a", "b")]
    facts = facts_of(**rows, sources=sources)
    return replace(facts, edition=few_areas())


@lru_cache
def few_areas():
    """Return the shipped edition with the areas that the incidents lie in, and two silent ones."""
    edition = shipped_edition()
    provinces = {code[:6] for code in PLACES if code and code != "abroad"}
    districts = {code for code in PLACES if code} | {"AF-KUN-01", "AF-BDS-05"}
    return replace(
        edition,
        provinces=edition.provinces[edition.provinces["adm1_code"].isin(provinces | {"AF-KUN"})],
        districts=edition.districts[edition.districts["adm2_code"].isin(districts)],
    )


# --- the attacker: sees views, knows nothing else


@dataclass
class Attacker:
    """Solves what it has seen: unknown counts, sums of them, and which may not be more than others.

    A count that is not shown may be anything from 0 up.
    """

    seen: dict = field(default_factory=dict)  # (level, area, period, filter) -> count
    unknown: dict = field(default_factory=dict)  # the same -> number of the unknown
    equations: list = field(default_factory=list)  # ({unknown: factor}, value)

    def look(self, facts, filters, below: int) -> None:
        """Ask for every view, as a reader would."""
        self.filters, self.not_placed, self.totals = filters, {}, {}
        self.parents: dict = {}
        for name, chosen in filters.items():
            for level in LEVELS:
                for step in STEPS:
                    query = MapQuery(chosen=chosen, level=level, step=step)
                    series = map_series(facts, query, suppress_below=below)
                    for key in series.keys:
                        counts = map_view(facts, series, key).counts
                        self._note(level, counts.period, name, counts)

    def _note(self, level, period, name, counts) -> None:
        hidden = {}
        for area in counts.areas:
            cell = (level, area.code, period, name)
            if area.status == "suppressed":
                hidden[self._number(cell)] = 1
            else:
                self.seen[cell] = area.figure.incidents
        self.not_placed[level, period, name] = counts.not_placed.incidents
        self.totals[level, period, name] = counts.total.incidents
        self.equations.append((hidden, counts.suppressed.incidents))

    def _number(self, cell) -> int:
        if cell not in self.unknown:
            self.unknown[cell] = len(self.unknown)
        return self.unknown[cell]

    def _sum(self, whole, parts, *, rest: bool = False) -> None:
        """Add: whole = parts, and something more where there may be a rest."""
        factors: dict[int, int] = defaultdict(int)
        value = 0
        for sign, cell in [(1, whole), *((-1, part) for part in parts)]:
            if cell in self.unknown:
                factors[self.unknown[cell]] += sign
            else:
                value -= sign * self.seen[cell]
        if rest:
            factors[self._number(("rest", whole, next(iter(parts))))] -= 1
        self.equations.append((dict(factors), value))

    def reason(self) -> None:
        """Write down all that follows from what a view is."""
        cells = [*self.seen, *self.unknown]
        periods = {cell[2] for cell in cells}
        for level, area, period, name in cells:
            inner = [one for one in periods if _is_next_below(one, period)]
            dated = sum(self.totals[level, one, name] for one in inner)
            if inner:
                parts = [(level, area, one, name) for one in inner]
                rest = dated < self.totals[level, period, name]
                self._sum((level, area, period, name), parts, rest=rest)
            if name == "all":
                for kind, rest in (("type", False), ("actor", True), ("group", False)):
                    of_kind = [one for one in self.filters if one.startswith(kind)]
                    parts = [(level, area, period, one) for one in of_kind]
                    self._sum((level, area, period, name), parts, rest=rest)
                for one in ("known", "source a", "source b"):
                    part = (level, area, period, one)
                    self._sum((level, area, period, name), [part], rest=True)
            if name == "known":
                part = (level, area, period, "claimed")
                self._sum((level, area, period, name), [part], rest=True)
            if level == "province":
                inside = [
                    ("district", code, period, name)
                    for code in self.districts
                    if code.startswith(area)
                ]
                rest = self.not_placed["district", period, name] > 0
                self._sum((level, area, period, name), inside, rest=rest)

    def found(self) -> dict:
        """Return the counts of 1 to the limit that are certain: by bounds, by linear algebra."""
        low, high = self._bounds()
        certain = {number: low[number] for number in np.flatnonzero(low == high)}
        certain |= self._solved(certain)
        cells = {number: cell for cell, number in self.unknown.items()}
        return {
            cells[number]: round(count)
            for number, count in certain.items()
            if cells[number][0] != "rest" and 1 <= round(count) < BELOW
        }

    def _bounds(self):
        """Return the least and the most that each unknown can be, one equation after another."""
        terms = [
            (number, unknown, factor)
            for number, (factors, _) in enumerate(self.equations)
            for unknown, factor in factors.items()
        ]
        equation, unknown, factor = np.array(terms).T
        value = np.array([value for _, value in self.equations], dtype=float)
        low = np.zeros(len(self.unknown))
        high = np.full(len(self.unknown), 1e6)
        for _ in range(60):
            before = low.copy(), high.copy()
            ends = np.sort([factor * low[unknown], factor * high[unknown]], axis=0)
            least, most = (np.bincount(equation, end, len(value)) for end in ends)
            bounds = np.sort(
                [
                    (value[equation] - (most[equation] - ends[1])) * factor,
                    (value[equation] - (least[equation] - ends[0])) * factor,
                ],
                axis=0,
            )
            np.maximum.at(low, unknown, bounds[0])
            np.minimum.at(high, unknown, bounds[1])
            if (low == before[0]).all() and (high == before[1]).all():
                break
        return low, high

    def _solved(self, certain: dict) -> dict:
        """Return the unknowns that the equations on years and all dates fix together."""
        is_long = {
            number: (cell[1] if cell[0] == "rest" else cell)[2].days in (None, 365)
            for cell, number in self.unknown.items()
        }
        used = [
            ({n: f for n, f in factors.items() if n not in certain}, factors, value)
            for factors, value in self.equations
            if all(is_long[number] for number in factors)
        ]
        free = {
            number: place for place, number in enumerate(sorted({n for u in used for n in u[0]}))
        }
        rows, values = np.zeros((len(used), len(free))), np.zeros(len(used))
        for row, (open_factors, factors, value) in enumerate(used):
            rows[row, [free[number] for number in open_factors]] = list(open_factors.values())
            values[row] = value - sum(f * certain[n] for n, f in factors.items() if n in certain)
        square = rows.T @ rows
        sizes, directions = np.linalg.eigh(square)
        is_loose = sizes < 1e-8
        is_fixed = (np.abs(directions[:, is_loose]) < 1e-7).all(axis=1)
        firm = directions[:, ~is_loose]
        solution = firm @ ((firm.T @ (rows.T @ values)) / sizes[~is_loose])
        return {number: solution[place] for number, place in free.items() if is_fixed[place]}


def _is_next_below(inner: Period, outer: Period) -> bool:
    """Say whether one period of the calendar is a part of another, one kind of step below."""
    kinds = {None: 0, 365: 1, 366: 1}
    rank = [kinds.get(one.days, 2 if (one.days or 0) > 31 else 3) for one in (inner, outer)]
    if rank[0] != rank[1] + 1:
        return False
    if outer.is_all_dates:
        return True
    return outer.start <= inner.start and inner.end <= outer.end


FILTERS = {
    "all": IncidentFilter(),
    **{f"type {one}": IncidentFilter(event_types=(one,)) for one in TYPES},
    **{f"actor {one}": IncidentFilter(actors=(one,)) for one in ACTORS},
    **{f"group {one}": IncidentFilter(victim_groups=(one,)) for one in ("civilians", "taliban")},
    "known": IncidentFilter(known="claimed_or_attributed"),
    "claimed": IncidentFilter(known="claimed"),
    "source a": IncidentFilter(sources=("a",)),
    "source b": IncidentFilter(sources=("b",)),
}


def attacked(facts) -> dict:
    attacker = Attacker()
    attacker.districts = list(facts.names_of("district"))
    attacker.look(facts, FILTERS, BELOW)
    attacker.reason()
    return attacker.found()


@pytest.mark.parametrize("seed", range(3))
def test_attacker_who_subtracts_every_view_finds_no_small_number(seed):
    assert attacked(synthetic_store(seed)) == {}


@pytest.mark.parametrize("seed", range(1))
def test_the_same_attacker_finds_small_numbers_where_only_they_are_hidden(seed, monkeypatch):
    def only_small(facts, below):
        """Return a release as it was before: what is small in a view, and a second one."""
        return _OnlySmall(facts, below)

    monkeypatch.setattr("conflictmap.views.counting.release_of", only_small)
    assert attacked(synthetic_store(seed))


class _OnlySmall:
    def __init__(self, facts, below: int) -> None:
        self.facts, self.below = facts, below

    def hidden(self, measure, level, chosen, periods):
        rows = []
        for period in periods:
            counts = count_areas(self.facts, replace(chosen, period=period), "incidents", level)
            n = np.array([area.figure.incidents for area in counts.areas])
            small = (n > 0) & (n < self.below)
            if small.sum() == 1:
                others = np.where(small | (n == 0), np.inf, n)
                small[int(np.argmin(others))] = True
            rows.append(small)
        return np.array(rows)


# --- what is shown nevertheless, and what is refused


def test_large_counts_are_still_shown_and_always_two_areas_are_hidden():
    facts = synthetic_store(0)
    for level in LEVELS:
        counts = count_areas(facts, IncidentFilter(), "incidents", level, suppress_below=BELOW)
        shown = [area for area in counts.areas if area.status == "value"]
        assert shown
        assert counts.suppressed_areas >= 2
        parts = [*(area.figure for area in counts.areas), counts.suppressed]
        parts += [counts.not_placed, counts.abroad]
        assert sum(part.incidents for part in parts) == counts.total.incidents


def test_report_tells_what_could_be_found_and_what_is_withheld():
    release = release_of(synthetic_store(0), BELOW)
    report = release.report
    assert report.found >= len(report.give_aways) > 0
    assert all(1 <= one.leaves < BELOW for one in report.give_aways)
    assert len(report.withheld["province"]) >= 2
    assert min(report.small, report.large, report.shown) > 0


def test_release_is_worked_out_once_for_facts_and_limit(monkeypatch):
    facts = synthetic_store(0, n=20)
    first = release_of(facts, BELOW)
    monkeypatch.setattr(release_check, "check_release", lambda *_: pytest.fail("worked out again"))
    assert release_of(facts, BELOW) is first


def test_nothing_is_hidden_where_nothing_is_placed():
    counts = count_areas(facts_of(), IncidentFilter(), "incidents", "province", suppress_below=3)
    assert counts.suppressed_areas == 0


def test_no_point_is_on_the_map_while_small_numbers_are_suppressed():
    facts = synthetic_store(0)
    view = map_view(facts, map_series(facts, MapQuery(), suppress_below=BELOW))
    assert not len(view.points)


@pytest.mark.parametrize(
    "link",
    [
        {"actor": ["iskp"], "type": ["bombing"]},
        {"actor": ["iskp", "aff"]},
        {"actor": ["iskp"], "known": ["claimed"]},
        {"from": ["2022-01-01"], "to": ["2022-02-28"]},
        {"from": ["2022-01-02"], "to": ["2022-01-31"]},
        {"from": ["2022-01-01"]},
        {"step": ["week"]},
        {"step": ["sh_month"]},
        {"time": ["cumulative"]},
        {"measure": ["change"]},
    ],
)
def test_view_outside_the_checked_ones_is_refused_with_what_to_ask_instead(link):
    facts = synthetic_store(0, n=30)
    with pytest.raises(QueryError, match=r"Choose|ask for"):
        map_series(facts, read_query(link), suppress_below=BELOW)
    assert map_series(facts, read_query(link)).keys


@pytest.mark.parametrize(
    ("period", "is_checked"),
    [
        (Period(), True),
        (Period(dt.date(2022, 2, 1), dt.date(2022, 2, 28)), True),
        (Period(dt.date(2022, 4, 1), dt.date(2022, 6, 30)), True),
        (Period(dt.date(2022, 1, 1), dt.date(2022, 12, 31)), True),
        (Period(dt.date(2022, 2, 1), dt.date(2022, 4, 30)), False),
        (Period(dt.date(2021, 7, 1), dt.date(2022, 6, 30)), False),
    ],
)
def test_whole_calendar_periods_are_checked(period, is_checked):
    assert (why_not_released(IncidentFilter(period=period), "killed", [period]) == "") is is_checked


@pytest.mark.parametrize(
    ("is_hosted", "role", "limit"),
    [(True, "viewer", 5), (True, "briefer", 5), (True, "analyst", 0), (False, "analyst", 5)],
)
def test_limit_is_for_those_of_coarse_sight_and_for_all_on_a_laptop(is_hosted, role, limit):
    settings = Settings(suppress_below=5, is_hosted=is_hosted)
    assert limit_for(settings, Viewer("synthetic", role)) == limit


def test_single_incidents_are_not_listed_under_a_limit():
    with pytest.raises(QueryError, match="each is a count of one"):
        require_lists(Settings(suppress_below=5), "full")
    require_lists(Settings(suppress_below=5, is_hosted=True), "full")


# --- the command


def test_command_tells_the_same_as_the_check(store_url, monkeypatch, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    assert cli.main(["release-check", "--below", "3", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["revision"], answer["suppress_below"]) == (5, 3)
    assert cli.main(["release-check"]) == 1
    assert "CONFLICTMAP_SUPPRESS_BELOW is 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        "totals --revision 3",
        "snapshot --view ?revision=3 --format svg --output {}/slide.svg",
        "brief --revision 3 --format md --output {}/brief.md",
    ],
)
def test_command_counts_no_earlier_revision_under_a_limit(
    store_url, tmp_path, monkeypatch, capsys, command
):
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    monkeypatch.setenv("CONFLICTMAP_SUPPRESS_BELOW", "3")
    assert cli.main(command.format(tmp_path).split()) == 1
    assert "subtracting two revisions" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.fixture
def file_to_ingest(tmp_path):
    """A synthetic sheet: of four incidents in Gulran one is of another type; two lie elsewhere."""
    places = [("Herat", "Gulran")] * 4 + [("Kabul", "Bagrami"), ("Nangarhar", "Achin")]
    rows = [
        f"s{n},2019-03-0{n + 1},{province},{district},Synthetic,{'bombing' if n else 'clash'},2,x"
        for n, (province, district) in enumerate(places)
    ]
    path = tmp_path / "synthetic.csv"
    header = "id,date,province,district,title,event_type,killed,source"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_nothing_is_published_before_what_could_be_found_is_accepted(
    file_to_ingest, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("CONFLICTMAP_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    monkeypatch.setenv("CONFLICTMAP_SUPPRESS_BELOW", "3")
    assert cli.main(["ingest", str(file_to_ingest)]) == 5
    told = capsys.readouterr()
    assert "Gulran, Herat, all dates: everything less what is shown by type of incident" in told.out
    assert "--accept-release" in told.out + told.err
    assert cli.main(["ingest", str(file_to_ingest), "--accept-release"]) == 0
    assert "revision 1" in capsys.readouterr().out
