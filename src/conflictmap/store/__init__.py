"""The store: append-only tables with revisions, behind the same functions on every engine.

`engine` opens it, `tables` says what it holds, `writing` publishes revisions, `reading` gives them
back, `uploads` keeps files until they are published.
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
from conflictmap.store.uploads import (
    KeptUpload,
    drop_upload,
    keep_upload,
    load_mappings,
    load_upload,
    load_uploads,
    save_mapping,
)
from conflictmap.store.writing import PublishedUpload, publish, roll_back

__all__ = [
    "KeptUpload",
    "PublishedUpload",
    "Store",
    "drop_upload",
    "is_published",
    "keep_upload",
    "latest_revision",
    "load_audit",
    "load_mappings",
    "load_revisions",
    "load_table",
    "load_tables",
    "load_upload",
    "load_uploads",
    "open_store",
    "publish",
    "roll_back",
    "save_mapping",
]
