"""Processes of their own that begin at once: forked from one that has the program imported.

Some tests kill, limit or count processes, and what they prove begins after the start. A new
interpreter takes a second or two to import the program, each time.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from conflictmap import cli

# All that a command or a test imports late, so that no child has to.
IMPORTED = ["conflictmap.cli", "conflictmap.ingest.upload", "pyogrio", "pyarrow.pandas_compat"]
FORKING = multiprocessing.get_context("forkserver")


@contextmanager
def begun(work: Callable[..., None], *given: Any) -> Iterator[ForkServerProcess]:
    """Do some work in a process of its own; it is waited for at the end.

    `work` is a function of a module of tests, and what it is given can be pickled. Where the test
    fails meanwhile, the process is killed.
    """
    FORKING.set_forkserver_preload(IMPORTED)
    process = FORKING.Process(target=work, args=given)
    process.start()
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        process.join()
        process.close()


@dataclass(frozen=True)
class Command:
    """A command of the program that is at work, and the file of what it prints."""

    process: ForkServerProcess
    said: Path


@contextmanager
def begun_command(words: list[str], said: Path, **environment: str) -> Iterator[Command]:
    """Run `conflictmap` with these words in a process of its own."""
    with begun(_command, words, said, environment) as process:
        yield Command(process, said)


def _command(words: list[str], said: Path, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    with said.open("w", encoding="utf-8") as file, redirect_stdout(file):
        sys.exit(cli.main(words))
