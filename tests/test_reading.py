"""Reading a file as text: what is accepted, asked, skipped, set aside, refused."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import hashlib
import io
import random
import re
import time
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictmap.errors import IncidentFileError
from conflictmap.export import export_csv
from conflictmap.ingest.model import Limits, RawTable
from conflictmap.ingest.reading import iter_raw_chunks, read_raw
from tests.browser import ROOT

UCDP = (ROOT / "tests" / "fixtures" / "ucdp_ged_sample.csv").read_bytes()
UNCLOSED = "Close the quote, or write a quote within a quoted cell twice."


def read(text: str | bytes, *, limits: Limits | None = None, **answers: str) -> RawTable:
    """Read a file that is called ``f.csv``."""
    content = text.encode() if isinstance(text, str) else text
    return read_raw(content, "f.csv", answers=answers, limits=limits or Limits())


def refused(content: str | bytes, **more: Limits) -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(IncidentFileError) as error:
        read(content, **more)
    return str(error.value)


def read_or_refused(content: bytes) -> tuple[RawTable | None, str]:
    """Return the table, or the sentence with which the file is refused."""
    try:
        return read(content), ""
    except IncidentFileError as error:
        return None, str(error)


def rows_of(table: RawTable) -> list[list[str]]:
    return table.cells.to_numpy().tolist()


def skipped_of(table: RawTable) -> list[tuple[int, str]]:
    return [(row.row, row.why) for row in table.skipped]


def asked(table: RawTable) -> dict[str, str]:
    """Return the keys of the questions and what is proposed."""
    return {question.key: question.proposed for question in table.questions}


def is_conserved(table: RawTable) -> bool:
    """Say whether each row behind the header is in one place only, without a gap."""
    places = [
        *table.cells.index,
        *(row.row for row in table.skipped),
        *{problem.row for problem in table.rejected},
    ]
    first = table.header_row + 1
    return table.rows == len(places) and sorted(places) == list(range(first, first + len(places)))


def workbook(*sheets: list[list[object]], states: dict[int, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {number + 1}")
        sheet.sheet_state = (states or {}).get(number, "visible")
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """Return a workbook with parts replaced, named with ``__`` for ``/`` and without ``.xml``."""
    new = {name.replace("__", "/") + ".xml": part for name, part in parts.items()}
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in old.namelist():
            archive.writestr(name, new.get(name, old.read(name)))
    return packed.getvalue()


# --- the table as it stands


def test_ucdp_sample_is_read_whole_and_unchanged():
    table = read_raw(UCDP, "ucdp_ged_sample.csv")
    expected = list(csv.reader(io.StringIO(UCDP.decode(), newline="")))
    assert [list(table.header), *rows_of(table)] == expected
    assert table.sha256 == hashlib.sha256(UCDP).hexdigest()
    assert (table.encoding, table.delimiter, table.header_row) == ("utf-8", ",", 1)
    assert (table.skipped, table.rejected, table.questions, table.notes) == ((), (), (), ())
    assert (table.cells.index[0], table.cells.index[-1]) == (2, 401)


def test_cells_are_kept_to_the_character():
    table = read('id,note\r\n007," a ""b""\r\n c;\td "\r\n8, x \r\n9,NA\r\n')
    assert rows_of(table) == [["007", ' a "b"\r\n c;\td '], ["8", " x "], ["9", "NA"]]


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    assert list(read('id,note\n1,"a\nb\nc"\n\n2,d\n').cells.index) == [2, 4]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(ends):
    assert rows_of(read(ends.join(["id,b", "1,x", "2,y"]))) == [["1", "x"], ["2", "y"]]


def test_label_is_a_name_never_a_path():
    assert read_raw(b"a,b\n1,2\n", "../../etc/x\n.csv").label == "x .csv"
    assert read_raw(b"a,b\n1,2\n", "C:\\up\\" + 300 * "n").label == 120 * "n"


def test_empty_and_zero_stay_apart():
    assert rows_of(read("id,killed\n1,0\n2,\n")) == [["1", "0"], ["2", ""]]


# --- encoding


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-8", "utf-8")]
)
def test_byte_order_mark_is_no_part_of_the_first_name(encoding, name):
    table = read("event_id_cnty,note\n1,قندهار\n".encode(encoding))
    assert (table.header[0], table.encoding, table.questions) == ("event_id_cnty", name, ())
    assert rows_of(table) == [["1", "قندهار"]]


def test_western_bytes_propose_cp1252_and_ask():
    content = "id,note\n1,don’t – café\n".encode("cp1252")
    table = read(content)
    assert asked(table) == {"encoding": "cp1252"}
    assert rows_of(table) == [["1", "don’t – café"]]
    assert table.questions[0].examples[0] == "cp1252: 1,don’t – café"
    assert read(content, encoding="cp1252").questions == ()


def test_arabic_bytes_propose_cp1256_and_the_answer_settles_it():
    content = "id,note\n1,قندهار است\n".encode("cp1256")
    assert asked(read(content)) == {"encoding": "cp1256"}
    assert rows_of(read(content, encoding="cp1256")) == [["1", "قندهار است"]]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_asked(encoding):
    table = read("id,note\n1,قندهار است\n".encode(encoding))
    assert asked(table) == {"encoding": encoding}
    assert rows_of(table) == [["1", "قندهار است"]]


def test_row_with_bytes_that_are_no_utf_8_is_set_aside():
    table = read("id,note\n1,قندهار\n2,".encode() + b"\x92x\n3,y\n")
    assert asked(table) == {"encoding": "utf-8"}
    assert [str(problem) for problem in table.rejected] == [
        "f.csv, row 3, note: a cell holds bytes that are no UTF-8. Save the whole file as UTF-8."
    ]
    assert table.rejected[0].value == "\ufffdx"
    assert rows_of(table) == [["1", "قندهار"], ["3", "y"]]


def test_answer_never_makes_mojibake_of_valid_utf_8():
    assert rows_of(read("id,note\n1,é\n", encoding="cp1252")) == [["1", "é"]]


def test_answer_that_is_no_option_is_refused():
    with pytest.raises(IncidentFileError, match="cannot be read as 'utf-7'"):
        read(b"id,note\n1,\xe9\n", encoding="utf-7")


@pytest.mark.parametrize("text", ["donâ€™t", "cafÃ©", "Ù‚Ù†Ø¯", "ظ‚ظ†ط¯"])
def test_text_that_was_read_wrongly_before_is_noted(text):
    (note,) = read(f"id,note\n1,{text}\n").notes
    assert note.startswith("Places that look like UTF-8 read as another encoding before")


@pytest.mark.parametrize("text", ["don’t café Ærø SÃO", "قندهار، طالبان", "« À »", "Barisāl"])
def test_good_text_is_not_taken_for_wrong(text):
    assert read(f"id,note\n1,{text}\n").notes == ()


# --- delimiter


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter):
    table = read(f"id{delimiter}a b{delimiter}c\n1{delimiter}x{delimiter}y\n")
    assert (table.delimiter, rows_of(table)) == (delimiter, [["1", "x", "y"]])


def test_decimal_commas_do_not_make_a_comma_file():
    table = read("id;lat;lon\n1;34,5553;69,2075\n2;33,1;65,0\n")
    assert rows_of(table)[0] == ["1", "34,5553", "69,2075"]


def test_lists_inside_cells_do_not_divide_them():
    table = read('id,source\n1,"a;b;c"\n2,d;e;f\n3,g;h;i\n')
    assert rows_of(table) == [["1", "a;b;c"], ["2", "d;e;f"], ["3", "g;h;i"]]


def test_line_that_names_the_delimiter_is_no_row():
    table = read("sep=;\r\nid;b\r\n1;2\r\n")
    assert (table.header, table.header_row, rows_of(table)) == (("id", "b"), 1, [["1", "2"]])


def test_delimiter_that_two_fit_is_asked():
    text = "id,a;b\n1,x;y\n2,z;w\n"
    assert set(asked(read(text))) == {"delimiter"}
    assert rows_of(read(text, delimiter=";")) == [["1,x", "y"], ["2,z", "w"]]


# --- header and rows that are no records


def test_hxl_row_is_skipped_and_its_tags_kept():
    table = read("year,side_a,best\n#date+year,,#affected+killed\n2021,x,3\n")
    assert table.hxl == ("#date+year", "", "#affected+killed")
    assert skipped_of(table) == [(2, "HXL tags")]


def test_blank_rows_repeated_headers_and_footers_are_skipped_and_counted():
    table = read(
        "id,b,c\n1,x,y\n\n,,\nid,b,c\n2,x,y\n\n# Boundaries: 2014, no endorsement\nSource: UCDP\n"
        "Licence CC BY 4.0,,\nNotes: deaths, places\n"
    )
    assert skipped_of(table) == [
        (3, "blank"),
        (4, "blank"),
        (5, "repeated header"),
        (7, "blank"),
        (8, "footer"),
        (9, "footer"),
        (10, "footer"),
        (11, "footer"),
    ]
    assert (len(table.cells), table.rows) == (2, 10)


def test_cut_last_record_is_no_footer():
    table = read("id,b,c\n1,x,y\n2\n")
    assert [problem.row for problem in table.rejected] == [3]


def test_words_that_a_record_follows_are_no_footer():
    table = read("id,b,c\n# note\n1,x,y\n")
    assert (table.skipped, [problem.row for problem in table.rejected]) == ((), [2])


def test_own_export_is_read_again_with_its_notes_skipped():
    frame = pd.DataFrame({"incident_id": ["a", "b"], "note": ["x\ny", "1,2"]})
    table = read(export_csv(frame, notes=["212 incidents, 1-31 March 2026.", "No endorsement."]))
    assert rows_of(table) == frame.to_numpy().tolist()
    assert skipped_of(table) == [(4, "footer"), (5, "footer")]


def test_title_rows_above_the_header_are_passed_over_with_a_note():
    table = read("Incidents 2024\n\nid,date,place\n1,2024-01-01,Kabul\n")
    assert (table.header_row, table.rows) == (3, 1)
    assert table.notes == ("Rows above the header (row 3) that are not read: 1.",)


def test_file_without_a_header_is_asked_about():
    text = "1,2021-01-02,Kabul\n2,2021-01-03,Herat\n"
    table = read(text)
    assert asked(table) == {"header": "none"}
    assert (table.header, len(table.cells)) == (("column 1", "column 2", "column 3"), 2)
    assert read(text, header="none").questions == ()
    assert read(text, header="1").header == ("1", "2021-01-02", "Kabul")


def test_ucdp_release_without_a_header_proposes_its_columns():
    headless = UCDP.split(b"\n", 1)[1]
    assert asked(read(headless)) == {"header": "ucdp_ged"}
    table = read(headless, header="ucdp_ged")
    assert table.questions == ()
    assert table.header == read(UCDP).header
    assert rows_of(table) == rows_of(read(UCDP))
    assert list(table.cells.index) == list(range(1, 401))


def test_event_of_a_ucdp_release_without_a_header_is_never_taken_for_the_names():
    headless = UCDP.split(b"\n", 1)[1]
    [question] = read(headless).questions
    assert [value for value, _ in question.options] == ["ucdp_ged", "none"]
    with pytest.raises(IncidentFileError) as refused:
        read(headless, header="1")
    assert str(refused.value) == (
        "f.csv: the file has no header of that kind. Choose one of: ucdp_ged, none."
    )


def test_one_broken_row_does_not_hide_a_ucdp_release_without_a_header():
    first, second, rest = UCDP.split(b"\n", 1)[1].split(b"\n", 2)
    table = read(first + b"\nbroken,row\n" + second + b"\n" + rest, header="ucdp_ged")
    assert (len(table.cells), [problem.row for problem in table.rejected]) == (400, [2])


def test_names_that_stand_twice_or_not_at_all_are_made_unique():
    table = read("id,note,note,,\n1,2,3,4,5\n")
    assert list(table.cells.columns) == ["id", "note", "note (2)", "(no name)", "(no name) (2)"]
    assert table.header == ("id", "note", "note", "", "")


# --- widths


def test_surplus_empty_cell_on_every_line_is_dropped():
    rows = list(csv.reader(io.StringIO(UCDP.decode(), newline="")))
    text = io.StringIO()
    csv.writer(text).writerows([rows[0], *([*row, ""] for row in rows[1:])])
    table = read(text.getvalue())
    assert rows_of(table) == rows[1:]
    assert table.notes == (
        "Each row ends with an empty cell more than the header; it is left out.",
    )


def test_surplus_empty_cell_on_some_lines_is_a_problem():
    table = read("id,b,c\n1,x,y,\n2,x,y\n")
    assert [str(problem) for problem in table.rejected] == [
        "f.csv, row 2, whole row: has 4 cells; the header has 3. Put a cell that holds the "
        "delimiter in quotes, or delete the surplus cells."
    ]


def test_short_row_is_never_padded():
    table = read("id,b,c\n1,x,y\n2,x\n")
    assert [str(problem) for problem in table.rejected] == [
        "f.csv, row 3, whole row: has 2 cells; the header has 3. Add the missing cells; a cell "
        "that holds a line break needs quotes."
    ]


def test_text_behind_a_closing_quote_is_a_problem_of_its_row():
    table = read('id,b\n1,"Taliban" fighters\n2,x\n')
    assert [(problem.row, problem.what) for problem in table.rejected] == [
        (2, "has text behind the closing quote of a cell.")
    ]
    assert rows_of(table) == [["2", "x"]]


def test_unclosed_quote_is_refused_with_the_row_where_it_begins():
    assert refused('id,b\n1,"x\ny"\n2,"z\n3,w\n4,v\n') == (
        "f.csv: the file has a quoted cell that is not closed: it begins in row 3 (line 4) and the "
        f"text goes wrong in line 6. {UNCLOSED}"
    )


def test_quote_that_a_later_cell_closes_is_refused_too():
    assert "begins in row 2 (line 2)" in refused('id,b\n1,"x\n2,"y"\n3,w\n')


def test_long_cell_is_a_problem_of_its_row():
    table = read("id,b\n1," + "x" * 10_001 + "\n2,y\n")
    assert [str(problem) for problem in table.rejected] == [
        "f.csv, row 2, b: a cell has 10,001 characters; 10,000 are allowed. Shorten it."
    ]
    assert len(table.rejected[0].value) == 80


def test_cell_cut_by_a_spreadsheet_is_noted():
    longer = dataclasses.replace(Limits(), cell_characters=40_000)
    table = read("id,b\n1," + "x" * 32_767 + "\n2," + "x" * 32_768 + "\n", limits=longer)
    assert len(table.cells) == 2
    assert table.notes == (
        "Some cells have exactly 32,767 characters, where spreadsheets cut text: what followed is "
        "lost.",
    )


# --- refusals


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"\x1f\x8b\x08\x00" + b"x" * 50, "is packed with gzip"),
        (b"PK\x03\x04" + b"x" * 50, "is a damaged or locked zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Excel workbook"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"\x89PNG\r\n", "is a picture"),
        (b"SQLite format 3\x00", "is a database file"),
        (b"id,b\n1,\x00\n", "holds NUL bytes, the first as byte 8"),
        (b"\n<!DOCTYPE html>\n<html><body>Sign in, please</body>", "is a web page"),
        (b"<?xml version='1.0'?><kml a=',,'/>", "is XML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\n", "is a Git LFS pointer"),
        (b'{"type": "FeatureCollection", "features": []}', "is JSON"),
        (b"just words\nand more words\n", "has one column only"),
        ("\ufeffid\tb\n".encode("utf-16-le")[:-1], "is damaged UTF-16"),
        (b"\n,\n;\n", "is empty"),
        (",".join(f"c{n}" for n in range(5_000)) + "\n", "has 5,000 columns; 200 are allowed"),
    ],
)
def test_file_that_is_no_table_is_refused_in_one_clear_sentence(content, sentence):
    text = refused(content)
    assert text.startswith("f.csv: the file ")
    assert sentence in text
    assert len(text) < 200


def test_file_beyond_the_limit_is_refused():
    small = dataclasses.replace(Limits(), unpacked_bytes=10)
    assert "has 16 bytes; 10 are allowed" in refused("id,b\n1,22222222\n", limits=small)


@pytest.mark.parametrize(
    "content",
    [
        b"id,b\n1," + b"x" * 10_000_000 + b"\n2,y\n",
        b'id,b\n1,"' + b"x" * 10_000_000 + b'"\n2,y\n',
        b'id,b\n1,"' + b"x\n" * 5_000_000,
        b'id,b\n"' * 2_000_000,
        b"\n" * 20_000_000,
        b"1\n" * 10_000_000,
        b"id,b\n" + b"1\n" * 10_000_000,
        b'id,b\n"a"b,\n' * 1_000_000,
        b"," * 40_000_000,
        b"9" * 40_000_000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_bait_is_done_with_quickly(content):
    started = time.process_time()
    table, sentence = read_or_refused(content)
    assert len(sentence) < 300
    assert table is None or is_conserved(table)
    assert time.process_time() - started < 20  # linear: seconds here, hours if it were not


# --- workbooks


def test_workbook_is_read_as_text():
    content = workbook(
        [
            ["id", "date", "at", "killed", "lat", "is_checked", "note"],
            [1, datetime.date(2024, 1, 31), datetime.datetime(2024, 1, 31, 13, 5), 3.0, 34.5, True],
            [],
            ["002", None, None, 0, -0.25, False, "x\ny"],
            [],
        ]
    )
    table = read_raw(content, "f.xlsx")
    assert rows_of(table) == [
        ["1", "2024-01-31", "2024-01-31 13:05:00", "3", "34.5", "TRUE", ""],
        ["002", "", "", "0", "-0.25", "FALSE", "x\ny"],
    ]
    assert (table.delimiter, list(table.cells.index)) == ("xlsx", [2, 4])
    assert skipped_of(table) == [(3, "blank")]


def test_workbook_of_the_1904_calendar_gives_the_same_day():
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["id", "date"])
    book.active.append([1, datetime.date(2021, 8, 15)])
    content = io.BytesIO()
    book.save(content)
    assert rows_of(read(content.getvalue())) == [["1", "2021-08-15"]]


def test_formula_without_a_stored_value_is_an_empty_cell():
    assert rows_of(read(workbook([["id", "b"], [1, "=1+1"]]))) == [["1", ""]]


def test_several_sheets_with_data_are_asked_about():
    content = workbook([["words only"]], [["id", "b"], [1, 2]], [["id", "c"], [3, 4]])
    assert asked(read(content)) == {"sheet": "Sheet 2"}
    assert rows_of(read(content, sheet="Sheet 3")) == [["3", "4"]]


def test_hidden_sheet_is_not_read_and_that_is_noted():
    table = read(workbook([["id", "b"], [9, 9]], [["id", "b"], [1, 2]], states={0: "hidden"}))
    assert (rows_of(table), table.notes) == ([["1", "2"]], ("1 hidden sheets are not read.",))


def test_cell_beyond_the_header_of_a_sheet_is_a_problem():
    table = read(workbook([["id", "b"], [1, 2, 3], [4]]))
    assert ([problem.row for problem in table.rejected], rows_of(table)) == ([2], [["4", ""]])


def test_zip_that_is_no_workbook_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("incidents.csv", "id,b\n1,2\n")
    assert "is a zip archive, not an .xlsx workbook" in refused(packed.getvalue())


def test_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked():
    content = repacked(workbook([["id", "b"], [1, 2]]), xl__theme__theme1=b" " * 60_000_000)
    assert len(content) < 100_000
    assert "52,428,800 bytes are allowed" in refused(content)


def test_workbook_that_lies_about_its_size_is_refused():
    content = repacked(workbook([["id", "b"], [1, 2]]), xl__theme__theme1=b" " * 1_000_000)
    lie = content.replace((1_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lie != content
    assert "is a damaged or locked zip archive" in refused(lie)


def test_workbook_with_entities_is_refused():
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
        b"<theme>&b;</theme>"
    )
    assert "holds XML that no spreadsheet program writes" in refused(
        repacked(workbook([["id", "b"], [1, 2]]), xl__theme__theme1=bomb)
    )


def test_workbook_with_a_row_far_below_is_refused_quickly():
    content = workbook([["id", "b"], [1, 2]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b'<row r="2"', b'<row r="1000000000000"')
    assert far != sheet
    assert "has a sheet of more than 1,048,576 rows" in refused(
        repacked(content, xl__worksheets__sheet1=far)
    )


def test_workbook_that_names_a_sheet_again_and_again_is_refused():
    content = workbook([["id", "b"], [1, 2]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        named = archive.read("xl/workbook.xml")
    again = re.sub(rb"<sheet [^>]*/>", lambda sheet: 50 * sheet[0], named)
    assert again != named
    assert "names one sheet several times" in refused(repacked(content, xl__workbook=again))


@pytest.mark.parametrize("part", ["xl__workbook", "xl__worksheets__sheet1", "xl__styles"])
def test_damaged_workbook_is_refused_in_one_sentence(part):
    content = repacked(workbook([["id", "b"], [1, 2]]), **{part: b"<x><y></x>"})
    assert "is a workbook that cannot be read" in refused(content)


# --- pieces


def test_pieces_hold_the_same_rows_as_the_whole(tmp_path):
    path = tmp_path / "ucdp.csv"
    path.write_bytes(UCDP + b"1,2\n\nSource: UCDP\n")
    whole = read_raw(path.read_bytes(), "ucdp.csv")
    pieces = list(iter_raw_chunks(path, "ucdp.csv", chunk_rows=37))
    assert len(pieces) > 10
    assert all(piece.sha256 == whole.sha256 for piece in pieces)
    assert sum(piece.rows for piece in pieces) == whole.rows == 403
    pd.testing.assert_frame_equal(pd.concat([piece.cells for piece in pieces]), whole.cells)
    assert [row for piece in pieces for row in piece.skipped] == list(whole.skipped)
    assert [row for piece in pieces for row in piece.rejected] == list(whole.rejected)


def test_file_of_the_caller_stays_open():
    file = io.BytesIO(b"id,b\n1,2\n")
    assert sum(piece.rows for piece in iter_raw_chunks(file, "f.csv")) == 1
    assert not file.closed


# --- conservation

CELLS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
) | st.sampled_from(["", "#", "# note", "#date", "Source: x", "id", "1", "34,5", "a;b", '"', "\n"])


@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=12),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    ends=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_each_generated_row_is_in_one_place(rows, delimiter, ends, encoding):
    text = io.StringIO()
    # The writer quotes a carriage return of its own accord only where lines end with one.
    quoting = csv.QUOTE_ALL if ends == "\n" else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends, quoting=quoting)
    writer.writerows([["id", "date of it", "place"], *rows])
    table = read(text.getvalue().encode(encoding), delimiter=delimiter, header="1")
    assert is_conserved(table)
    assert table.rows == len(rows)
    for number, row in table.cells.iterrows():
        given_row = rows[number - 2]
        assert row.tolist() == given_row[:3]
        assert given_row[3:] in ([], [""])  # an empty cell that every row has behind the last


PIECES = (
    b"\x00", b"\xff", b"\x92", b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\xef\xbb\xbf", b"#",
    b"\xd9\x82", b"=1+1", b"<html>", b"{{7*7}}", b"\xe2\x80\xae", b"x" * 20_000, b"\n\n",
    b"\n# note\n",
)  # fmt: skip


def mutated(chance: random.Random, content: bytes) -> bytes:
    """Return a file with one to four things inserted, lost, doubled, changed or cut off."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content) + 1)
        to = min(len(content), at + chance.choice((1, 1, 2, 30, 500)))
        kind = chance.randrange(6)
        if kind == 0:
            content = content[:at] + chance.choice(PIECES) + content[at:]
        elif kind == 1:
            content = content[:at] + content[to:]
        elif kind == 2:
            content = content[:to] + content[at:to] + content[to:]
        elif kind == 3:
            content = content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
        elif kind == 4:
            content = content[:at] + content[at:to][::-1] + content[to:]
        elif chance.random() < 0.2:
            content = content[:at]
    return content


def check_mutations(first: int, last: int) -> None:
    whole = list(csv.reader(io.StringIO(UCDP.decode(), newline="")))
    text = io.StringIO()
    csv.writer(text).writerows(whole[:13])
    template = "id,date,province,district,place,latitude,longitude,killed,note\r\n" + "".join(
        f'{n},2024-03-{n:02},Kabul,,"Dasht-e Barchi, کابل",34.5,69.1,{n},"a\nb ""c"""\r\n'
        for n in range(1, 9)
    )
    valid = (text.getvalue().encode(), template.encode(), template.encode("utf-16"))
    read_through = 0
    for seed in range(first, last):
        chance = random.Random(seed)
        table, sentence = read_or_refused(mutated(chance, chance.choice(valid)))
        assert len(sentence) < 400, seed
        assert table is None or is_conserved(table), seed
        read_through += table is not None
    assert read_through > (last - first) / 3


def test_each_row_of_2_000_mutated_files_is_in_one_place():
    check_mutations(0, 2_000)


@pytest.mark.slow
def test_each_row_of_20_000_mutated_files_is_in_one_place():
    check_mutations(2_000, 22_000)


def test_mutated_workbooks_are_read_or_refused():
    content = workbook([["id", "date", "b"], *([n, f"2024-01-{n:02}", "x"] for n in range(1, 9))])
    for seed in range(300):
        chance = random.Random(seed)
        table, sentence = read_or_refused(mutated(chance, content))
        assert len(sentence) < 400, seed
        assert table is None or is_conserved(table), seed
