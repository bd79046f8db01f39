"""The columns of a raw table, by the names that a source gives them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from conflictmap.distinct import map_texts
from conflictmap.errors import Problem
from conflictmap.ingest.cells import SHOWN_CHARACTERS, Faults
from conflictmap.ingest.model import RawTable

NOWHERE_POINT = (33.0, 65.0)
"""The point that UCDP and others give to what is known to the country alone. It lies in a district
of Helmand, which a naive join would fill with a third of some files' dead."""


class Cells:
    """Rows of a raw table, their columns found without regard to case and spaces around a name."""

    def __init__(self, raw: RawTable, table: pd.DataFrame | None = None) -> None:
        self.raw = raw
        self.table = raw.cells if table is None else table
        self.index = self.table.index
        self._written: dict[str, str] = {}
        for column in self.table.columns:
            self._written.setdefault(str(column).replace("\ufeff", "").strip().lower(), column)

    def only(self, chosen: pd.Series) -> Cells:
        """Return the same columns of the chosen rows."""
        if chosen.all():
            return self
        return Cells(self.raw, self.table[chosen.to_numpy(dtype=bool)])

    def __contains__(self, name: str) -> bool:
        """Tell whether there is such a column."""
        return name in self._written

    def written(self, name: str) -> str:
        """Return the name of a column as the file writes it."""
        return self._written.get(name, name)

    def text(self, name: str) -> pd.Series:
        """Return a column as text without spaces around it; an absent one is empty throughout."""
        if name not in self._written:
            return pd.Series("", index=self.index, dtype="str")
        column = self.table[self._written[name]]
        if isinstance(column.dtype, pd.CategoricalDtype):
            return map_texts(column, str.strip)
        return column.astype("str").fillna("").str.strip()

    def code(self, name: str) -> pd.Series:
        """Return a column of codes: text, without the ".0" that spreadsheets put behind numbers."""
        return self.text(name).str.replace(r"\.0+$", "", regex=True)

    def problems(self, name: str, faults: Faults) -> list[Problem]:
        """Return the faults of a column as problems of the file."""
        column = self.written(name)
        values = self.table.get(column)
        return [
            Problem(
                file=self.raw.label,
                row=int(row),  # type: ignore[call-overload]
                column=column,
                value=str(values[row])[:SHOWN_CHARACTERS] if values is not None else "",
                what=fault.what,
                mend=fault.mend,
            )
            for row, fault in faults.items()
        ]


def blank_as_missing(values: pd.Series) -> pd.Series:
    """Return text with missing in place of the empty text."""
    texts, is_blank = values.astype("str"), values == ""
    return texts.mask(is_blank) if is_blank.any() else texts


def joined(parts: Iterable[pd.Series], separator: str = "; ") -> pd.Series:
    """Return texts of several columns as one, leaving out empty ones; missing where all are."""
    result: pd.Series | None = None
    for part in parts:
        text = part.fillna("").astype("str")
        if result is None:
            result = text
            continue
        between = pd.Series(separator, index=text.index).where((result != "") & (text != ""), "")
        result = result + between + text
    assert result is not None, "needs at least one column"
    return blank_as_missing(result)


def behind(words: str, values: pd.Series) -> pd.Series:
    """Return `words` before each text; the empty text stays empty."""
    text = values.fillna("").astype("str")
    return (words + text).where(text != "", "")


def is_nowhere(latitude: pd.Series, longitude: pd.Series) -> pd.Series:
    """Tell which points are the placeholder of the whole country."""
    return (latitude == NOWHERE_POINT[0]) & (longitude == NOWHERE_POINT[1])
