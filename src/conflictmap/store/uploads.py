"""Uploads: kept from the first look until they are published or dropped, so that none is lost."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.errors import QueryError
from conflictmap.store.engine import Store
from conflictmap.store.reading import read_rows
from conflictmap.store.tables import mappings, uploads
from conflictmap.store.writing import in_one_transaction

_SHOWN = ("upload_id", "uploaded_at", "uploaded_by", "label", "sha256", "status", "revision")


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

    The same file that is still open is kept once: its source, answers and mapping are replaced.
    """
    require(viewer, "publish")
    settled = _settled(source, answers, mapping)

    def write(connection: sa.Connection) -> int:
        held = connection.scalar(
            sa.select(uploads.c.upload_id).where(
                uploads.c.sha256 == sha256, uploads.c.status == "open"
            )
        )
        if held is not None:
            connection.execute(
                sa.update(uploads).where(uploads.c.upload_id == held).values(**settled)
            )
            return int(held)
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
        change = sa.update(uploads).where(
            uploads.c.upload_id == upload_id, uploads.c.status == "open"
        )
        return connection.execute(change.values(status="dropped", content=None)).rowcount

    if not in_one_transaction(store, write):
        raise QueryError(f"There is no open upload {upload_id}.")


def load_uploads(store: Store, *, viewer: Viewer) -> pd.DataFrame:
    """Return one row per upload, newest first, without the files themselves."""
    require(viewer, "publish")
    columns = [uploads.c[name] for name in _SHOWN]
    rows = read_rows(store, sa.select(*columns).order_by(uploads.c.upload_id.desc()))
    return pd.DataFrame(rows, columns=list(_SHOWN)).astype({"revision": "Int64"})


def load_upload(store: Store, upload_id: int, *, viewer: Viewer) -> KeptUpload:
    """Return an open upload with its file.

    Raises
    ------
    QueryError
        If there is no open upload of that number.
    """
    require(viewer, "publish")
    query = sa.select(uploads).where(uploads.c.upload_id == upload_id, uploads.c.status == "open")
    found = read_rows(store, query)
    if not found:
        raise QueryError(f"There is no open upload {upload_id}.")
    row = dict(zip(uploads.c.keys(), found[0], strict=True))
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
