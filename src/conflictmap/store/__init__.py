"""The store: append-only tables with revisions, behind the same functions on every engine.

`engine` opens it, `tables` says what it holds, `writing` publishes revisions, `reading` gives them
back.
"""

from conflictmap.store.engine import Store, open_store
from conflictmap.store.reading import (
    is_published,
    latest_revision,
    load_audit,
    load_revisions,
    load_table,
    load_tables,
)
from conflictmap.store.writing import publish, roll_back

__all__ = [
    "Store",
    "is_published",
    "latest_revision",
    "load_audit",
    "load_revisions",
    "load_table",
    "load_tables",
    "open_store",
    "publish",
    "roll_back",
]
