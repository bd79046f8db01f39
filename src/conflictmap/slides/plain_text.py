"""Free text on a slide: one line, without characters that files cannot hold or that reorder it."""

from __future__ import annotations

import re
from typing import Final

from conflictmap.errors import QueryError

MOST_IN_TITLE: Final = 180
MOST_IN_MARKING: Final = 60

# Controls and lone surrogates, which XML cannot hold, and the characters that force a direction on
# what follows them: between them "12" can be made to read "21". Marks of direction and joiners,
# which Dari and Pashto need, stay.
_DROPPED = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+"
)


def plain_text(text: str) -> str:
    """Return a text as one line that any of the file formats holds as it stands."""
    return " ".join(_DROPPED.sub(" ", text).split())


def check_length(text: str, most: int, noun: str) -> str:
    """Return the text of a field as one line.

    Raises
    ------
    QueryError
        If it is longer than `most` characters; a slide has no room for more.
    """
    line = plain_text(text)
    if len(line) > most:
        raise QueryError(
            f"The {noun} has {len(line)} characters; a slide has room for {most}. Shorten it."
        )
    return line
