"""Whatever stands in the cells, each row of a file ends in exactly one part of the draft."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conflictmap.ingest.profiles import acled, gtd, hxl, mapping, template, ucdp
from conflictmap.schema import DATE_PRECISIONS, EVENT_TYPES, QUALIFIERS, TARGET_TYPES, VICTIM_GROUPS
from tests import test_profiles_acled, test_profiles_sheet, test_profiles_ucdp
from tests.examples import few_and_many
from tests.raw_tables import assert_conserved, raw_rows, raw_table

VALUES = {
    "ucdp": (ucdp.convert, test_profiles_ucdp.event()),
    "acled": (acled.convert, test_profiles_acled.event()),
    "gtd": (gtd.convert, test_profiles_acled.attack()),
    "template": (
        template.convert,
        dict.fromkeys(template.COLUMNS, "") | test_profiles_sheet.row(),
    ),
}

CELLS = st.one_of(
    st.sampled_from(
        [
            *("", "0", "1", "7", "-1", "-99", "5-7", "dozens", "1,234", "2.5", "n/a", "unknown"),
            *("09/04/2015", "2021-08-15", "16 May 2025", "1402/05/24", "45291", "31/02/2026"),
            *("33.0", "65.0", "69.17", "34.53", "0", "4.0", "700", "Afghanistan", "Pakistan"),
            *("Government of Afghanistan", "Taleban", "IS", "Civilians", "clash", "near", "ISKP"),
            *("=1+1", "{{ 7*7 }}", "a\nb", "\x00", "۱۲", "ولایت", "x" * 40_000),
        ]
    ),
    st.text(max_size=12),
)


@few_and_many(20, 80, given(data=st.data()))
def test_every_row_ends_in_one_place_whatever_its_cells_hold(data):
    convert, usual = VALUES[data.draw(st.sampled_from(sorted(VALUES)))]
    rows = []
    for _ in range(data.draw(st.integers(0, 5))):
        changed = data.draw(st.dictionaries(st.sampled_from(sorted(usual)), CELLS, max_size=6))
        rows.append(usual | changed)
    raw = raw_table(list(usual), [list(row.values()) for row in rows])
    draft = convert(raw, {})
    assert_conserved(raw, draft)
    assert set(draft.records["event_type"]) <= set(EVENT_TYPES)
    assert set(draft.records["date_precision"]) <= set(DATE_PRECISIONS)
    assert set(draft.records["target_type"].dropna()) <= set(TARGET_TYPES)
    assert set(draft.casualties["victim_group"]) <= set(VICTIM_GROUPS)
    assert set(draft.casualties["qualifier"].dropna()) <= set(QUALIFIERS)
    assert draft.records["title"].notna().all()


@few_and_many(10, 40, given(cells=st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=5)))
def test_every_row_of_a_mapped_or_tagged_table_ends_in_one_place(cells):
    header = ["Day", "Where", "Dead", "Country"]
    columns = {"date": "Day", "district": "Where", "killed": "Dead", "country": "Country"}
    raw = raw_table(header, cells)
    assert_conserved(raw, mapping.convert_mapped(raw, mapping.ColumnMapping(columns), {}))
    tags = ["#date", "#adm2+name", "#affected+killed", "#country+name"]
    tagged = raw_table(header, cells, hxl=tags)
    assert_conserved(tagged, hxl.convert(tagged, {}))


def test_file_without_rows_gives_an_empty_draft():
    for convert, usual in VALUES.values():
        draft = convert(raw_table(list(usual)), {})
        assert (len(draft.records), len(draft.casualties), len(draft.attributions)) == (0, 0, 0)


def test_converting_changes_nothing_of_the_raw_table():
    for convert, usual in VALUES.values():
        raw = raw_rows(usual)
        before = raw.cells.copy()
        convert(raw, {})
        assert raw.cells.equals(before)
