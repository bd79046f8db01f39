"""A PostgreSQL for tests: a cluster of its own on a loopback port, a fresh database a test."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from tests.browser import free_port

ENGINES = ("sqlite", "postgresql")
"""What the tests of the store run on."""

OWNER = "postgres"  # of the cluster, and the name of its superuser
PASSWORD = "synthetic-Password-1"

# Ordinary tests ask what is committed, not what a cut of power leaves.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

_QUIET = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=32MB",
    "max_wal_size=256MB",
    "autovacuum=off",
    "max_connections=100",
)


def find_postgresql() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, from 15 on; None: there is none."""
    chosen = os.environ.get("CONFLICTMAP_POSTGRESQL")
    if chosen:
        return Path(chosen)
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    found = [path for path in folders if path.parent.name.isdecimal() and _is_whole(path)]
    if found:
        newest = max(found, key=lambda path: int(path.parent.name))
        return newest if int(newest.parent.name) >= 15 else None
    on_path = shutil.which("pg_ctl")
    return Path(on_path).resolve().parent if on_path else None


def _is_whole(path: Path) -> bool:
    return (path / "postgres").is_file() and (path / "initdb").is_file()


@dataclass
class Cluster:
    """A running PostgreSQL server: `start` and `stop` it, make a `fresh_database`."""

    programs: Path
    folder: Path
    port: int
    options: Sequence[str]
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        """Return the address of a database, as the settings take it."""
        return f"postgresql://{OWNER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = " ".join(f"-c {option}" for option in (*_QUIET, *self.options))
        self._control("start", "-o", f"-p {self.port} {options}", "-l", str(self.folder / "log"))

    def stop(self, how: str = "fast") -> None:
        """Stop it: "fast" as an administrator would, "immediate" as when the power is cut."""
        self._control("stop", "-m", how)

    def run(self, statement: str, database: str = OWNER) -> list[tuple]:
        """Run a statement as the superuser; return its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def fresh_database(self, template: str = "template0") -> str:
        """Make a database; return its address."""
        name = f"store_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def wait_until_ready(self) -> None:
        """Wait until a server that lost one of its processes has mended itself.

        Raises
        ------
        TimeoutError
            If it does not answer within half a minute.
        """
        until = time.monotonic() + 30
        while True:
            try:
                self.run("SELECT 1")
                return
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise TimeoutError("PostgreSQL does not answer.") from None
                time.sleep(0.05)

    def copy_database(self, url: str) -> str:
        """Copy a database that nobody is at work in; return the copy's address."""
        self.wait_until_left(url)
        return self.fresh_database(url.rpartition("/")[2])

    def wait_until_left(self, url: str) -> None:
        """Wait until the sessions of a database are over: those of a killed process take a while.

        Raises
        ------
        TimeoutError
            If somebody is still there after half a minute.
        """
        name = url.rpartition("/")[2]
        until = time.monotonic() + 30
        while self.run(f"SELECT 1 FROM pg_stat_activity WHERE datname = '{name}'"):
            if time.monotonic() > until:
                raise TimeoutError(f"Somebody is still at work in {name}.")
            time.sleep(0.02)

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever still looks at it."""
        self.run(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def _control(self, command: str, *more: str) -> None:
        arguments = [str(self.programs / "pg_ctl"), command, "-D", str(self.folder / "data"), "-w"]
        run_as_owner([*arguments, "-s", *more], self.folder)


def run_as_owner(command: Sequence[str], folder: Path) -> None:
    """Run one of PostgreSQL's programs, which refuse to be run by root."""
    who: dict[str, object] = {}
    if os.geteuid() == 0:
        owner = pwd.getpwnam(OWNER)
        who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    # What it says goes to a file: a server that was started keeps a pipe open.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            list(command), cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, **who
        )
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{Path(command[0]).name}: {said.read().decode(errors='replace')}")


@contextmanager
def closed_afterwards() -> Iterator[None]:
    """Close every connection that is opened meanwhile: the driver complains of forgotten ones."""
    opened: list[psycopg.Connection] = []

    def keep(connection: Any, _record: object) -> None:
        if isinstance(connection, psycopg.Connection):
            opened.append(connection)

    sa.event.listen(sa.Pool, "connect", keep)
    try:
        yield
    finally:
        sa.event.remove(sa.Pool, "connect", keep)
        for connection in opened:
            connection.close()


@contextmanager
def running_cluster(options: Sequence[str] = FAST) -> Iterator[Cluster]:
    """Make a cluster in a temporary folder, run it, and take both away again.

    Raises
    ------
    LookupError
        If PostgreSQL is not installed, with the sentence to skip a test with.
    """
    programs = find_postgresql()
    if programs is None:
        raise LookupError("PostgreSQL is missing: install Debian's postgresql (15 or newer)")
    folder = Path(tempfile.mkdtemp(prefix="conflictmap-postgresql-", dir=_fast_folder()))
    try:
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam(OWNER).pw_uid, -1)
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        run_as_owner(
            [
                str(programs / "initdb"),
                *("-D", str(folder / "data"), "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8"),
                *("-A", "scram-sha-256", "--pwfile", str(password), "--no-sync"),
            ],
            folder,
        )
        cluster = Cluster(programs, folder, free_port(), options)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fast_folder() -> str | None:
    """Return a folder in memory, where there is room in one."""
    shared = Path("/dev/shm")
    is_roomy = os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2_000_000_000
    return str(shared) if is_roomy else None
