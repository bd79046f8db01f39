"""The upload report: every row of a file in exactly one bin, with reason and cure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from conflictmap.errors import Problem
from conflictmap.formula_guard import guarded
from conflictmap.ingest.assemble import Assembled
from conflictmap.ingest.compare import Comparison
from conflictmap.ingest.model import BINS, Answers, Draft, Question, RawTable, Review

OUTCOME_COLUMNS = ("row", "bin", "incident_id", "column", "value", "reason", "mend")

MENDING_COLUMNS = ("#reason", "#mend")

KEEP = "keep"
"""The answer that takes a row as it is: a place as coarse as it is sure, an incident of its own."""


@dataclass(frozen=True)
class UploadReport:
    """What became of a file.

    ``outcomes`` has a row a row of the file, in order, with `OUTCOME_COLUMNS`; ``bins`` counts them
    and adds up to ``rows``. ``withdrawn`` are incidents of the source that the file lacks.
    """

    label: str
    sha256: str
    profile: str
    rows: int
    bins: Mapping[str, int]
    outcomes: pd.DataFrame
    withdrawn: tuple[str, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]


def place_key(incident_id: str) -> str:
    """Return the key of the answer that settles which unit an incident lies in."""
    return f"place of {incident_id}"


def duplicate_key(incident_id: str) -> str:
    """Return the key of the answer that says whether an incident is one we have."""
    return f"duplicate {incident_id}"


def account(
    raw: RawTable, draft: Draft, assembled: Assembled, comparison: Comparison, answers: Answers
) -> UploadReport:
    """Put every row of a file into its bin.

    Raises
    ------
    AssertionError
        If a row is in no bin or in two: a bug, which must stay loud.
    """
    questions = tuple(q for q in (*raw.questions, *draft.questions) if q.key not in answers)
    ids = pd.Series(assembled.rows.index, index=assembled.rows.to_numpy())
    outcomes: dict[int, tuple[str, ...]] = {}
    for skipped in raw.skipped:
        outcomes[skipped.row] = ("skipped", "", "", "", skipped.why, "")
    for aside in draft.out_of_scope:
        outcomes[aside.row] = ("out_of_scope", "", "", "", aside.why, "")
    for problem in (*raw.rejected, *draft.rejected):
        outcomes.setdefault(problem.row, _rejected(problem))
    for review in draft.reviews:
        outcomes.setdefault(review.row, _review(review, str(ids.get(review.row, ""))))
    for review in assembled.reviews:  # on places, but for an id that is there twice
        incident = str(ids.get(review.row, ""))
        if place_key(incident) not in answers:
            outcomes.setdefault(review.row, _review(review, incident))
    file_open = next((q for q in questions if q.key in {r.key for r in raw.questions}), None)
    for row, incident in ids.items():
        outcome = _compared(str(incident), comparison, answers)
        if file_open is not None:
            outcome = (
                "needs_review",
                str(incident),
                "",
                "",
                file_open.text,
                "Answer the question.",
            )
        outcomes.setdefault(int(row), outcome)
    frame = pd.DataFrame(
        [(row, *outcomes[row]) for row in sorted(outcomes)], columns=list(OUTCOME_COLUMNS)
    )
    assert len(frame) == raw.rows, f"{raw.rows} rows in the file, {len(frame)} accounted for"
    counts = frame["bin"].value_counts()
    return UploadReport(
        label=raw.label,
        sha256=raw.sha256,
        profile=draft.profile,
        rows=raw.rows,
        bins={name: int(counts.get(name, 0)) for name in BINS},
        outcomes=frame,
        withdrawn=comparison.withdrawn,
        questions=questions,
        notes=(*raw.notes, *draft.notes),
    )


def rejected_csv(raw: RawTable, report: UploadReport) -> bytes:
    """Return the rows to mend as CSV, as they were, with the reason and how to mend in front.

    The first two columns are named ``#reason`` and ``#mend``; a second upload leaves them out, and
    takes the apostrophe away again that keeps a spreadsheet from running text as a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*MENDING_COLUMNS, *raw.header])
    rows = report.outcomes[report.outcomes["bin"].isin(["rejected", "needs_review"])]
    for outcome in rows.itertuples():
        cells = raw.ragged.get(outcome.row, ())
        if outcome.row in raw.cells.index:
            cells = tuple(raw.cells.loc[outcome.row])
        writer.writerow([guarded(str(c)) for c in (outcome.reason, outcome.mend, *cells)])
    return text.getvalue().encode("utf-8-sig")


def rows_to_publish(report: UploadReport) -> set[str]:
    """Return the incidents of a report that publishing adds or changes."""
    rows = report.outcomes[report.outcomes["bin"].isin(["new", "changed"])]
    return set(rows["incident_id"])


def _compared(incident: str, comparison: Comparison, answers: Answers) -> tuple[str, ...]:
    if incident in comparison.unchanged:
        return ("unchanged", incident, "", "", "", "")
    if incident in comparison.changed:
        return ("changed", incident, "", "", "", "")
    others = comparison.duplicates
    others = others.loc[others["incident_id"] == incident, "other_id"]
    if len(others) and duplicate_key(incident) not in answers:
        reason = f"May be the same as {', '.join(sorted(others))}."
        return ("duplicate_candidate", incident, "", "", reason, "Say which, or keep both.")
    return ("new", incident, "", "", "", "")


def _rejected(problem: Problem) -> tuple[str, ...]:
    return ("rejected", "", problem.column, problem.value[:80], problem.what, problem.mend)


def _review(review: Review, incident: str) -> tuple[str, ...]:
    options = f" Options: {', '.join(review.options)}." if review.options else ""
    return ("needs_review", incident, review.column, "", review.reason + options, "Settle it.")


def as_dictionary(report: UploadReport, refused: str = "") -> dict[str, object]:
    """Return a report as plain values for JSON."""
    aside = ["rejected", "needs_review", "duplicate_candidate"]
    shown = report.outcomes[report.outcomes["bin"].isin(aside)]
    return {
        "file": report.label,
        "profile": report.profile,
        "rows": report.rows,
        "bins": dict(report.bins),
        "refused": refused,
        "withdrawn": list(report.withdrawn),
        "questions": [_question(question) for question in report.questions],
        "problems": _records(shown),
        "notes": list(report.notes),
    }


def _question(question: Question) -> dict[str, object]:
    return {
        "key": question.key,
        "text": question.text,
        "options": [value for value, _ in question.options],
        "proposed": question.proposed,
    }


def _records(rows: pd.DataFrame) -> list[dict[str, object]]:
    return rows[list(OUTCOME_COLUMNS)].rename(columns={"row": "line"}).to_dict("records")
