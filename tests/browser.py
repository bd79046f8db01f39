"""Starting the dashboard and looking at it in Chromium, for browser tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Page, Playwright, Route

ROOT = Path(__file__).resolve().parents[1]
SCREENSHOTS = ROOT / "screenshots"

MAP_FRAME = 'iframe[title="streamlit_folium.st_folium"]'
DRAWN_AREA = "path.leaflet-interactive"

# Chromium as root in a container, and without asking its maker's hosts for anything.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """Return the Chromium or Chrome to drive: CONFLICTMAP_CHROMIUM, else the first on the path."""
    names = ["chromium", "chromium-browser", "google-chrome"]
    chosen = os.environ.get("CONFLICTMAP_CHROMIUM")
    return chosen or next((found for name in names if (found := shutil.which(name))), None)


def launch_chromium(playwright: Playwright) -> Browser:
    """Start Chromium without a window and with an empty profile."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def streamlit_run(port: int) -> list[str]:
    """Return the command that serves `app.py` on `port`, as somebody would type it."""
    return [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]


@contextmanager
def serving(
    command: Sequence[str],
    port: int,
    *,
    environment: dict[str, str],
    folder: Path = ROOT,
    below: str = "",
) -> Iterator[str]:
    """Run `command` in `folder` until it answers on `port`, yield its address, and end it.

    `below` is the path that a ``server.baseUrlPath`` puts before every address, such as "/map".

    Raises
    ------
    RuntimeError
        With the end of its log, if it stops or does not answer within a minute.
    """
    address = f"http://127.0.0.1:{port}{below}"
    with tempfile.TemporaryFile(mode="w+") as log:
        server = subprocess.Popen(
            list(command),
            cwd=folder,
            env=os.environ | environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own: `make` and what it starts end together
        )
        try:
            give_up = time.monotonic() + 60
            while not _is_healthy(address):
                if server.poll() is not None or time.monotonic() > give_up:
                    log.seek(0)
                    raise RuntimeError(f"{command} does not serve:\n{log.read()[-3000:]}")
                time.sleep(0.02)
            yield address
        finally:
            _end(server)


def _is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server and whatever it started: its process group, named by its process id."""
    for signal_number in (15, 9):
        try:
            os.killpg(server.pid, signal_number)
        except ProcessLookupError:
            break
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue
        break
    server.wait(timeout=10)


@dataclass
class BrowserPage:
    """One tab, what it asked for, and what it complained about."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    """Every address asked for, web sockets included."""
    foreign_requests: list[str] = field(default_factory=list)
    """Those of another host or port; none of them was let through."""
    console_errors: list[str] = field(default_factory=list)
    """Errors written to the console or thrown in the page."""

    def open(self, path: str = "/") -> None:
        """Go to `path`, for example "/incidents?from=2022-12-01"."""
        self.page.goto(self.address + path)

    def map_frame(self) -> FrameLocator:
        """Return the frame of the first map."""
        return self.page.frame_locator(MAP_FRAME).first

    def wait_for_areas(self, count: int, *, timeout_s: float = 20) -> None:
        """Wait until the map has drawn at least `count` areas."""
        last = self.map_frame().locator(DRAWN_AREA).nth(count - 1)
        last.wait_for(state="attached", timeout=timeout_s * 1000)

    def wait_until_still(self, *, timeout_s: float = 20) -> None:
        """Wait until Streamlit has finished running the page."""
        still = '[data-testid="stApp"][data-test-script-state="notRunning"]'
        self.page.locator(still).wait_for(timeout=timeout_s * 1000)

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the whole page as ``screenshots/<name>.png``, which git ignores."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path


@contextmanager
def open_page(
    browser: Browser, address: str, *, width: int = 1440, height: int = 900
) -> Iterator[BrowserPage]:
    """Give a fresh tab for the dashboard at `address`, from which no other host can be reached."""
    context = browser.new_context(viewport={"width": width, "height": height})
    tab = BrowserPage(context.new_page(), address)
    own = urlsplit(address).netloc

    def let_through_or_stop(route: Route) -> None:
        url = route.request.url
        tab.requests.append(url)
        if urlsplit(url).netloc == own or url.startswith(("blob:", "data:")):
            route.continue_()
        else:
            tab.foreign_requests.append(url)
            route.abort()

    def note_socket(url: str) -> None:
        tab.requests.append(url)
        if urlsplit(url).netloc != own:
            tab.foreign_requests.append(url)

    def note_error(line: ConsoleMessage) -> None:
        if line.type == "error" and not _is_search_for_server(line.location["url"], address):
            tab.console_errors.append(f"{line.text} [{line.location['url']}]")

    context.route("**/*", let_through_or_stop)
    tab.page.on("websocket", lambda socket: note_socket(socket.url))
    tab.page.on("pageerror", lambda error: tab.console_errors.append(str(error)))
    tab.page.on("console", note_error)
    try:
        yield tab
    finally:
        context.close()


def _is_search_for_server(url: str, address: str) -> bool:
    """Whether `url` is Streamlit's front end asking where its server lies.

    Opened at /incidents it tries /incidents/_stcore first, as if that were the root; the answer
    404 is part of the search.
    """
    ending = ("/_stcore/health", "/_stcore/host-config")
    return url.endswith(ending) and not url.startswith(f"{address}/_stcore/")
