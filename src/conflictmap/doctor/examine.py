"""Everything the doctor looks at, in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

from conflictmap.access import Viewer, require
from conflictmap.acting import acting_viewer
from conflictmap.doctor import installation, rows, storage
from conflictmap.doctor.finding import Finding
from conflictmap.errors import StoreError
from conflictmap.settings import ROOT, Settings
from conflictmap.store import Store


def examine(
    settings: Settings,
    *,
    acting: Callable[[Settings, Store], Viewer] = acting_viewer,
    root: Path = ROOT,
    now: dt.datetime | None = None,
) -> Iterator[Finding]:
    """Look over an installation; yield each finding as it is made.

    Parameters
    ----------
    acting
        Says for whom a store is looked at. What comes before it needs no store, and is looked at
        for whoever asks.
    root
        The folder of the program, with ``requirements.txt`` and ``static``.
    now
        The time, UTC; by default the clock's.

    Raises
    ------
    AccessError
        If the store is there and they may not administer it.
    """
    now = now or dt.datetime.now(dt.UTC).replace(tzinfo=None)
    yield from installation.look_at_settings(settings)
    yield from installation.look_at_packages(root / "requirements.txt")
    yield from installation.look_at_fonts()
    yield from installation.look_at_assets(root)
    yield from installation.look_at_edition(settings.edition_folder)
    yield from storage.look_at_disk(settings.store_url)
    found = storage.look_at_address(settings.store_url)
    yield found.finding
    if found.store is None:
        return
    try:
        viewer = acting(settings, found.store)
        require(viewer, "administer")
        yield from storage.look_at_writing(found.store)
        yield from storage.look_at_integrity(found.store)
        yield from rows.look_at_rows(found.store)
        yield from storage.look_at_clock(found.store, now)
        yield from storage.look_at_backup(found.store, now, viewer=viewer)
    except StoreError as error:
        yield storage.unreadable(error)
    finally:
        found.store.reader.dispose()
        found.store.writer.dispose()
