"""The upload report: every row of a file in exactly one bin, with reason and cure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from pandas.api.types import union_categoricals

from conflictmap.distinct import is_among
from conflictmap.errors import Problem
from conflictmap.formula_guard import guarded
from conflictmap.ingest.assemble import Assembled
from conflictmap.ingest.cells import shown
from conflictmap.ingest.compare import Comparison
from conflictmap.ingest.model import BINS, Answers, Draft, Question, RawTable, Review
from conflictmap.ingest.profiles.actors import names_nobody

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
    return report_of(raw, [accounted_rows(raw, draft, assembled, comparison, answers)])


@dataclass(frozen=True)
class AccountedRows:
    """What became of some rows of a file, and what of it the report on the whole file needs.

    ``outcomes`` is as in `UploadReport`, of these rows only.
    """

    profile: str
    outcomes: pd.DataFrame
    withdrawn: tuple[str, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]
    unknown_actors: int  # rows that name one


def accounted_rows(
    raw: RawTable, draft: Draft, assembled: Assembled, comparison: Comparison, answers: Answers
) -> AccountedRows:
    """Put the rows of a file, or of a part of it, into their bins."""
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
    rest = ids[~ids.index.isin(list(outcomes))]
    aside = pd.DataFrame(
        [(row, *outcome) for row, outcome in outcomes.items()], columns=list(OUTCOME_COLUMNS)
    )
    parts = [part for part in (aside, _outcomes(rest, comparison, answers, file_open)) if len(part)]
    frame = pd.concat(parts or [aside]).sort_values("row", ignore_index=True)
    frame, unknown_actors = _with_unknown_actors(frame, draft)
    assert len(frame) == raw.rows, f"{raw.rows} rows in the file, {len(frame)} accounted for"
    return AccountedRows(
        draft.profile, frame, comparison.withdrawn, questions, draft.notes, unknown_actors
    )


def report_of(raw: RawTable, parts: Sequence[AccountedRows]) -> UploadReport:
    """Return the report on a whole file, from what became of the rows of its parts.

    Questions and notes are those of the first part, as they are the same in all. The withdrawn are
    those of the last: what is in no part.
    """
    first, unknown_actors = parts[0], sum(part.unknown_actors for part in parts)
    frame = first.outcomes
    if len(parts) > 1:
        frame = _joined([part.outcomes for part in parts])
    counts = frame["bin"].value_counts()
    return UploadReport(
        label=raw.label,
        sha256=raw.sha256,
        profile=first.profile,
        rows=len(frame),
        bins={name: int(counts.get(name, 0)) for name in BINS},
        outcomes=frame,
        withdrawn=parts[-1].withdrawn,
        questions=first.questions,
        notes=(*raw.notes, *first.notes, *_actor_note(unknown_actors)),
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


def rows_to_mend(raw: RawTable, report: UploadReport) -> pd.DataFrame:
    """Return the cells of the rows that `rejected_csv` writes."""
    rows = report.outcomes.loc[report.outcomes["bin"].isin(["rejected", "needs_review"]), "row"]
    return raw.cells[raw.cells.index.isin(rows)].copy()


def rows_to_publish(report: UploadReport) -> set[str]:
    """Return the incidents of a report that publishing adds or changes."""
    rows = report.outcomes[report.outcomes["bin"].isin(["new", "changed"])]
    return set(rows["incident_id"].to_numpy(dtype=object))


def _outcomes(
    ids: pd.Series, comparison: Comparison, answers: Answers, file_open: Question | None
) -> pd.DataFrame:
    """Return the outcomes of the rows that only the comparison decides about."""
    table = pd.DataFrame(
        {"row": ids.index.astype("int64"), "bin": "new", "incident_id": ids.to_numpy()}
        | {"column": "", "value": "", "reason": "", "mend": ""}
    )
    table = table.astype(dict.fromkeys(OUTCOME_COLUMNS[1:], "str"))
    if file_open is not None:
        return table.assign(bin="needs_review", reason=file_open.text, mend="Answer the question.")
    is_settled = pd.Series(False, index=table.index)
    for name in ("changed", "unchanged"):
        is_held = is_among(table["incident_id"], getattr(comparison, name))
        table["bin"] = table["bin"].mask(is_held, name)
        is_settled |= is_held
    pairs = comparison.duplicates
    others = pairs.groupby("incident_id")["other_id"].agg(lambda found: ", ".join(sorted(found)))
    others = others[[duplicate_key(incident) not in answers for incident in others.index]]
    may_be = table["incident_id"].map(others).mask(is_settled)
    is_open = may_be.notna()
    if not is_open.any():
        return table
    return table.assign(
        bin=table["bin"].mask(is_open, "duplicate_candidate"),
        reason=table["reason"].mask(is_open, "May be the same as " + may_be.astype("str") + "."),
        mend=table["mend"].mask(is_open, "Say which, or keep both."),
    )


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the outcomes of parts as one table by row, its texts as categories but for the ids."""
    columns = {name: pd.concat([part[name] for part in parts]) for name in ("row", "incident_id")}
    table = {
        name: columns[name]
        if name in columns
        else union_categoricals([part[name].astype("category") for part in parts])
        for name in OUTCOME_COLUMNS
    }
    joined = pd.DataFrame(table)
    if joined["row"].is_monotonic_increasing:
        return joined.reset_index(drop=True)
    return joined.sort_values("row", kind="stable", ignore_index=True)


def _with_unknown_actors(frame: pd.DataFrame, draft: Draft) -> tuple[pd.DataFrame, int]:
    """Say in the outcomes which actors of a row are not known here; return how many rows do."""
    said = draft.attributions
    waiting = {review.row for review in draft.reviews}  # perhaps for who it was
    is_open = said["actor_id"].isna() & ~said["row"].isin(waiting)
    unknown = said.loc[is_open, ["row", "actor_name"]].dropna()
    is_nobody = {name: names_nobody(name) for name in unknown["actor_name"].unique()}
    unknown = unknown[~unknown["actor_name"].map(is_nobody).astype(bool)]
    if unknown.empty:
        return frame, 0
    names = unknown.groupby("row")["actor_name"].agg(
        lambda texts: ", ".join(shown(text) for text in dict.fromkeys(texts))
    )
    words = names + " is not known here as an actor: what is said of it is left out."
    words = frame["row"].map(words).fillna("")
    reason = (frame["reason"] + " " + words).str.strip()
    return frame.assign(reason=reason), len(names)


def _actor_note(rows: int) -> tuple[str, ...]:
    if not rows:
        return ()
    return (
        f"Rows that name an actor who is not known here: {rows:,}. The actor is left out of"
        " who did it or took part; the row says which.",
    )


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
