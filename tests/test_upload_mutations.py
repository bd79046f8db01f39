"""Whatever a file holds, each of its rows is in one bin, or the file is refused in words."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import IncidentFileError, QueryError
from conflictmap.ingest import upload
from conflictmap.ingest.account import KEEP, place_key, rejected_csv
from conflictmap.ingest.profiles import template
from conflictmap.ingest.upload import changes, examine
from conflictmap.store import Store, open_store
from tests.examples import few_and_many
from tests.synthetic import shipped_edition
from tests.test_profiles_acled import event as acled_event
from tests.test_profiles_ucdp import event as ucdp_event
from tests.test_upload import SAMPLE, assert_accounted, published, sheet_row, table

SOURCE = {"source_id": "synthetic", "title": "Synthetic", "publisher": "Synthetic desk"}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    """A store that holds an older file of the same source, and one of another source.

    Nothing more is published to it, so its tables are read once and not for each file.
    """
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite'}")
    published(store, table(sheet_row(1, killed="1"), sheet_row(9)))
    published(store, table(sheet_row(2, id="other")), source_id="another")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upload, "load_tables", cache(upload.load_tables))
        yield store


def outcome(store: Store, content: bytes) -> str:
    """Examine a file, check the account of its rows, and return what became of it."""
    try:
        found = examine(
            content,
            "synthetic.csv",
            store,
            shipped_edition(),
            source=SOURCE,
            viewer=LOCAL_ADMINISTRATOR,
        )
    except (IncidentFileError, QueryError) as error:
        text = str(error)
        assert text
        assert "Traceback" not in text
        assert len(text) < 1000
        return "refused"
    assert_accounted(found)
    rejected_csv(found.raw, found.report)
    additions, _ = changes(found)
    moving = found.report.bins["new"] + found.report.bins["changed"]
    assert len(additions["incidents"]) == moving
    return "taken"


# --- generated files of our own template

CELLS = st.one_of(
    st.sampled_from(
        [
            *("", " ", "0", "7", "-1", "5-7", "dozens", "1,234", "n/a", "1e9", "nan", "None"),
            *("2019-03-04", "09/04/2015", "16 May 2025", "1402/05/24", "45291", "31/02/2026"),
            *("۱۴۰۲/۰۵/۲۴", "9999-12-31", "0001-01-01", "2019-03-04T10:00:00Z", "۱۲", "۵٫۵"),
            *("33.0", "65.0", "69.17", "34.53", "91", "0", "34°31'12\"N", "34,53", "inf"),
            *("Kabul", "Kābul", "کابل", "Bagrami", "Bagrammi", "Arghandab", "Helmand", "Nowhere"),
            *("AF01", "AF0101", "AF-KAB", "AF99", "near", "exact", "adm1", "Pakistan"),
            *("clash", "bombing", "ISKP", "Taleban", "=1+1", "{{ 7*7 }}", "<b>x</b>", "a\nb", '"'),
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


@few_and_many(
    15,
    60,
    given(
        rows=st.lists(
            st.dictionaries(st.sampled_from(template.COLUMNS), CELLS, max_size=8), max_size=6
        ),
        is_whole=st.booleans(),
    ),
    example(rows=[{"title": "\x00"}], is_whole=True),
    example(rows=[{"id": "\x1f"}, {"id": ""}], is_whole=True),
)
def test_rows_of_a_generated_file_add_up_to_its_bins(store, rows, is_whole):
    usual = dict.fromkeys(template.COLUMNS, "")
    if is_whole:
        usual |= sheet_row(3)
    outcome(store, table(usual | sheet_row(3), *(usual | row for row in rows)))


# --- seeded mutations of valid files


def valid_files() -> dict[str, bytes]:
    """Return a small valid file of each layout; the rows of ACLED are synthetic."""
    lines = SAMPLE.read_bytes().split(b"\n")
    acled = [acled_event(event_id_cnty=f"SYN{n}", fatalities=str(n)) for n in range(4)]
    ucdp = [ucdp_event(id=str(n)) for n in range(3)]
    sheet = [sheet_row(n) for n in range(1, 4)]
    sheet.append(sheet_row(4, latitude="34.49", longitude="69.27", actor1="ISKP", killed="3-5"))
    sheet.append(sheet_row(5, district="Arghandab", province="", wounded="dozens"))
    return {
        "template": table(*sheet),
        "template of semicolons": table(*sheet).replace(b",", b";"),
        "ucdp": b"\n".join(lines[:12]),
        "ucdp, synthetic": table(*ucdp),
        "acled, synthetic": table(*acled),
        "utf-16": table(*sheet).decode().encode("utf-16"),
        "workbook": template.template_xlsx(),
    }


TOKENS = [
    *(b",", b";", b"\t", b"|", b'"', b'""', b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\x1a"),
    *("۱۴۰۲/۰۵/۲۴".encode(), "کابل".encode(), "ولایت".encode(), "\u200f".encode(), b"\xe2\x80"),
    *(b"=1+1", b"{{7*7}}", b"<html>", b"NaN", b"inf", b"-1", b"1e400", b"\xef\xbb\xbf", b"\x0b"),
    *(b"31/02/2026", b"45291", b"0001-01-01", b"9999-12-31", b"1,5"),
    *(b"#date", b"id", b"date", b"latitude", b"A" * 10_001),
]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return a file with one to four faults: bytes, tokens, lines, cells or halves of it."""
    for _ in range(chance.randint(1, 4)):
        content = chance.choice(MUTATIONS)(content, chance)
    return content


def _spot(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


def _other_byte(content: bytes, chance: random.Random) -> bytes:
    at = _spot(content, chance)
    return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]


def _token(content: bytes, chance: random.Random) -> bytes:
    at = _spot(content, chance)
    return content[:at] + chance.choice(TOKENS) + content[at:]


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: _spot(content, chance)]


def _without_a_part(content: bytes, chance: random.Random) -> bytes:
    at = _spot(content, chance)
    return content[:at] + content[at + chance.randint(1, 40) :]


def _lines(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    change = chance.randrange(4)
    if change == 0:
        lines.insert(at, lines[other])
    elif change == 1:
        del lines[at]
    elif change == 2:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines.insert(at, b"")
    return b"\n".join(lines)


def _cell(content: bytes, chance: random.Random) -> bytes:
    """Put something else into a cell, so that most of the file still holds."""
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    cells = lines[at].split(b",")
    cells[chance.randrange(len(cells))] = chance.choice([*TOKENS, b"", b"Kandahar", b"2019-03-05"])
    lines[at] = b",".join(cells)
    return b"\n".join(lines)


def _cells_exchanged(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    cells = lines[at].split(b",")
    chance.shuffle(cells)
    lines[at] = b",".join(cells)
    return b"\n".join(lines)


MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [
    _other_byte,
    _token,
    _token,
    _cut,
    _without_a_part,
    _lines,
    _cell,
    _cell,
    _cell,
    _cells_exchanged,
]


def mutations(seeds: range) -> Iterator[tuple[int, bytes]]:
    files = valid_files()
    for seed in seeds:
        chance = random.Random(seed)
        name = chance.choice(list(files))
        yield seed, mutated(files[name], chance)


def check(store: Store, seeds: range) -> Counter[str]:
    """Examine mutated files; fail with the seeds and errors of those that end in any other way."""
    ends: Counter[str] = Counter()
    faults: dict[str, list[int]] = {}
    for seed, content in mutations(seeds):
        try:
            ends[outcome(store, content)] += 1
        except Exception as error:
            where = error.__traceback__
            while where is not None and where.tb_next is not None:
                where = where.tb_next
            line = f"{where.tb_frame.f_code.co_qualname}:{where.tb_lineno}" if where else ""
            faults.setdefault(f"{type(error).__name__} {line} {error!s:.150}", []).append(seed)
    said = [f"{len(seeds)}x (seeds {seeds[:3]}) {fault}" for fault, seeds in faults.items()]
    assert not faults, "\n".join(said)
    return ends


def test_files_are_valid_before_they_are_mutated(store):
    assert {name: outcome(store, content) for name, content in valid_files().items()} == (
        dict.fromkeys(valid_files(), "taken")
    )


FEW = 50
MANY = [pytest.param(first, 125, marks=pytest.mark.slow) for first in (0, 125, 250, 375)]


@pytest.mark.parametrize(("first", "files"), [(0, FEW), *MANY])
def test_mutated_files_are_accounted_for_or_refused(store, first, files):
    ends = check(store, range(first, first + files))
    assert min(ends["taken"], ends["refused"]) > files // 10


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 21_000, 2_500))
def test_20_000_mutated_files_are_accounted_for_or_refused(store, first):
    ends = check(store, range(first, first + 2_500))
    assert min(ends["taken"], ends["refused"]) > 250


def test_answers_keep_the_account(store):
    content = valid_files()["template"]
    key = place_key("synthetic-s5")
    found = examine(
        content,
        "synthetic.csv",
        store,
        shipped_edition(),
        source=SOURCE,
        viewer=LOCAL_ADMINISTRATOR,
        answers={key: KEEP, "no such key": "anything"},
    )
    assert_accounted(found)
    assert found.report.bins["needs_review"] == 0
