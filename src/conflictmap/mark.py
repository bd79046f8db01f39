"""The mark of what is made up, for training and for measuring.

A store is synthetic or real from its first moment on. In a synthetic one every source, and every
row that names no source, has an id with the mark in front; so rows tell what they are wherever they
are copied to, and a real store refuses them.
"""

from __future__ import annotations

from typing import Final

MARK: Final = "SYNTHETIC"

SENTENCE: Final = f"{MARK}: made up for training and for measuring. None of this happened."
"""What stands on every page and in every file of a synthetic store."""

ID_START: Final = f"{MARK}-"
"""How the id of a synthetic source or incident begins."""

COLUMN: Final = "synthetic"
"""The column that carries the mark in each row of an exported table of incidents."""

HXL_TAG: Final = "#meta+synthetic"

MARKED: Final = rf"\W*{MARK}(?:\s*$|: made up|-[a-z0-9])"
"""What a cell or a line begins with that carries the mark: the word alone, the sentence, or an id.
In capitals only, since a report may tell of synthetic drugs."""


def marked_title(title: str) -> str:
    """Return the title of a source with the mark in front."""
    return title if title.startswith(MARK) else f"{MARK} {title}"
