"""The first rows of a sheet, as the mapping form shows them."""

from __future__ import annotations

from collections.abc import Mapping

from conflictmap.ingest.date_rules import DAY_FIRST
from conflictmap.ingest.first_rows import SHOWN, FirstRows, read_first_rows, rows_as_read
from tests.synthetic import shipped_edition
from tests.test_upload import table

COLUMNS = {
    "date": "When",
    "province": "Province",
    "district": "District",
    "event_type": "Kind",
    "title": "What",
    "killed": "Victims",
    "actor1": "By",
}
ACTORS = {"iskp": "Islamic State Khorasan Province"}


def row(**more: str) -> dict[str, str]:
    """Return a synthetic row in columns of its own."""
    usual = {"When": "2019-03-01", "Province": "Kabul", "District": "Bagrami", "Kind": "bombing"}
    return usual | {"What": "Synthetic", "Victims": "2", "By": "ISIS"} | more


def read(
    *rows: Mapping[str, str],
    columns: Mapping[str, str] = COLUMNS,
    answers: Mapping[str, str] | None = None,
) -> FirstRows:
    raw = read_first_rows(table(*rows), "sheet.csv", answers or {})
    return rows_as_read(raw, columns, answers or {}, shipped_edition(), ACTORS)


def test_row_is_read_in_our_columns():
    assert read(row()).read.loc[2].to_dict() == {
        "Becomes": "record",
        "Date": "2019-03-01",
        "Place": "Bagrami, Kabul",
        "Known to": "district",
        "Event type": "Bombing",
        "Group": "Islamic State Khorasan Province",
        "Killed": "2",
        "Wounded": "",
        "Title": "Synthetic",
    }


def test_what_is_not_exact_is_not_shown_as_exact():
    found = read(row(When="2019-03", District="", Victims="at least 5"), row(Victims="2-4")).read
    assert found.loc[2, ["Date", "Place", "Known to", "Killed"]].tolist() == [
        "2019-03-01 to 2019-03-31",
        "Kabul",
        "province",
        "at least 5",
    ]
    assert found.loc[3, "Killed"] == "2 to 4"


def test_figures_are_split_as_the_file_splits_them():
    columns = COLUMNS | {"civilians_killed": "Civilians"}
    found = read(row(Victims="5", Civilians="3"), columns=columns).read
    assert found.loc[2, "Killed"] == "3 civilians, 2 unknown"


def test_problems_of_the_rows_stand_below_them_in_order():
    found = read(
        row(),
        row(When="31/02/2019"),
        row(Province="", District="Arghandab"),
        row(What="Synthetic 2", By="Nobody we know"),
    )
    assert found.read["Becomes"].tolist() == ["record", "rejected", "to be looked at", "record"]
    assert found.problems["Row"].tolist() == [3, 4, 5]
    assert found.problems["Problem"].tolist() == [
        "'31/02/2019' is not a calendar date.",
        "The place may be any of several units.",
        "This name is in no list of ours; it is left out.",
    ]
    assert found.read.loc[5, "Group"] == ""


def test_row_with_a_cell_too_many_is_among_the_problems():
    lines = table(row(), row(What="Synthetic 2"), row(What="Synthetic 3")).splitlines(True)
    lines.insert(3, b"a,b,c,d,e,f,g,h\n")
    raw = read_first_rows(b"".join(lines), "sheet.csv", {})
    found = rows_as_read(raw, COLUMNS, {}, shipped_edition(), ACTORS)
    assert found.read.index.tolist() == [2, 3, 5]
    assert found.problems["Row"].tolist() == [4]


def test_rows_behind_the_shown_ones_decide_how_a_column_is_read():
    ambiguous = [row(When=f"0{month}/02/2019") for month in range(1, 10)] * 2
    unsettled = read(*ambiguous)
    assert unsettled.read["Date"].tolist() == [""] * SHOWN
    assert set(unsettled.read["Becomes"]) == {"to be looked at"}
    settled = read(*ambiguous, row(When="28/02/2019"))
    assert settled.read["Date"].iloc[2] == "2019-02-03"


def test_answers_count():
    raw = read_first_rows(table(row(When="03/02/2019")), "sheet.csv", {})
    answers = {"date order of When": DAY_FIRST}
    found = rows_as_read(raw, COLUMNS, answers, shipped_edition(), ACTORS)
    assert found.read.loc[2, "Date"] == "2019-02-03"


def test_choice_that_is_not_complete_shows_what_it_says_so_far():
    found = read(row(), columns={"province": "Province", "latitude": "Victims", "title": "Gone"})
    assert found.read.loc[2, ["Date", "Place", "Becomes"]].tolist() == ["", "Kabul", "record"]


def test_no_more_than_the_first_rows_are_shown():
    found = read(*[row(What=f"Synthetic {number}") for number in range(30)])
    assert len(found.cells) == len(found.read) == SHOWN
    assert found.cells.index.tolist() == found.read.index.tolist()


def test_file_without_rows_shows_none():
    content = table(row()).splitlines(keepends=True)[0]
    raw = read_first_rows(content, "sheet.csv", {})
    found = rows_as_read(raw, COLUMNS, {}, shipped_edition(), ACTORS)
    assert (len(found.cells), len(found.read), len(found.problems)) == (0, 0, 0)
