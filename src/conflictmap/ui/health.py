"""What a monitoring system asks a process: is it alive, is it ready, how is it doing.

The answers hold words and numbers, never a path, an address or a message of the database.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from conflictmap.access import Viewer
from conflictmap.errors import ConflictMapError
from conflictmap.settings import ROOT, Settings
from conflictmap.ui import counts
from conflictmap.ui.assets import missing_assets
from conflictmap.ui.server_guard import is_loopback

if TYPE_CHECKING:
    from conflictmap.store import Store

WATCHER = Viewer("monitoring", "viewer")
HELD_SECONDS = 1.0
"""How long an answer of the store is held, so that many questions make one query."""
STORE_SECONDS = 5.0
"""How long a question waits for the store."""


class Health:
    """Looks after one process: opens the store when first asked, and again until it answers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.is_warm = False
        self._store: Store | None = None
        self._held: tuple[float, Any] | None = None
        self._asking: anyio.Lock | None = None

    def routes(self) -> list[Route]:
        """Return the addresses: /health/live, /health/ready and /health/metrics."""
        return [
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
            Route("/health/metrics", self.metrics),
        ]

    async def live(self, _request: Request) -> Response:
        """Answer 200 as long as the process answers at all."""
        return _words("alive", 200)

    async def ready(self, _request: Request) -> Response:
        """Answer 200 if a reader would be served, else 503 with what is missing."""
        missing = await self._missing()
        return _words(*(("ready", 200) if not missing else (f"not ready: {missing}", 503)))

    async def metrics(self, request: Request) -> Response:
        """Answer with the counters, to whoever may have them."""
        if not _may_count(request, self.settings):
            return _words("Not found.", 404)
        health = await self._store_health()
        content = await run_in_threadpool(_written_out, health)
        return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")

    async def _missing(self) -> str:
        if missing_assets(ROOT):
            return "assets"
        health = await self._store_health()
        if health is None:
            return "store"
        if not health.is_of_this_schema:
            return "migrations"
        return "" if self.is_warm else "starting"

    async def _store_health(self) -> Any:
        """Return how the store stands; None: it does not answer."""
        if self._asking is None:
            self._asking = anyio.Lock()
        async with self._asking:
            if self._held is None or time.monotonic() - self._held[0] > HELD_SECONDS:
                found = None
                with anyio.move_on_after(STORE_SECONDS):
                    found = await anyio.to_thread.run_sync(self._ask, abandon_on_cancel=True)
                self._held = (time.monotonic(), found)
            return self._held[1]

    def _ask(self) -> Any:
        from conflictmap.store.health import store_health

        try:
            return store_health(self.store(), viewer=WATCHER)
        except ConflictMapError:
            return None

    def store(self) -> Store:
        """Return the store, opened with the first question that it answers.

        Raises
        ------
        StoreError
            If it cannot be opened.
        """
        from conflictmap.store import open_store  # the server starts without its libraries

        if self._store is None:
            self._store = open_store(self.settings.store_url)
        return self._store


def _words(words: str, status: int) -> Response:
    return PlainTextResponse(f"{words}\n", status, {"Cache-Control": "no-store"})


def _may_count(request: Request, settings: Settings) -> bool:
    """Say whether the counters go to whoever asks: by the token, or on a laptop from itself."""
    if settings.metrics_token:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode())
    client = request.client
    return not settings.is_hosted and client is not None and is_loopback(client.host)


def _written_out(health: Any) -> bytes:
    """Return the counters in the form that Prometheus reads."""
    from prometheus_client import CollectorRegistry, generate_latest

    class _Counts:
        def collect(self) -> Iterator[Any]:
            return _families(counts.counted(), health)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counts())
    return generate_latest(registry)


def _families(now: counts.Counts, health: Any) -> Iterator[Any]:
    from importlib.metadata import version

    from prometheus_client import core

    def gauge(name: str, words: str, value: float) -> Any:
        return core.GaugeMetricFamily(f"conflictmap_{name}", words, value=value)

    def counter(name: str, words: str, value: float) -> Any:
        return core.CounterMetricFamily(f"conflictmap_{name}", words, value=value)

    yield gauge("open_pages", "Pages that are open in this process.", now.open_pages)
    yield counter("busy", "Visitors who were told that it is busy.", now.refused)
    yield counter("failed_runs", "Runs of a page that ended with a bug.", now.failed_runs)
    yield counter("store_errors", "Errors that the database reported.", now.store_errors)
    ends = [*map(str, counts.BUCKETS), "+Inf"]
    length = core.HistogramMetricFamily("conflictmap_run_seconds", "How long a page's run takes.")
    length.add_metric(
        [], list(zip(ends, [*now.runs_up_to, now.runs], strict=True)), now.run_seconds
    )
    yield length
    yield gauge("store_up", "1 where the store answers.", health is not None)
    if health is not None:
        yield gauge("revision", "Latest revision of the store.", health.revision)
        yield gauge(
            "uploads_published", "Uploads that were ever published.", health.uploads_published
        )
    build = core.GaugeMetricFamily(
        "conflictmap_build_info",
        "Version of the program and of Streamlit.",
        labels=["version", "streamlit"],
    )
    build.add_metric([version("conflictmap"), version("streamlit")], 1)
    yield build
