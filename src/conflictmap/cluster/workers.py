"""The workers of an archive: processes of this machine, or those of a cluster, through Dask.

Parts are given out a few at a time and their accounts come back; rows never cross the wire. What
Dask sends are pickles, which run as code where they arrive: scheduler, workers and the command
trust each other wholly, and stand in a closed network, with TLS (docs/cluster.md).
"""

from __future__ import annotations

import contextlib
import logging
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import dask
from distributed import Client, Future, LocalCluster, Worker, WorkerPlugin, wait
from distributed.scheduler import KilledWorker
from distributed.security import Security

from conflictmap.cluster.joining import Order
from conflictmap.cluster.layer import Layer, unpack_layer, versions
from conflictmap.cluster.running import MOST_TRIES, Outcome, attempted
from conflictmap.cluster.storage import Part
from conflictmap.districts import PreparedDistricts
from conflictmap.errors import QueryError

IN_FLIGHT = 2
"""Parts given out for each worker: one is at work, one waits, the others stay here."""

MEMORY_OF_LOCAL_WORKER = "1 GB"
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_ANSWER = 15

_UNREACHABLE = (
    "The scheduler can no longer be reached. Finished parts stay; the same command goes on with the"
    " rest."
)

# A part whose worker ended comes back at once: what then is decided here. Without a key nobody is
# told more than that a process is alive.
_LOCAL_SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.http.routes": ["distributed.http.health"],
    "distributed.worker.http.routes": ["distributed.http.health"],
}

_layers: dict[str, PreparedDistricts] = {}


class SendLayer(WorkerPlugin):
    """Brings the layer to each worker once, to those that join or come back later too."""

    def __init__(self, layer: Layer, expected: dict[str, str]) -> None:
        self.name = "conflictmap-layer"
        self.layer, self.expected = layer, expected

    def setup(self, worker: Worker) -> None:
        """Put the layer together; a worker of other versions is refused."""
        refuse_other_versions({worker.address: worker_versions()}, self.expected)
        _layers.clear()
        _layers[self.layer.sha256] = unpack_layer(self.layer.content, self.layer.sha256)


class LeaveInterrupts(WorkerPlugin):
    """Leaves Ctrl-C at a terminal, which reaches its workers too, to the command."""

    name = "conflictmap-interrupts"

    def setup(self, worker: Worker) -> None:
        """Ignore it here: the command ends its workers in order."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def worker_versions() -> dict[str, str]:
    """Return the versions of this process that those of the command must equal."""
    import distributed

    return {**versions(), "dask": dask.__version__, "distributed": distributed.__version__}


def refuse_other_versions(found: dict[str, Any], expected: dict[str, str]) -> None:
    """Check the versions of workers.

    Raises
    ------
    QueryError
        If a worker has another version of a rule or library, or lacks them.
    """
    for address, told in sorted(found.items()):
        if not isinstance(told, dict):
            raise QueryError(
                f"The worker {address} lacks conflictmap or one of its packages. Install the same"
                " version there, see docs/cluster.md."
            )
        other = [name for name, version in expected.items() if told.get(name) != version]
        if other:
            name = other[0]
            raise QueryError(
                f"The worker {address} has {name} {told.get(name, 'not stated')}, here it is"
                f" {expected[name]}. Install the same versions there: the results could differ."
            )


@contextlib.contextmanager
def local_workers(number: int) -> Iterator[Client]:
    """Start workers of this machine, a process each, and end them afterwards.

    They listen on the loopback alone, and with keys made for this run: whoever else is on this
    machine must not be able to give them work.
    """
    with (
        dask.config.set(_LOCAL_SETTINGS),
        LocalCluster(
            n_workers=number,
            threads_per_worker=1,
            processes=True,
            memory_limit=MEMORY_OF_LOCAL_WORKER,
            host="127.0.0.1",
            security=True,
            dashboard_address="127.0.0.1:0",  # without one it would be port 8787, taken or not
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,  # a connection that ends is no news: parts are counted
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.register_plugin(LeaveInterrupts())
        yield client


def security_of(ca: str | None, certificate: str | None, key: str | None) -> Security | None:
    """Return what TLS needs, from files; None: as Dask's own configuration says.

    Raises
    ------
    QueryError
        If only some of the three files are given.
    """
    files = (ca, certificate, key)
    if not any(files):
        return None
    if not all(files):
        raise QueryError("TLS needs three files: --tls-ca, --tls-cert and --tls-key.")
    return Security(
        tls_ca_file=ca, tls_client_cert=certificate, tls_client_key=key, require_encryption=True
    )


@contextlib.contextmanager
def cluster_at(address: str, security: Security | None) -> Iterator[Client]:
    """Connect to the scheduler of a cluster.

    Raises
    ------
    QueryError
        If it does not answer, or has no worker.
    """
    try:
        client = Client(address, security=security, set_as_default=False, timeout=SECONDS_TO_ANSWER)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        raise QueryError(
            f"No scheduler answers there ({type(error).__name__}). Check the address, which begins"
            " with tcp:// or tls://, and the files for TLS."
        ) from error
    with client:
        if not client.nthreads():
            raise QueryError("The scheduler has no worker yet. Start some, then give it again.")
        yield client


def work_on(
    client: Client, order: Order, layer: Layer
) -> Callable[[Sequence[Part]], Iterator[Outcome | None]]:
    """Return the work of the workers of a scheduler.

    Raises
    ------
    QueryError
        If a worker has other versions than this process.
    """
    expected = worker_versions()
    refuse_other_versions(client.run(worker_versions, on_error="return"), expected)
    client.register_plugin(SendLayer(layer, expected))

    def work(parts: Sequence[Part]) -> Iterator[Outcome | None]:
        given = _Given(client, order)
        try:
            yield from _outcomes(given, parts)
        finally:
            given.cancel()

    return work


def attempted_there(part: Part, order: Order) -> tuple[dict[str, Any] | None, str, bool]:
    """Join a part on a worker, which has the layer."""
    return attempted(part, order, _layers[order.layer_sha256])


class _Given:
    """The parts that are given out, each with its future."""

    def __init__(self, client: Client, order: Order) -> None:
        self.parts: dict[Future, Part] = {}
        self._client, self._order = client, order

    def give(self, part: Part) -> None:
        future = self._client.submit(
            attempted_there, part, self._order, pure=False, priority=-part.number
        )
        self.parts[future] = part

    def most(self) -> int:
        return IN_FLIGHT * max(1, len(self._client.nthreads()))

    def finished(self) -> list[tuple[Part, Future]]:
        """Return the parts that came back, after some time also none."""
        if self._client.status != "running":
            raise QueryError(_UNREACHABLE)
        with contextlib.suppress(TimeoutError), self._client.as_current():
            wait(list(self.parts), timeout=SECONDS_BETWEEN_LOOKS, return_when="FIRST_COMPLETED")
        done = [future for future in self.parts if future.done()]
        return [(self.parts.pop(future), future) for future in done]

    def cancel(self) -> None:
        if self.parts and self._client.status == "running":
            self._client.cancel(list(self.parts), force=True)


def _outcomes(given: _Given, parts: Sequence[Part]) -> Iterator[Outcome | None]:
    """Give the outcome of each part.

    A worker that ends takes with it the part it was at and those that waited there, and nobody can
    tell which of them it was. So a part that was often there when one ended is tried a last time
    with nothing beside it, and only then named as failed.
    """
    waiting, alone = deque(parts), deque[Part]()
    tries: Counter[int] = Counter()
    is_alone = False
    while waiting or alone or given.parts:
        while waiting and not is_alone and len(given.parts) < given.most():
            given.give(waiting.popleft())
        if alone and not given.parts:
            is_alone = True
            given.give(alone.popleft())
        back = given.finished()
        for part, future in back:
            account, why, is_final, ends = _result(future)
            tries[part.number] += max(ends, 1)
            if is_final or (tries[part.number] >= MOST_TRIES and (not ends or is_alone)):
                yield Outcome(part, account, why)
            elif tries[part.number] >= MOST_TRIES - 1 and ends:
                alone.append(part)
            else:
                waiting.append(part)
        if not given.parts:
            is_alone = False
        if not back:
            yield None


def _result(future: Future) -> tuple[dict[str, Any] | None, str, bool, int]:
    """Return what came back, and how many workers ended over it."""
    if future.status == "finished":
        account, why, is_final = future.result()
        return account, why, is_final, 0
    error = future.exception() if future.status == "error" else None
    if isinstance(error, KilledWorker):
        return None, "its worker ended every time.", False, int(error.allowed_failures) + 1
    name = type(error).__name__ if error is not None else "cancelled by the scheduler"
    return None, f"it could not be worked on ({name}).", False, 0
