"""The store: append-only tables with revisions, behind the same functions on every engine.

`engine` opens it, `tables` says what it holds, `kinds` keeps real and made-up rows apart, `writing`
publishes revisions, `reading` gives them back, `uploads` keeps files until they are published,
`briefs` what briefs were made from, `people` who signs in and with which role. `restrictions` and
`redaction` decide what those of coarse sight are given of it. `selected_rows`, `row_search` and
`row_stream` read of a large store what is wanted, and not all.
"""

from conflictmap.store.aggregates import keep_aggregates, kept_aggregates, load_aggregate
from conflictmap.store.briefs import KeptBrief, keep_brief, load_brief, load_briefs
from conflictmap.store.engine import Kind, Store, open_store
from conflictmap.store.people import (
    add_role_rule,
    end_role_rule,
    load_people,
    load_role_rules,
    role_of,
    sign_out,
    standing_of,
)
from conflictmap.store.reading import (
    is_published,
    latest_revision,
    load_audit,
    load_revisions,
    load_table,
    load_tables,
    policy,
    standing_revision,
)
from conflictmap.store.restrictions import lift, load_restrictions, restrict
from conflictmap.store.row_search import first_rows
from conflictmap.store.row_stream import stream_rows
from conflictmap.store.selected_rows import (
    count_incidents,
    count_rows_by_source,
    incidents_changed,
    load_disputed,
    load_rows_of,
)
from conflictmap.store.uploads import (
    KeptUpload,
    drop_upload,
    keep_upload,
    load_mappings,
    load_upload,
    load_upload_rows,
    load_uploads,
    rows_changed,
    save_mapping,
)
from conflictmap.store.writing import PublishedUpload, publish, roll_back

__all__ = [
    "KeptBrief",
    "KeptUpload",
    "Kind",
    "PublishedUpload",
    "Store",
    "add_role_rule",
    "count_incidents",
    "count_rows_by_source",
    "drop_upload",
    "end_role_rule",
    "first_rows",
    "incidents_changed",
    "is_published",
    "keep_aggregates",
    "keep_brief",
    "keep_upload",
    "kept_aggregates",
    "latest_revision",
    "lift",
    "load_aggregate",
    "load_audit",
    "load_brief",
    "load_briefs",
    "load_disputed",
    "load_mappings",
    "load_people",
    "load_restrictions",
    "load_revisions",
    "load_role_rules",
    "load_rows_of",
    "load_table",
    "load_tables",
    "load_upload",
    "load_upload_rows",
    "load_uploads",
    "open_store",
    "policy",
    "publish",
    "restrict",
    "role_of",
    "roll_back",
    "rows_changed",
    "save_mapping",
    "sign_out",
    "standing_of",
    "standing_revision",
    "stream_rows",
]
