"""Uploads: kept from the first look until they are published or dropped, so that none is lost.

An upload belongs to whoever uploaded it: only they and administrators open it, read what became of
its rows, or drop it. All who publish see that it is there, and what was published.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import Viewer, require, require_own
from conflictmap.errors import QueryError
from conflictmap.store.engine import Store
from conflictmap.store.reading import read_rows
from conflictmap.store.tables import STORED, mappings, upload_rows, uploads
from conflictmap.store.writing import in_one_transaction

_SHOWN = ("upload_id", "uploaded_at", "uploaded_by", "label", "sha256", "status", "revision")
_ACCOUNTED = ("row", "bin", "incident_id", "reason")


@dataclass(frozen=True)
class KeptUpload:
    """A file that was uploaded, and what was settled of it so far."""

    upload_id: int
    label: str
    content: bytes
    source: Mapping[str, object]
    answers: Mapping[str, str]
    mapping: Mapping[str, object]
    status: str


def keep_upload(
    store: Store,
    *,
    label: str,
    sha256: str,
    content: bytes | None,
    source: Mapping[str, object],
    answers: Mapping[str, str],
    mapping: Mapping[str, object] | None = None,
    viewer: Viewer,
) -> int:
    """Keep a file that may be published; return the number of the upload.

    An upload that is still open is the same one if the file is, what it is for (the incidents of
    one source, or one table) and who uploaded it; an administrator goes on with anybody's. Its
    answers and mapping are then replaced.
    """
    require(viewer, "publish")
    settled = _settled(source, answers, mapping)

    def write(connection: sa.Connection) -> int:
        rows = connection.execute(
            sa.select(uploads.c.upload_id, uploads.c.source)
            .where(uploads.c.sha256 == sha256, uploads.c.status == "open", _reached_by(viewer))
            .order_by(uploads.c.upload_id)
        )
        same = [row.upload_id for row in rows if _aim(json.loads(row.source)) == _aim(source)]
        if same:
            connection.execute(
                sa.update(uploads).where(uploads.c.upload_id == same[0]).values(**settled)
            )
            return int(same[0])
        done = connection.execute(
            uploads.insert().values(
                uploaded_at=dt.datetime.now(dt.UTC).replace(tzinfo=None),
                uploaded_by=viewer.name,
                label=label,
                sha256=sha256,
                content=content,
                status="open",
                **settled,
            )
        )
        return int(done.inserted_primary_key[0])  # type: ignore[index]

    return in_one_transaction(store, write)


def drop_upload(store: Store, upload_id: int, *, viewer: Viewer) -> None:
    """Drop an open upload; what was published stays and is taken back by a roll-back."""
    require(viewer, "publish")

    def write(connection: sa.Connection) -> int:
        _require_own(connection.execute(_owner(upload_id)).all(), viewer)
        change = sa.update(uploads).where(
            uploads.c.upload_id == upload_id, uploads.c.status == "open"
        )
        return connection.execute(change.values(status="dropped", content=None)).rowcount

    if not in_one_transaction(store, write):
        raise QueryError(f"There is no open upload {upload_id}.")


def load_uploads(store: Store, *, viewer: Viewer) -> pd.DataFrame:
    """Return one row per upload, newest first, without the files themselves.

    ``is_own`` says which ones the viewer may open. Of others the file's name and aim are missing
    until they are published: what a colleague has on the desk is not yet the house's. ``source_id``
    is the source whose incidents the file holds; missing where it holds a table, which
    ``table_name`` then names.
    """
    require(viewer, "publish")
    columns = [uploads.c[name] for name in (*_SHOWN, "source")]
    rows = read_rows(store, sa.select(*columns).order_by(uploads.c.upload_id.desc()))
    frame = pd.DataFrame([row[:-1] for row in rows], columns=list(_SHOWN))
    sources = [json.loads(row[-1]) for row in rows]
    is_own = frame["uploaded_by"].eq(viewer.name) | viewer.may("administer")
    is_told = is_own | frame["status"].eq("published")
    named = [source if told else {} for source, told in zip(sources, is_told, strict=True)]
    return frame.astype({"revision": "Int64"}).assign(
        label=frame["label"].where(is_told),
        sha256=frame["sha256"].where(is_told),
        source_id=[source.get("source_id") for source in named],
        table_name=[source.get("table") for source in named],
        is_own=is_own.astype(bool),
    )


def load_upload_rows(store: Store, upload_id: int, *, viewer: Viewer) -> pd.DataFrame:
    """Return what became of each row of a published upload: row, bin, incident_id and reason."""
    require(viewer, "publish")
    _require_own(read_rows(store, _owner(upload_id)), viewer)
    columns = [upload_rows.c[name] for name in _ACCOUNTED]
    query = sa.select(*columns).where(upload_rows.c.upload_id == upload_id)
    return pd.DataFrame(read_rows(store, query.order_by("row")), columns=list(_ACCOUNTED))


def rows_changed(store: Store, revision: int, *, viewer: Viewer) -> dict[str, tuple[int, int]]:
    """Return how many rows a revision added to each table and withdrew from it.

    Tables that it left alone are left out. Rows that are restricted count too, so this is for those
    who may see them.
    """
    require(viewer, "publish")
    changed = {}
    for name, stored in STORED.items():
        counts = sa.select(
            sa.func.count().filter(stored.c.added_in == revision),
            sa.func.count().filter(stored.c.withdrawn_in == revision),
        )
        [(added, withdrawn)] = read_rows(store, counts)
        if added or withdrawn:
            changed[name] = (int(added), int(withdrawn))
    return changed


def load_upload(store: Store, upload_id: int, *, viewer: Viewer) -> KeptUpload:
    """Return an open upload with its file.

    Raises
    ------
    QueryError
        If there is no open upload of that number.
    AccessError
        If it is somebody else's.
    """
    require(viewer, "publish")
    query = sa.select(uploads).where(uploads.c.upload_id == upload_id, uploads.c.status == "open")
    found = read_rows(store, query)
    if not found:
        raise QueryError(f"There is no open upload {upload_id}.")
    row = dict(zip(uploads.c.keys(), found[0], strict=True))
    require_own(viewer, "publish", row["uploaded_by"])
    return KeptUpload(
        upload_id=upload_id,
        label=row["label"],
        content=row["content"] or b"",
        source=json.loads(row["source"]),
        answers=json.loads(row["answers"]),
        mapping=json.loads(row["mapping"]) if row["mapping"] else {},
        status=row["status"],
    )


def save_mapping(store: Store, name: str, mapping: Mapping[str, object], *, viewer: Viewer) -> None:
    """Keep a mapping of columns under a name; one of the same name is replaced."""
    require(viewer, "publish")
    values = {
        "saved_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "saved_by": viewer.name,
        "mapping": json.dumps(dict(mapping), ensure_ascii=False),
    }

    def write(connection: sa.Connection) -> int:
        connection.execute(sa.delete(mappings).where(mappings.c.name == name))
        return connection.execute(mappings.insert().values(name=name, **values)).rowcount

    in_one_transaction(store, write)


def load_mappings(store: Store, *, viewer: Viewer) -> dict[str, dict[str, object]]:
    """Return the kept mappings by name."""
    require(viewer, "publish")
    rows = read_rows(store, sa.select(mappings.c.name, mappings.c.mapping).order_by("name"))
    return {name: json.loads(text) for name, text in rows}


def _owner(upload_id: int) -> sa.Select:
    return sa.select(uploads.c.uploaded_by).where(uploads.c.upload_id == upload_id)


def _require_own(found: Sequence[Any], viewer: Viewer) -> None:
    """Refuse an upload of somebody else; one that does not exist is told elsewhere."""
    for (owner,) in found:
        require_own(viewer, "publish", owner)


def _reached_by(viewer: Viewer) -> sa.ColumnElement[bool]:
    return sa.true() if viewer.may("administer") else uploads.c.uploaded_by == viewer.name


def _aim(source: Mapping[str, object]) -> tuple[str, object]:
    """Return what a file is uploaded for: the rows of a table, or the incidents of a source."""
    if "table" in source:
        return "table", source["table"]
    return "incidents", source.get("source_id")


def _settled(
    source: Mapping[str, object],
    answers: Mapping[str, str],
    mapping: Mapping[str, object] | None,
) -> dict[str, str]:
    return {
        "source": json.dumps(dict(source), ensure_ascii=False),
        "answers": json.dumps(dict(answers), ensure_ascii=False),
        "mapping": json.dumps(dict(mapping), ensure_ascii=False) if mapping else "",
    }
