"""What the steps of an upload hand to each other.

bytes -> `RawTable` (reading) -> `Draft` (recognise, convert) -> placed and compared -> report.

A row is named by its number as a spreadsheet shows it: the header is row 1, whatever line breaks a
quoted cell holds. Every row of a file is in one place only: in the cells of the raw table, among
the skipped, or among the rejected; and likewise in every later step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from conflictmap.errors import Problem

BINS = (
    "new",
    "unchanged",
    "changed",
    "duplicate_candidate",
    "needs_review",
    "rejected",
    "out_of_scope",
    "skipped",
)

Answers = Mapping[str, str]
"""What the analyst settled: the key of a `Question` to the value of one of its options."""


@dataclass(frozen=True)
class Limits:
    """How large an upload may be. The command line streams larger files."""

    cell_characters: int = 10_000
    columns: int = 200
    unpacked_bytes: int = 50 * 2**20


@dataclass(frozen=True)
class Question:
    """Something the file does not settle: asked once, for the whole file or column.

    ``key`` names it in answers ("encoding", "date order of event_date"); ``options`` are value and
    words; ``proposed`` is the likeliest value or empty; ``examples`` are cells, shown as text only.
    Until it is answered, the rows it concerns stay in review.
    """

    key: str
    text: str
    options: tuple[tuple[str, str], ...]
    proposed: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """A row that holds no record: blank, HXL tags, a footer, a repeated header."""

    row: int
    why: str


@dataclass(frozen=True)
class Review:
    """A row that a person must look at, and why; ``options`` are codes or ids to choose from."""

    row: int
    column: str
    reason: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawTable:
    """A file as text, before anything is made of it.

    ``cells`` has a column a header name (text, as written; duplicates and blanks made unique by a
    suffix), indexed by row number; an empty cell is "". ``header`` keeps the names as written.
    """

    label: str  # the file's name, cut to 120 characters; never a path
    sha256: str
    encoding: str
    delimiter: str  # "," ";" "\\t" "|", or "xlsx"
    header: tuple[str, ...]
    header_row: int
    hxl: tuple[str, ...]  # the tags of the HXL row; empty: none
    cells: pd.DataFrame
    skipped: tuple[Skipped, ...] = ()
    rejected: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()  # warnings in fixed words and numbers
    ragged: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    # ^ the cells of rejected rows that have not as many as the header

    @property
    def rows(self) -> int:
        """Return how many rows the file has behind its header."""
        return len(self.cells) + len(self.skipped) + len({problem.row for problem in self.rejected})


RECORD_COLUMNS = (
    "record_id",  # the source's own id of the record; empty: it has none
    "title",
    "description",
    "date_from",
    "date_to",
    "date_precision",
    "date_basis",
    "date_words",
    "event_type",
    "original_type",
    "target_type",
    "target_community",
    "place_name",
    "place_relation",
    "place_words",
    "district_name",
    "province_name",
    "country",
    "latitude",
    "longitude",
    "coordinate_precision",  # as in schema.PLACE_COLUMNS
    "original_precision",  # the source's own code, as written
    "adm1_pcode",
    "adm2_pcode",
    "source_words",  # the record's own sources, as text
)
"""Columns of `Draft.records`, indexed by row: dates as datetime64[s], coordinates as float64, the
rest text (missing: NaN)."""

CASUALTY_COLUMNS = (
    "row",
    "victim_group",
    "harm",
    "low",
    "best",
    "high",
    "qualifier",
    "words",
    "sex",
    "age",
)
"""Columns of `Draft.casualties`: one figure for one group and harm of one row. Where ``sex`` or
``age`` is given, it is an "of whom" row: never summed."""

ACTOR_COLUMNS = ("row", "actor_name", "actor_id", "kind", "by_whom", "words")
"""Columns of `Draft.attributions`. ``actor_id`` is one of ours where the profile knows the name."""


@dataclass(frozen=True)
class Draft:
    """A file's records in our words, before they are placed and compared.

    Each row of the raw table's cells is in ``records``, ``rejected`` or ``out_of_scope``. A row
    with a review stays in ``records``; it is not published until the review is settled.
    """

    profile: str  # "own_template", "ucdp_ged", "acled", "gtd", "hxl", "mapped"
    counting_date: str  # what the source's codebook counts by: "date_from", or "interval"
    records: pd.DataFrame
    casualties: pd.DataFrame
    attributions: pd.DataFrame
    rejected: tuple[Problem, ...] = ()
    out_of_scope: tuple[Skipped, ...] = ()
    reviews: tuple[Review, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = field(default=())
