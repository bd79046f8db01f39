"""Kinds of columns as the steps know them, on both engines.

The steps say what a version was. They are not read from the schema, which says what it is now.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.Integer().with_variant(sa.BigInteger(), "postgresql")

_KINDS: dict[str, sa.types.TypeEngine[Any]] = {
    "": TEXT,
    "integer": INTEGER,
    "number": sa.Float(),
    "boolean": sa.Boolean(),
    "date": sa.Date(),
}


def columns_of(words: str) -> list[sa.Column]:
    """Return columns from words such as ``title low:integer``: text, unless a kind is given."""
    named = [word.partition(":") for word in words.split()]
    return [sa.Column(name, _KINDS[kind]) for name, _, kind in named]
