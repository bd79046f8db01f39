"""Where parts come from and results go to: files, or object storage that fsspec knows.

A result appears under its name whole or not at all: written beside it and renamed, or, on object
storage, written to a local file and put in one go.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from conflictmap.errors import ConflictMapError, IncidentFileError, QueryError
from conflictmap.ingest.cells import shown

SUFFIXES = (".parquet", ".csv")

_PROTOCOL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_TEMPORARY = re.compile(r"\.part-[0-9]{5}\..*\.tmp")


@dataclass(frozen=True)
class Part:
    """One file of the archive. ``label`` is what messages and the account call it: no full path.

    ``version`` is its modification time, or the mark that object storage gives its content.
    """

    number: int
    address: str
    label: str
    size: int
    version: str

    @property
    def stem(self) -> str:
        """Return the name of its results, without an ending."""
        return f"part-{self.number:05}"


@dataclass(frozen=True)
class Folder:
    """The folder of the results, by an address that every worker can reach."""

    address: str

    def write(self, name: str, fill: Callable[[Path], object]) -> dict[str, Any]:
        """Write a file whole or not at all; return its name, size and SHA-256.

        Parameters
        ----------
        fill
            Writes the local file that it is given.
        """
        system, path = _opened(f"{self.address}/{name}")
        is_local = isinstance(system, LocalFileSystem)
        system.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
        beside = Path(path).parent if is_local else None
        # The number of the process tells whose a file that was left behind is.
        handle, made = tempfile.mkstemp(
            prefix=f".{PurePosixPath(name).name}.{os.getpid()}.", suffix=".tmp", dir=beside
        )
        os.close(handle)
        try:
            fill(Path(made))
            digest, size = _digest(Path(made))
            if is_local:
                with open(made, "rb") as file:
                    os.fsync(file.fileno())
                os.chmod(made, 0o666 & ~_umask())
                os.replace(made, path)
            else:
                system.put_file(made, path)
        finally:
            Path(made).unlink(missing_ok=True)
        return {"file": name, "size": size, "sha256": digest}

    def write_json(self, name: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """Write an object as JSON, whole or not at all."""
        text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        return self.write(name, lambda made: made.write_bytes(text.encode()))

    def read_json(self, name: str) -> dict[str, Any] | None:
        """Read an object; None where there is none that can be read."""
        try:
            with self.open(name) as file:
                value = json.loads(file.read())
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    def holds(self, file: Mapping[str, Any]) -> bool:
        """Tell whether a file that `write` wrote stands there with its size."""
        try:
            system, path = _opened(f"{self.address}/{file['file']}")
            return bool(system.size(path) == file["size"])
        except (OSError, KeyError, TypeError):
            return False

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file of the folder for reading."""
        system, path = _opened(f"{self.address}/{name}")
        with system.open(path, "rb") as file:
            yield file

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no fault."""
        system, path = _opened(f"{self.address}/{name}")
        if system.exists(path):
            system.rm_file(path)

    def remove_beyond(self, parts: int) -> None:
        """Remove results of parts that the archive no longer has, and what is half written."""
        for kind in ("joined", "parts"):
            system, path = _opened(f"{self.address}/{kind}")
            system.invalidate_cache()
            if not system.exists(path):
                continue
            for found in system.ls(path, detail=False):
                name = PurePosixPath(found).name
                number = re.match(r"part-([0-9]{5})\.", name)
                if _TEMPORARY.fullmatch(name) or (number and int(number[1]) >= parts):
                    system.rm_file(found)


@contextmanager
def open_part(part: Part) -> Iterator[IO[bytes]]:
    """Open a part for reading.

    Raises
    ------
    IncidentFileError
        If it is no longer what it was when the work was given out.
    """
    system, path = _opened(part.address)
    info = system.info(path)
    if (int(info["size"]), _version(info)) != (part.size, part.version):
        raise IncidentFileError("it has changed since the command was given. Give it again.")
    with system.open(path, "rb") as file:
        yield file


def find_parts(given: Sequence[str], folder: Folder) -> list[Part]:
    """Return the parts of an archive in the order of their addresses, each once.

    Parameters
    ----------
    given
        Files, patterns (``*.parquet``), folders (all their Parquet and CSV files, those of inner
        folders too) or addresses such as ``s3://bucket/folder``.
    folder
        Where the results go; what lies in it is no part.

    Raises
    ------
    QueryError
        If there is nothing at an address, it is of another sort, or it cannot be reached.
    """
    found: dict[str, tuple[int, str]] = {}
    for one in given:
        for address, info in _listed(address_of(one), one):
            if not address.startswith(f"{folder.address}/"):
                found[address] = (int(info["size"]), _version(info))
    if not found:
        raise QueryError("There is no part to join: no Parquet or CSV file was found.")
    first, last = (f"{address.rpartition('/')[0]}/" for address in (min(found), max(found)))
    start = 1 + max(
        n for n in range(len(first)) if first[n] == "/" and last.startswith(first[: n + 1])
    )
    return [
        Part(number, address, address[start:], *found[address])
        for number, address in enumerate(sorted(found))
    ]


def address_of(given: str) -> str:
    """Return an address that means the same in any process; a path becomes an absolute one.

    Raises
    ------
    QueryError
        If it holds a password, or is a chain of addresses.
    """
    if not _PROTOCOL.match(given):
        return os.path.abspath(given)
    if "@" in given.split("://", 1)[1].split("/", 1)[0]:
        raise QueryError(
            "An address must not hold a name and password: it is written down beside the results."
            " Give them by the environment, see docs/cluster.md."
        )
    if "::" in given:
        raise QueryError("A chain of addresses is not read. Unpack the parts first.")
    return given.rstrip("/")


def is_local(address: str) -> bool:
    """Tell whether an address is a path of this machine, or of a disk it shares."""
    return not _PROTOCOL.match(address)


def _listed(address: str, given: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        system, path = _opened(address)
        system.invalidate_cache()
        if glob.has_magic(path) and not system.exists(path):
            infos = system.glob(path, detail=True)
        elif system.isdir(path):
            infos = system.find(path, detail=True)
        else:
            infos = {path: system.info(path)}
            if not path.lower().endswith(SUFFIXES):
                raise QueryError(
                    f"{shown(given)} is neither a Parquet nor a CSV file by its ending."
                )
    except (OSError, ValueError, ImportError) as error:
        if isinstance(error, ImportError):
            raise QueryError(
                f"{shown(given)}: a package for this sort of address is missing."
                " Install it here and on every worker, see docs/cluster.md."
            ) from error
        raise QueryError(
            f"{shown(given)} cannot be found or read ({type(error).__name__})."
        ) from error
    chosen = {
        name: info
        for name, info in infos.items()
        if info["type"] == "file" and name.lower().endswith(SUFFIXES)
    }
    if not chosen:
        raise QueryError(f"{shown(given)} holds no Parquet or CSV file.")
    system.invalidate_cache()  # a listing may say less, or in another way, than is said of one file
    for name in chosen:
        yield (name if is_local(address) else system.unstrip_protocol(name)), system.info(name)


def _opened(address: str) -> tuple[Any, str]:
    system, path = fsspec.core.url_to_fs(address)
    return system, path


def _version(info: Mapping[str, Any]) -> str:
    """Return what changes when a file is written anew, as far as its storage tells it."""
    for name in ("ETag", "etag", "mtime", "LastModified", "last_modified", "created"):
        if info.get(name):
            return str(info[name]).strip('"')
    return ""


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _umask() -> int:
    held = os.umask(0)
    os.umask(held)
    return held


def unreadable(error: Exception) -> ConflictMapError:
    """Return the error of a part that could not be read or written, without its own words."""
    return ConflictMapError(f"it could not be read or its result written ({type(error).__name__}).")
