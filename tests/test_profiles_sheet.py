"""Our template, HXL tags and mapped tables: columns known by field."""

from __future__ import annotations

import io
import json

import openpyxl
import pandas as pd
import pytest

from conflictmap.errors import IncidentFileError
from conflictmap.ingest.model import Draft
from conflictmap.ingest.profiles import fields, hxl, mapping, template
from conflictmap.ingest.profiles.mapping import ColumnMapping
from conflictmap.ingest.reading import read_raw
from conflictmap.ingest.recognise import recognise
from tests.raw_tables import assert_conserved, raw_rows, raw_table


def row(**more: str) -> dict[str, str]:
    """Return a synthetic row of the template."""
    usual = {"date": "2025-02-28", "province": "Kabul", "title": "Synthetic", "source": "Desk"}
    return usual | more


def converted(*rows: dict[str, str], **answers: str) -> Draft:
    raw = raw_rows(*rows)
    draft = template.convert(raw, answers)
    assert_conserved(raw, draft)
    return draft


def figures(draft: Draft) -> list[tuple[object, ...]]:
    columns = ["victim_group", "harm", "low", "best", "high"]
    table = draft.casualties[columns].astype(object)
    return [tuple(values) for values in table.where(table.notna(), None).to_numpy()]


# --- the template ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (template.template_csv(), "template.csv"),
        (template.template_xlsx(), "template.xlsx"),
        (template.template_csv(hxl_row=False), "template.csv"),
    ],
)
def test_downloaded_template_is_recognised_and_holds_no_record(content, name):
    raw = read_raw(content, name)
    assert recognise(raw).profile == "own_template"
    assert set(raw.header) == set(fields.FIELDS)
    draft = template.convert(raw, {})
    assert (len(draft.records), draft.rejected) == (0, ())


def test_template_is_text_throughout_so_that_no_date_is_turned_round():
    sheet = openpyxl.load_workbook(io.BytesIO(template.template_xlsx())).active
    assert {sheet.column_dimensions[letter].number_format for letter in "ABCZ"} == {"@"}
    assert template.template_csv().startswith(b"\xef\xbb\xbf")


def test_hxl_tags_of_the_template_lead_back_to_its_columns():
    table = raw_table(template.COLUMNS, hxl=[template.HXL_TAGS[name] for name in template.COLUMNS])
    assert hxl.fields_of(table) == {name: name for name in template.COLUMNS}


def test_row_of_the_template_becomes_a_record():
    draft = converted(
        row(
            id="desk-7", district="Bagrami", place="Bagrami bazaar", latitude="34,49",
            longitude="69,27", place_precision="village", event_type="IED", actor1="ISKP",
            target_type="market", target_community="Hazaras", killed="5-7", source_url="https://x",
            verified="yes", note="call back", language="fa",
        )
    )  # fmt: skip
    assert [problem.column for problem in draft.rejected] == ["latitude", "longitude"]

    draft = converted(row(id="desk-7", district="Bagrami", latitude="34.49", longitude="69.27",
                          place_precision="village", event_type="IED", actor1="ISKP",
                          target_type="market", target_community="Hazaras", killed="5-7",
                          verified="yes"))  # fmt: skip
    record = draft.records.iloc[0]
    assert record["record_id"] == "desk-7"
    assert (record["event_type"], record["original_type"]) == ("bombing", "IED")
    assert (record["coordinate_precision"], record["original_precision"]) == ("exact", "village")
    assert (record["target_type"], record["target_community"]) == ("market", "hazara")
    assert record["source_words"] == "Desk; Verified: yes"
    assert figures(draft) == [("all", "killed", 5, None, 7)]
    assert draft.attributions[["actor_id", "kind", "by_whom"]].values.tolist() == [
        ["iskp", "attributed", "Desk"]
    ]


def test_row_without_date_text_or_source_is_rejected_and_one_without_province_is_not():
    draft = converted(
        row(province=""), row(date=""), row(title=""), row(source=""), row(date="31/02/2026")
    )
    assert draft.records.index.tolist() == [2]
    assert [str(problem) for problem in draft.rejected] == [
        "synthetic.csv, row 3, date: the cell is empty."
        " Write the date as YYYY-MM-DD, for example 2026-02-28.",
        "synthetic.csv, row 4, title: neither title nor description is given."
        " Say in a line what happened.",
        "synthetic.csv, row 5, source: the cell is empty. Say who reported it.",
        "synthetic.csv, row 6, date: '31/02/2026' is not a calendar date."
        " Write it as YYYY-MM-DD, for example 2026-02-28.",
    ]


def test_first_and_last_day_go_before_a_single_date():
    draft = converted(
        row(date="", date_start="2025-02-27", date_end="2025-03-02"), row(date="2025-02")
    )
    spans = draft.records[["date_from", "date_to"]].astype("str").values.tolist()
    assert spans == [["2025-02-27", "2025-03-02"], ["2025-02-01", "2025-02-28"]]
    assert draft.records["date_precision"].tolist() == ["days", "month"]


def test_interval_that_ends_before_it_begins_is_rejected():
    draft = converted(row(date="", date_start="2025-03-02", date_end="2025-02-27"))
    assert [problem.what for problem in draft.rejected] == ["it ends before it begins."]


def test_solar_hijri_dates_wait_for_an_answer():
    draft = converted(row(date="۱۴۰۰/۰۵/۲۴"))
    assert [question.key for question in draft.questions] == ["calendar of date"]
    assert [review.column for review in draft.reviews] == ["date"]
    answered = converted(row(date="۱۴۰۰/۰۵/۲۴"), **{"calendar of date": "solar_hijri"})
    assert answered.records["date_from"].tolist() == [pd.Timestamp("2021-08-15")]
    assert answered.records["date_words"].tolist() == ["۱۴۰۰/۰۵/۲۴"]
    assert answered.reviews == ()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"killed": ""}, []),
        ({"killed": "0"}, [("all", "killed", 0, 0, 0)]),
        ({"killed": "at least 7"}, [("all", "killed", 7, 7, None)]),
        ({"killed": "dozens"}, [("all", "killed", None, None, None)]),
        ({"killed": "5", "killed_low": "3", "killed_high": "9"}, [("all", "killed", 3, 5, 9)]),
        ({"killed": "5", "killed_low": "7", "killed_high": "3"}, [("all", "killed", 7, 5, 3)]),
        ({"civilians_killed": "4"}, [("civilians", "killed", 4, 4, 4)]),
        (
            {"killed": "12", "civilians_killed": "5"},
            [("civilians", "killed", 5, 5, 5), ("unknown", "killed", 7, 7, 7)],
        ),
        ({"killed": "5", "civilians_killed": "5"}, [("civilians", "killed", 5, 5, 5)]),
        ({"killed": "5-7", "civilians_killed": "2"}, [("all", "killed", 5, None, 7)]),
        ({"wounded": "۲۳"}, [("all", "wounded", 23, 23, 23)]),
    ],
)
def test_figures_are_never_invented(cells, expected):
    assert figures(converted(row(**cells))) == expected


def test_words_name_what_a_total_cannot_hold():
    draft = converted(row(killed="5-7", civilians_killed="2"))
    assert draft.casualties["words"].tolist() == ["5-7; of whom civilians: 2"]


def test_more_civilians_than_people_are_reviewed():
    draft = converted(row(killed="3", civilians_killed="5"))
    assert figures(draft) == [("all", "killed", 3, 3, 3)]
    assert [review.reason for review in draft.reviews] == [
        "There are more civilians than people in all."
    ]


def test_placeholder_of_the_country_is_no_point():
    draft = converted(row(latitude="33.0", longitude="65.0"))
    record = draft.records.iloc[0]
    assert pd.isna(record["latitude"])
    assert record["coordinate_precision"] == "country"
    named = converted(row(latitude="33", longitude="65", district="Bagrami")).records.iloc[0]
    assert pd.isna(named["latitude"])
    assert pd.isna(named["coordinate_precision"])


def test_swapped_coordinates_are_asked_about():
    draft = converted(row(latitude="69.17", longitude="34.53"))
    assert [question.key for question in draft.questions] == ["swapped coordinates"]
    assert [review.column for review in draft.reviews] == ["latitude"]


def test_incident_abroad_is_kept_by_the_template_and_out_of_scope_for_a_mapped_table():
    rows = (row(country="Tajikistan"), row(country="AFG"))
    assert len(converted(*rows).records) == 2
    raw = raw_rows(*rows)
    columns = {"date": "date", "country": "country", "province": "province"}
    draft = mapping.convert_mapped(raw, ColumnMapping(columns), {})
    assert_conserved(raw, draft)
    assert [skipped.row for skipped in draft.out_of_scope] == [2]


def test_other_side_is_no_attribution_but_in_a_clash():
    sides = {"actor1": "Taliban", "actor2": "NRF"}
    draft = converted(row(event_type="clash", **sides), row(event_type="bombing", **sides))
    assert draft.attributions[["row", "actor_id"]].values.tolist() == [
        [2, "taliban"],
        [2, "nrf"],
        [3, "taliban"],
    ]
    assert draft.records["description"].iloc[1] == "Other side: NRF"


def test_text_that_looks_like_markup_or_a_formula_is_kept_as_written():
    hostile = "=1+1 <b>{{ 7*7 }}</b> {% x"
    draft = converted(row(title=hostile, description=hostile))
    assert draft.records[["title", "description"]].values.tolist() == [[hostile, hostile]]


# --- HXL ------------------------------------------------------------------------------------------


def test_columns_are_found_by_their_tags_in_any_order():
    table = raw_table(
        ["Lat", "Wann", "Frauen", "Tote", "Provinz", "P", "Lon", "Wo"],
        [["34.53", "2025-02-28", "2", "7", "Kabul", "AF01", "69.17", "Kabul"]],
        hxl=[
            "#geo+lat",
            "#date +start",
            "#affected+killed+f",
            "#AFFECTED+best+killed",
            "#adm1+name",
            "#adm1+code",
            "#geo+lon",
            "#loc+name",
        ],
    )
    draft = hxl.convert(table, {})
    assert_conserved(table, draft)
    record = draft.records.iloc[0]
    assert (record["province_name"], record["adm1_pcode"]) == ("Kabul", "AF01")
    assert (record["latitude"], record["longitude"]) == (34.53, 69.17)
    assert figures(draft) == [("all", "killed", 7, 7, 7), ("all", "killed", 2, 2, 2)]
    assert draft.casualties["sex"].fillna("").tolist() == ["", "women"]
    assert not any("not read" in note for note in draft.notes)
    assert record["title"] == "Incident, Kabul, Kabul"


def test_only_women_or_children_are_not_taken_for_all():
    table = raw_table(
        ["d", "p", "w", "c"],
        hxl=["#date", "#adm1", "#affected+killed+f", "#affected+killed+children"],
    )
    assert set(hxl.fields_of(table)) == {"date", "province"}
    assert set(hxl.subsets_of(table).values()) == {"w", "c"}


def test_women_and_children_are_kept_as_figures_of_whom_and_whatever_stands_there():
    tags = {
        "#date": "2025-02-28",
        "#adm1": "Kabul",
        "#affected+killed": "9",
        "#affected+f+killed+ind": "2",
        "#affected+killed+children": "at least 3",
        "#affected+injured+f+children": "some <b>",
        "#affected+killed+m+civilians": "",
        "#affected+killed+elderly": "1",
    }
    table = raw_table(list(tags), [list(tags.values())], hxl=list(tags))
    draft = hxl.convert(table, {})
    assert_conserved(table, draft)
    columns = ["victim_group", "harm", "best", "high", "words", "sex", "age"]
    found = draft.casualties[columns].astype(object)
    assert found.where(found.notna(), None).values.tolist() == [
        ["all", "killed", 9, 9, None, None, None],
        ["all", "killed", 2, 2, None, "women", None],
        ["all", "killed", 3, None, "at least 3", None, "children"],
        ["all", "wounded", None, None, "some <b>", "women", "children"],
    ]
    assert "1 columns are not read." in draft.notes


def test_column_of_whom_that_is_there_twice_is_read_once():
    tags = ["#date", "#adm1", "#affected+killed+f", "#affected+killed+f"]
    draft = hxl.convert(raw_table("dpab", [["2025-02-28", "Kabul", "1", "2"]], hxl=tags), {})
    assert draft.casualties["best"].tolist() == [1]


# --- mapping --------------------------------------------------------------------------------------


def test_columns_are_proposed_in_english_dari_and_pashto():
    english = raw_table(["Date of Incident", "PROVINCE", "Deaths (total)", "Headline", "Lat"])
    assert mapping.propose_mapping(english).columns == {
        "date": "Date of Incident",
        "title": "Headline",
        "province": "PROVINCE",
        "killed": "Deaths (total)",
    }
    dari = raw_table(["تاریخ", "ولایت", "ولسوالي", "زخمی", "منبع", "عرض البلد", "طول البلد"])
    assert mapping.propose_mapping(dari).columns == {
        "date": "تاریخ",
        "province": "ولایت",
        "district": "ولسوالي",
        "latitude": "عرض البلد",
        "longitude": "طول البلد",
        "wounded": "زخمی",
        "source": "منبع",
    }
    pashto = raw_table(["نېټه", "ولایت", "ولسوالۍ", "ټپیان", "سرچینه"])
    assert set(mapping.propose_mapping(pashto).columns) == {
        "date",
        "province",
        "district",
        "wounded",
        "source",
    }


def test_every_field_has_synonyms_and_none_is_given_twice():
    assert set(mapping.SYNONYMS) == set(fields.FIELDS)
    keys = [name for names in mapping._synonyms().values() for name in set(names)]
    assert sorted(name for name in set(keys) if keys.count(name) > 1) == []


def test_mapping_survives_being_saved():
    saved = ColumnMapping({"date": "تاریخ", "province": "ولایت"}, "desk sheet")
    assert mapping.read_mapping(json.loads(json.dumps(saved.to_dict()))) == saved
    assert mapping.read_mapping({"date": "Date"}) == ColumnMapping({"date": "Date"})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            [],
            'mapping: it leads no field to a column. Write {"columns": {"date": "Date",'
            ' "province": "Province"}}, for example.',
        ),
        (
            {"columns": {"killed": "Dead", "when": "Date"}},
            "mapping: 'when' is no field of an incident. No column holds the date."
            " Choose one for 'date' or 'date_start'.",
        ),
        (
            {"version": 2, "columns": {"date": "Date", "latitude": "y"}},
            "mapping: It has another version. Write 1, or leave it out. Latitude and longitude go"
            " together. Choose a column for both or for none.",
        ),
    ],
)
def test_mapping_that_cannot_be_used_says_why(value, message):
    with pytest.raises(IncidentFileError) as caught:
        mapping.read_mapping(value)
    assert str(caught.value) == message


def test_mapping_of_columns_that_the_file_lacks_is_refused():
    raw = raw_table(["Day", "Where"])
    with pytest.raises(IncidentFileError) as caught:
        mapping.convert_mapped(raw, ColumnMapping({"date": "Day", "province": "Wo"}), {})
    assert str(caught.value) == (
        "mapping: The file has no column 'Wo' for 'province'. Choose one of its columns."
    )
    assert mapping.check_mapping(raw, ColumnMapping({"date": "Day", "date_end": "Day"})) == [
        "'Day' is chosen for date and date_end. Choose it for one of them."
    ]


def test_undated_row_of_a_mapped_table_is_kept_undated():
    raw = raw_table(["Day", "Where"], [["unknown", "Kabul"], ["2025-02-28", "Kabul"]])
    draft = mapping.convert_mapped(raw, ColumnMapping({"date": "Day", "province": "Where"}), {})
    assert_conserved(raw, draft)
    assert draft.records["date_precision"].tolist() == ["unknown", "day"]
    assert draft.records["date_basis"].tolist() == ["none", "stated"]
