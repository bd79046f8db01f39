"""What is worked out from the rows and kept beside them; see `conflictmap.archive`.

Each piece says what changed after one revision up to another, and is never changed itself. Readers
write it: what one process has worked out, the others need not.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.errors import AccessError
from conflictmap.store.engine import Store
from conflictmap.store.reading import policy, read_rows
from conflictmap.store.tables import aggregates
from conflictmap.store.writing import in_one_transaction


def keep_aggregates(
    store: Store,
    pieces: Mapping[str, bytes],
    *,
    viewer: Viewer,
    after: int,
    to: int,
    format: int,
) -> None:
    """Keep pieces under their names for whoever has the viewer's sight, all of them or none.

    One that is there already is replaced.

    Raises
    ------
    StoreError
        If the store cannot be written.
    AccessError
        If the viewer is given less than their sight is, by restrictions.
    """
    require(viewer, "read")
    _refuse_restricted(store, viewer)
    key = {"after_revision": after, "revision": to, "format": format}
    named = {f"{viewer.sight} {name}": content for name, content in pieces.items()}

    def write(connection: sa.Connection) -> int:
        same = (aggregates.c[column] == value for column, value in key.items())
        is_replaced = aggregates.c.name == sa.bindparam("replaced")
        connection.execute(
            sa.delete(aggregates).where(*same, is_replaced),
            [{"replaced": name} for name in named],
        )
        connection.execute(
            aggregates.insert(),
            [{**key, "name": name, "content": content} for name, content in named.items()],
        )
        return to

    in_one_transaction(store, write)


def kept_aggregates(
    store: Store, *, viewer: Viewer, to: int, format: int
) -> list[tuple[int, int, str]]:
    """Return of each piece kept for the viewer's sight: after and up to which revision, its name.

    Only those up to a revision; ordered by both revisions and the name.
    """
    require(viewer, "read")
    _refuse_restricted(store, viewer)
    columns = [aggregates.c[name] for name in ("after_revision", "revision", "name")]
    query = (
        sa.select(*columns)
        .where(
            aggregates.c.format == format,
            aggregates.c.revision <= to,
            aggregates.c.name.startswith(f"{viewer.sight} ", autoescape=True),
        )
        .order_by(*columns)
    )
    start = len(viewer.sight) + 1
    return [(after, upto, name[start:]) for after, upto, name in read_rows(store, query)]


def load_aggregate(
    store: Store, name: str, *, viewer: Viewer, after: int, to: int, format: int
) -> bytes | None:
    """Return a piece that is kept for the viewer's sight; None: it is not there."""
    require(viewer, "read")
    _refuse_restricted(store, viewer)
    query = sa.select(aggregates.c.content).where(
        aggregates.c.after_revision == after,
        aggregates.c.revision == to,
        aggregates.c.name == f"{viewer.sight} {name}",
        aggregates.c.format == format,
    )
    rows = read_rows(store, query)
    return bytes(rows[0][0]) if rows else None


def _refuse_restricted(store: Store, viewer: Viewer) -> None:
    if viewer.sight == "coarse" and policy(store):
        raise AccessError("What is kept of the whole store is not given where some is restricted.")
