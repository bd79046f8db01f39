"""The command ``ingest`` on an archive of parts: joined by workers, written to a folder.

Nothing is published in the store. docs/cluster.md tells how a cluster is set up, and how the
results are read.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conflictmap.boundaries import read_edition
from conflictmap.cli_report import ALL_SETTLED, REFUSED, SOME_ROWS_ASIDE
from conflictmap.errors import QueryError
from conflictmap.schema import GEO_PRECISIONS
from conflictmap.settings import Settings

if TYPE_CHECKING:
    from conflictmap.cluster.joining import Order
    from conflictmap.cluster.layer import Layer
    from conflictmap.cluster.running import Progress, Work

CANCELLED = 1
SECONDS_BETWEEN_WORDS = 1.0

_OF_ONE_FILE = (
    *("source_id", "title", "answers", "profile", "rejected"),
    *("dry_run", "accept_release"),
)
_TLS = ("tls_ca", "tls_cert", "tls_key")
_MAPPING_KEYS = ("columns", "precisions", "delimiter", "header")


def add_options(ingest: argparse.ArgumentParser) -> None:
    """Add to ``ingest`` what joins an archive."""
    group = ingest.add_argument_group(
        "an archive of parts",
        "Joins Parquet or CSV parts to provinces and districts and writes the result to a folder;"
        " nothing is published. The same command again goes on where it ended.",
    )
    where = group.add_mutually_exclusive_group()
    where.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler: tls://host:8786")
    where.add_argument(
        "--local-workers", type=int, metavar="N", help="processes of this machine; 0: this one"
    )
    group.add_argument("--output", metavar="FOLDER", help="where the results go")
    for name, words in zip(_TLS, ("authority", "certificate", "key"), strict=True):
        group.add_argument(f"--{name.replace('_', '-')}", metavar="FILE", help=f"for TLS: {words}")


def is_archive(options: argparse.Namespace) -> bool:
    """Tell whether the command is about an archive of parts."""
    return options.cluster is not None or options.local_workers is not None


def join_archive(options: argparse.Namespace, settings: Settings) -> int:
    """Join an archive, print its account and return the exit code.

    Raises
    ------
    QueryError
        If an option does not fit, or a part, the folder or the scheduler cannot be reached.
    """
    from conflictmap.cluster.joining import Order
    from conflictmap.cluster.layer import pack_layer, versions
    from conflictmap.cluster.storage import Folder, address_of, find_parts, is_local

    _check(options)
    mapping = _mapping(options.mapping)
    folder = Folder(address_of(options.output))
    parts = find_parts(options.file, folder)
    if is_local(folder.address):
        Path(folder.address).mkdir(parents=True, exist_ok=True)
    edition = read_edition(settings.edition_folder)
    layer = pack_layer(edition)
    order = Order(folder, layer.sha256, versions(), *_read_mapping(mapping))
    told = {
        "edition": {"id": edition.edition_id, "title": edition.title, "year": edition.year},
        "mapping": mapping or None,
    }
    progress = _Lines(is_silent=options.json)
    from conflictmap.cluster import running

    try:
        with ExitStack() as stack:
            work = _work(options, order, layer, stack)
            account = running.join_archive(parts, order, work, told=told, tell=progress)
    except KeyboardInterrupt:
        print(
            f"\nCancelled: {progress.done:,} of {len(parts):,} parts are joined and stay. The same"
            " command goes on with the rest.",
            file=sys.stderr,
        )
        return CANCELLED
    _print(account, as_json=options.json)
    if not account["parts"]:
        return REFUSED
    return ALL_SETTLED if account["is_complete"] else SOME_ROWS_ASIDE


def _check(options: argparse.Namespace) -> None:
    unfit = [name for name in _OF_ONE_FILE if getattr(options, name)]
    if unfit:
        raise QueryError(f"--{unfit[0].replace('_', '-')} is of one file, not of an archive.")
    if not options.output:
        raise QueryError("Give --output: the folder for the results of the archive.")
    if options.local_workers is not None and options.local_workers < 0:
        raise QueryError("--local-workers is 0 (this process) or more.")
    if any(getattr(options, name) for name in _TLS) and not options.cluster:
        raise QueryError("The files for TLS are of --cluster; local workers make their own.")


def _work(options: argparse.Namespace, order: Order, layer: Layer, stack: ExitStack) -> Work:
    """Return who works through the parts."""
    from conflictmap.cluster.layer import unpack_layer
    from conflictmap.cluster.running import work_here

    if options.local_workers == 0:
        return work_here(order, unpack_layer(layer.content, layer.sha256))
    from conflictmap.cluster.workers import cluster_at, local_workers, security_of, work_on

    if options.cluster is None:
        client = stack.enter_context(local_workers(options.local_workers))
    else:
        security = security_of(options.tls_ca, options.tls_cert, options.tls_key)
        if security is None and not options.cluster.startswith("tls://"):
            print(
                "The connection to the scheduler is not encrypted: whoever can reach it can run"
                " programs on the workers. See docs/cluster.md.",
                file=sys.stderr,
            )
        client = stack.enter_context(cluster_at(options.cluster, security))
    return work_on(client, order, layer)


def _mapping(path: Path | None) -> dict[str, Any]:
    """Read a mapping of columns and check it."""
    from conflictmap.cluster.layouts import FIELDS

    if path is None:
        return {}
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise QueryError(f"{path.name} is no JSON object that can be read. Correct it.") from error
    if not isinstance(read, dict) or set(read) - set(_MAPPING_KEYS):
        raise QueryError(f"{path.name} has only the keys {', '.join(_MAPPING_KEYS)}.")
    columns, precisions = read.get("columns", {}), read.get("precisions", {})
    if not _is_texts(columns) or not _is_texts(precisions):
        raise QueryError(
            f'{path.name} needs "columns", a column a field, such as'
            ' {"columns": {"longitude": "lon", "latitude": "lat"}}.'
        )
    if unknown := set(columns) - set(FIELDS):
        raise QueryError(f"{path.name}: no field {min(unknown)!r}. Fields: {', '.join(FIELDS)}.")
    if not {"longitude", "latitude"} <= set(columns):
        raise QueryError(f"{path.name} must name the columns of longitude and latitude.")
    if unknown := set(precisions.values()) - set(GEO_PRECISIONS):
        raise QueryError(
            f"{path.name}: no precision {min(unknown)!r}. They are: {', '.join(GEO_PRECISIONS)}."
        )
    header, delimiter = read.get("header", []), read.get("delimiter", "")
    if not isinstance(header, list) or not all(isinstance(name, str) for name in header):
        raise QueryError(f'{path.name}: "header" is a list of names.')
    if not isinstance(delimiter, str) or len(delimiter) > 1:
        raise QueryError(f'{path.name}: "delimiter" is one character.')
    return read


def _is_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _read_mapping(read: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the mapping of columns, and how CSV parts are written."""
    from conflictmap.cluster.layouts import ColumnMapping
    from conflictmap.cluster.reading import CsvForm

    mapping = ColumnMapping(read["columns"], read.get("precisions", {})) if read else None
    return mapping, CsvForm(read.get("delimiter", ""), tuple(read.get("header", ())))


def _print(account: Mapping[str, Any], *, as_json: bool) -> None:
    from conflictmap.ingest.cells import shown

    if as_json:
        print(json.dumps(account, ensure_ascii=False, indent=2))
        return
    print(f"{account['rows_in']:,} rows of {len(account['parts']):,} parts")
    for name, count in account["bins"].items():
        print(f"{count:>14,}  {name.replace('_', ' ')}")
    for name, count in account["remarks"].items():
        if count:
            print(f"Mind: {count:,} rows: {name.replace('_', ' ')}")
    for failed in account["failed"]:
        print(f"Left aside: {shown(failed['part'])}: {failed['why']}")
    if not account["is_complete"]:
        print("The counts are of the other parts only.")


class _Lines:
    """A line a second on standard error that says how far the archive is."""

    def __init__(self, *, is_silent: bool) -> None:
        self.done = 0
        self._is_silent, self._is_terminal = is_silent, sys.stderr.isatty()
        self._started = self._said_at = time.monotonic()
        self._kept_size: int | None = None

    def __call__(self, progress: Progress) -> None:
        now, self.done = time.monotonic(), progress.kept + progress.done
        if self._kept_size is None:  # work begins now, and what was kept took no time
            self._kept_size, self._started = progress.size_done, now
        is_last = self.done + progress.failed == progress.parts
        if self._is_silent or (now - self._said_at < SECONDS_BETWEEN_WORDS and not is_last):
            return
        self._said_at = now
        words = _words(progress, now - self._started, progress.size_done - self._kept_size)
        end = "\n" if is_last or not self._is_terminal else ""
        start = "\r" if self._is_terminal else ""
        print(f"{start}{words:<78}".rstrip() + end, end="", file=sys.stderr, flush=True)


def _words(progress: Progress, seconds: float, size: int) -> str:
    at = progress.kept + progress.done + progress.failed
    words = [f"{at:,} of {progress.parts:,} parts", f"{progress.rows:,} rows"]
    if progress.kept:
        words.append(f"{progress.kept:,} parts were joined before")
    if progress.failed:
        words.append(f"{progress.failed:,} left aside")
    if progress.rows and seconds > 0:
        words.append(f"{progress.rows / seconds:,.0f} rows/s")
    if size and at < progress.parts:
        left = (progress.size - progress.size_done) * seconds / size
        words.append(
            f"about {left / 60:,.0f} min left" if left > 90 else f"about {left:.0f} s left"
        )
    return ", ".join(words)
