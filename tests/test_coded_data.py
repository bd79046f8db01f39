"""The coded reports of ``data/``: whole, consistent, and no more certain than their sources."""

import datetime as dt
import hashlib
import re
from pathlib import Path

import pandas as pd
import pytest

from conflictmap.schema import TABLES

ROOT = Path(__file__).parents[1]
CODED = [name for name in TABLES if name != "place_candidates"]
CODING_LOG = ROOT / "docs" / "coding_log.md"

# Tables whose rows carry an id of their own; the others hang on such a row.
LABELLED = {name: TABLES[name].key[0] for name in CODED if len(TABLES[name].key) == 1}
LABELLED["coverage"] = "coverage_id"

# Rows without a source of their own belong to the report of the row they hang on.
PARENTS = {"claim_actors": "claims", "claim_areas": "claims", "tally_areas": "tallies"}

ESTIMATES = {"casualties": "", "deployments": "strength_", "claims": "value_"}

# Beginnings of the SHA-256 of words in private persons' names, so that the names stand nowhere.
PRIVATE_NAME_WORDS = {
    "f7a14151842dd8ca",
    "f4d25158ccdd82c2",
    "0c1c5d8d6668db44",
    "b94c5dbc799331f0",
    "49b4caa1201525b7",
    "fc6483bf47262029",
    "4ff92ce58b0e2dd1",
}


def coded(name: str) -> pd.DataFrame:
    """Return a coded table as it stands in its file: text, empty where nothing is stated."""
    path = ROOT / "data" / f"{name}.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def reading_order() -> dict[str, int]:
    """Return the place of each report in the order of coding, by ``source_id``."""
    sources = coded("sources")
    return dict(zip(sources["source_id"], sources["reading_order"].astype(int), strict=True))


def report_of_rows(name: str) -> pd.Series:
    """Return the place of the report that each row of a table belongs to."""
    rows, order = coded(name), reading_order()
    if name == "incidents":
        said = coded("incident_sources")
        first = said["source_id"].map(order).groupby(said["incident_id"]).min()
        return rows["incident_id"].map(first)
    if name in PARENTS:
        parent, key = PARENTS[name], TABLES[PARENTS[name]].key[0]
        of_parent = dict(zip(coded(parent)[key], report_of_rows(parent), strict=True))
        return rows[key].map(of_parent)
    return rows["source_id"].map(order)


def logged_paragraphs() -> dict[str, list[int]]:
    """Return the paragraph numbers of the coding log, by report."""
    parts = re.split(r"^## \d+\. (\S+)$", CODING_LOG.read_text(encoding="utf-8"), flags=re.M)
    return {
        source: [int(number) for number in re.findall(r"^\| (\d+) \|", text, flags=re.M)]
        for source, text in zip(parts[1::2], parts[2::2], strict=True)
    }


# --- the files ------------------------------------------------------------------------------------


def test_every_table_has_a_file_and_no_file_is_left_over():
    assert sorted(path.stem for path in (ROOT / "data").glob("*.csv")) == sorted(CODED)


@pytest.mark.parametrize("name", CODED)
def test_columns_are_those_that_the_schema_states(name):
    assert coded(name).columns.tolist() == TABLES[name].stated_columns


@pytest.mark.parametrize("name", CODED)
def test_files_are_utf8_with_plain_line_ends(name):
    content = (ROOT / "data" / f"{name}.csv").read_bytes()
    assert b"\r" not in content
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8").endswith("\n")


@pytest.mark.parametrize("name", CODED)
def test_cells_hold_what_their_column_allows(name):
    rows = coded(name)
    for column in TABLES[name].columns:
        if column.is_computed:
            continue
        cells = rows[column.name]
        assert not column.required or (cells != "").all(), column.name
        assert (cells == cells.str.strip()).all(), column.name
        filled = cells[cells != ""]
        if column.allowed:
            assert set(filled) <= set(column.allowed), column.name
        if column.kind == "boolean":
            assert set(filled) <= {"yes", "no"}, column.name
        if column.kind == "integer":
            assert filled.str.fullmatch(r"-?\d+").all(), column.name
        if column.kind == "date":
            assert [dt.date.fromisoformat(cell).isoformat() for cell in filled] == list(filled)


@pytest.mark.parametrize("name", CODED)
def test_a_key_names_one_row(name):
    assert not coded(name).duplicated(list(TABLES[name].key)).any()


@pytest.mark.parametrize("name", sorted(LABELLED))
def test_ids_are_letters_digits_and_hyphens(name):
    assert coded(name)[LABELLED[name]].str.fullmatch(r"[A-Za-z0-9-]+").all()


# --- reports --------------------------------------------------------------------------------------


def test_each_report_has_its_fingerprint_and_its_own_place_in_the_order():
    sources = coded("sources")
    assert sources["text_sha256"].str.fullmatch(r"[0-9a-f]{64}").all()
    assert sources["text_sha256"].is_unique
    assert sorted(reading_order().values()) == list(range(1, len(sources) + 1))


def test_every_incident_has_a_statement_and_a_place_row():
    incidents = set(coded("incidents")["incident_id"])
    assert set(coded("incident_sources")["incident_id"]) == incidents
    assert set(coded("incident_places")["incident_id"]) == incidents


@pytest.mark.parametrize("name", CODED)
def test_rows_refer_to_rows_of_the_same_or_an_earlier_report(name):
    rows, reports = coded(name), report_of_rows(name)
    assert reports.notna().all()
    for column in TABLES[name].columns:
        if not column.refers_to:
            continue
        table, key = column.refers_to.split(".")
        known = dict(zip(coded(table)[key], report_of_rows(table), strict=True))
        named = rows[column.name] != ""
        assert set(rows.loc[named, column.name]) <= set(known), column.name
        assert (rows.loc[named, column.name].map(known) <= reports[named]).all(), column.name


# --- dates and figures ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in CODED if "date_precision" in TABLES[n].column_names])
def test_dates_agree_with_their_precision(name):
    rows = coded(name)
    starts, ends, precision = rows["date_from"], rows["date_to"], rows["date_precision"]
    undated = (starts == "") & (ends == "")
    assert (undated == (precision == "unknown")).all()
    assert (undated == (rows["date_basis"] == "none")).all()
    closed = (starts != "") & (ends != "")
    assert (starts[closed] <= ends[closed]).all()
    one_day = closed & (precision == "day")
    assert (starts[one_day] == ends[one_day]).all()


@pytest.mark.parametrize("name", sorted(ESTIMATES))
def test_low_best_and_high_agree_with_the_qualifier(name):
    of = ESTIMATES[name]
    for row in coded(name).to_dict("records"):
        low, best, high = (row[f"{of}{part}"] for part in ("low", "best", "high"))
        match row[f"{of}qualifier"]:
            case "exactly":
                assert low == best == high != ""
            case "at_least":
                assert low == best != ""
                assert high == ""
            case "around":
                assert best != ""
                assert low == high == ""
            case "words_only":
                assert low == best == high == ""
                assert row[f"{of}words"] != ""
            case "range":
                assert int(low) < int(high)
            case _:
                assert low == best == high == row[f"{of}words"] == ""


def test_a_tally_without_a_figure_says_so():
    tallies = coded("tallies")
    without = tallies["value"] == ""
    assert (without == (tallies["qualifier"] == "words_only")).all()
    assert (tallies.loc[without, "words"] != "").all()
    assert (without | (tallies["statistic"] != "concentrated_in")).all()


def test_words_of_a_source_are_few():
    for name in CODED:
        rows = coded(name)
        for column in ("words", "date_words", "strength_words", "value_words"):
            if column in rows and name in {"casualties", "deployments", "claims", "incidents"}:
                assert (rows[column].str.split().str.len() <= 6).all(), (name, column)


# --- casualties -----------------------------------------------------------------------------------


def test_one_row_at_most_is_counted_for_an_incident_group_and_harm():
    counted = coded("casualties").query("is_counted == 'yes'")
    assert not counted.duplicated(["incident_id", "victim_group", "harm"]).any()


def test_subsets_are_never_counted():
    casualties = coded("casualties")
    assert not ((casualties["is_subset"] == "yes") & (casualties["is_counted"] == "yes")).any()


def test_a_total_for_all_groups_stands_only_where_there_are_no_parts():
    groups = coded("casualties").groupby(["incident_id", "harm"])["victim_group"].agg(set)
    assert all(of == {"all"} for of in groups if "all" in of)


def december_2022_sum(group: str, harm: str) -> int:
    """Return the sum of the counted figures that the article of December 2022 gives."""
    rows = coded("casualties").query(
        "source_id == '8am-2022-12' and is_counted == 'yes'"
        " and victim_group == @group and harm == @harm"
    )
    return int(rows.loc[rows["best"] != "", "best"].astype(int).sum())


@pytest.mark.parametrize(
    ("group", "harm", "published"),
    [
        ("civilians", "killed", 73),
        ("taliban", "killed", 23),
        ("civilians", "wounded", 141),
        ("taliban", "wounded", 21),
    ],
)
def test_attacks_of_the_article_add_up_to_its_own_totals(group, harm, published):
    assert december_2022_sum(group, harm) == published
    tally = coded("tallies").query(
        "source_id == '8am-2022-12' and measure == @harm and victim_group == @group"
    )
    assert tally["value"].tolist() == [str(published)]


def test_the_96_killed_are_73_civilians_and_23_taliban():
    killed = coded("tallies").query("source_id == '8am-2022-12' and measure == 'killed'")
    total = killed.query("victim_group == ''")
    assert total["value"].tolist() == ["96"]
    parts = killed.query("victim_group != ''")["value"].astype(int)
    assert parts.sum() == 96


def test_guard_and_attackers_stand_outside_the_totals_of_the_article():
    assert december_2022_sum("other_state", "wounded") == 1
    assert december_2022_sum("attackers", "killed") == 2


def test_nineteen_dead_and_twenty_children_are_both_kept():
    rows = coded("casualties").query("incident_id == 'aybak-madrassa' and harm == 'killed'")
    assert dict(zip(rows["best"], rows["is_counted"], strict=True)) == {"19": "yes", "20": "no"}


# --- what is stated, not what is known ------------------------------------------------------------


def test_killings_without_a_stated_place_have_none():
    places = coded("incident_places").set_index("incident_id")
    stated = ["place_name", "place_words", "district_name", "province_name", "country"]
    for incident in ("balkh-governor-killed", "khalil-haqqani-killed"):
        assert (places.loc[incident, stated] == "").all()


def test_a_victims_home_is_not_the_place():
    places = coded("incident_places")
    assert not places["province_name"].str.contains("Daykundi|Doikundi").any()


def test_dates_follow_the_report_and_not_the_coder():
    dates = coded("incidents").set_index("incident_id")["date_from"]
    assert dates["kaj-academy"] == "2022-09-28"
    assert dates["balkh-governor-killed"] == "2024-03-09"
    herat = ["injil-outpost", "al-farooq-minibus", "fargh-shahr-outpost"]
    assert (dates[[*herat, "kabul-hotel", "tajik-border-guards"]] == "").all()


def test_fall_of_the_fronts_and_fall_of_the_total_are_two_statements():
    changes = coded("tallies").query("statistic == 'change'").set_index("basis")
    assert changes["value"].to_dict() == {"published": "-17", "our arithmetic": "-17"}
    assert changes["actor_id"].to_dict() == {
        "published": "anti-taliban-groups",
        "our arithmetic": "",
    }


def test_no_report_claims_to_list_every_incident():
    assert set(coded("coverage")["is_event_level"]) == {"no"}


# --- the log and the persons ----------------------------------------------------------------------


def test_every_row_id_is_named_in_the_coding_log():
    named = set(re.findall(r"`([A-Za-z0-9-]+)`", CODING_LOG.read_text(encoding="utf-8")))
    named |= set(logged_paragraphs())
    for name, key in LABELLED.items():
        assert set(coded(name)[key]) <= named, name


def test_the_log_numbers_paragraphs_without_a_gap():
    paragraphs = logged_paragraphs()
    assert list(paragraphs) == sorted(reading_order(), key=reading_order().__getitem__)
    for source, numbers in paragraphs.items():
        assert numbers == list(range(1, len(numbers) + 1)), source


@pytest.mark.parametrize("name", ["incident_sources", "claims", "tallies"])
def test_every_paragraph_that_a_row_cites_exists(name):
    paragraphs, rows = logged_paragraphs(), coded(name)
    cited = zip(rows["source_id"], rows["paragraph"], strict=True)
    assert all(int(number) in paragraphs[source] for source, number in cited)


def private_name_words(text: str) -> set[str]:
    """Return which of the hidden words a text holds, by the beginning of their SHA-256."""
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    return PRIVATE_NAME_WORDS & {hashlib.sha256(w.encode()).hexdigest()[:16] for w in words}


def test_no_private_person_is_named():
    for folder in ("data", "docs"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".csv", ".md"}:
                assert not private_name_words(path.read_text(encoding="utf-8")), path.name


def test_codebook_describes_every_coded_column_and_allowed_value():
    codebook = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for name in CODED:
        section = codebook.split(f"### {name}\n")[1].split("\n### ")[0]
        for column in TABLES[name].columns:
            if column.is_computed:
                continue
            assert f"| `{column.name}` |" in section, (name, column.name)
            for value in column.allowed:
                assert f"| `{value}` |" in codebook, (name, column.name, value)


def test_every_table_and_column_is_described_in_the_data_page():
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for name, table in TABLES.items():
        assert f"### {name}\n" in page
        section = page.split(f"### {name}\n")[1].split("\n##")[0]
        missing = [c for c in table.column_names if f"`{c}`" not in section]
        assert not missing, name
