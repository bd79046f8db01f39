"""Whether a file may enter a store: what is made up and what reports say never meet."""

from __future__ import annotations

import re

from conflictmap.errors import IncidentFileError
from conflictmap.ingest.model import RawTable
from conflictmap.mark import ID_START, MARK, MARKED
from conflictmap.store import Kind

MOST_CHARACTERS = 40  # of the label of a source

_MARKED_LINE = re.compile(f"^{MARKED}".encode(), re.MULTILINE)


def refuse_other_kind(raw: RawTable, content: bytes, kind: Kind, *, source_id: str | None) -> None:
    """Refuse a file that is made up where the store is real, and an undeclared one where not.

    An exercise that somebody wrote by hand carries no mark: the label of its source then says that
    it belongs into a synthetic store.

    Parameters
    ----------
    content
        The bytes that `raw` was read from: its notes behind the rows are not among the cells.
    source_id
        The label of the source under which it would be published; None for a table's own file,
        whose rows name their sources.

    Raises
    ------
    IncidentFileError
        With the place of the mark, or with how to declare a file as practice.
    """
    is_declared = source_id is None or source_id.startswith(ID_START)
    if kind == "synthetic":
        if not is_declared:
            example = f"{ID_START}{source_id}"[:MOST_CHARACTERS]
            raise IncidentFileError(
                f"{raw.label}: this store is synthetic and takes no real data. If the file is for"
                f" practice, let the label of its source begin with {ID_START}, for example"
                f" {example}."
            )
        return
    if source_id is not None and is_declared:
        raise IncidentFileError(
            f"{raw.label}: the label of its source says {MARK}, and this store takes nothing that"
            " is made up. Give another label, or open the training store."
        )
    if where := _place_of_mark(raw, content):
        raise IncidentFileError(
            f"{raw.label}: {where} says {MARK}: the file is made up, for training and for"
            " measuring. It cannot enter a store of what reports say; open the training store."
        )


def _place_of_mark(raw: RawTable, content: bytes) -> str:
    """Return where a file carries the mark; empty: nowhere."""
    for name in raw.cells.columns:
        column = raw.cells[name]
        maybe = column[column.str.contains(MARK, regex=False, na=False)]
        marked = maybe[maybe.str.match(MARKED)]
        if len(marked):
            return f"row {marked.index[0]}, {name},"
    for row, cells in raw.ragged.items():
        if any(re.match(MARKED, cell) for cell in cells):
            return f"row {row}"
    # UTF-16 sets a zero byte beside each letter.
    return "a line behind its rows" if _MARKED_LINE.search(content.replace(b"\0", b"")) else ""
