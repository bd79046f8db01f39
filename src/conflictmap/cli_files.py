"""Files that commands are given or asked to write."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from conflictmap.errors import QueryError


def read_file(path: Path, *, most_mb: int) -> bytes:
    """Return the content of a file.

    Raises
    ------
    QueryError
        If it cannot be read, or is larger than so many MB.
    """
    try:
        if path.stat().st_size > most_mb * 10**6:
            raise QueryError(f"{path.name} has more than {most_mb} MB. Give a smaller file.")
        return path.read_bytes()
    except OSError as error:
        raise QueryError(
            f"{path.name} cannot be read ({type(error).__name__}). Check its name and rights."
        ) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    QueryError
        If it cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            made = Path(folder) / "export"
            made.write_bytes(content)
            os.replace(made, path)
    except OSError as error:
        raise QueryError(
            f"{path.name} cannot be written ({type(error).__name__}). Check the folder and its"
            " rights."
        ) from error
