"""The apostrophe before text that a spreadsheet would run as a formula, and its removal.

`guarded` and `unguarded` are exact inverses: text that itself begins with apostrophes before such a
sign gets one more, so that whatever was written comes back as it was stored.
"""

from __future__ import annotations

import re

import pandas as pd

_FORMULA_STARTS = "=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n\x00"
_TO_GUARD = re.compile(f"'*[{_FORMULA_STARTS}]")
_IS_GUARDED = f"'(?='*[{_FORMULA_STARTS}])"


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if _TO_GUARD.match(text) else text


def unguarded(cells: pd.DataFrame) -> pd.DataFrame:
    """Return a table of text as it was before its cells were guarded; other cells stay."""
    touched = {}
    for name in cells.columns:
        has_quote = cells[name].str.startswith("'", na=False)
        if has_quote.any():
            touched[name] = cells[name].str.replace(f"^{_IS_GUARDED}", "", regex=True)
    return cells.assign(**touched) if touched else cells
