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

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FrameLocator,
    Page,
    Playwright,
    Request,
)

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
    # No other machine is ever reached, whatever a page asks for.
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    # Tabs of one window share a process, and with it what it has compiled: see `open_window`.
    "--process-per-site",
]

_KEPT_BY_A_PAGE = "cookies,local_storage,indexeddb,service_workers,cache_storage"


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
    log_file: Path | None = None,
) -> Iterator[str]:
    """Run `command` in `folder` until it answers on `port`, yield its address, and end it.

    `below` is the path that a ``server.baseUrlPath`` puts before every address, such as "/map".
    `log_file` is where to leave the server's log; without it, it is kept until the end only.

    Raises
    ------
    RuntimeError
        With the end of its log, if it stops or does not answer within a minute.
    """
    address = f"http://127.0.0.1:{port}{below}"
    with log_file.open("w+") if log_file else tempfile.TemporaryFile(mode="w+") as log:
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
    """Those of another host or port; another host was never reached."""
    console_errors: list[str] = field(default_factory=list)
    """Errors written to the console or thrown in the page."""
    also: str = ""
    """Another server of the test, which may be asked as well: an address without a path."""

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

    def listen(self) -> None:
        """Note from now on what the page opens as a web socket, and its errors."""
        self.page.on("websocket", lambda socket: self.note_request(socket.url))
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        self.page.on("console", self._note_error)

    def note_request(self, url: str) -> bool:
        """Note an address that was asked for, and say whether it is the dashboard's own."""
        self.requests.append(url)
        own = (urlsplit(self.address).netloc, urlsplit(self.also).netloc or None)
        is_own = urlsplit(url).netloc in own or url.startswith(("blob:", "data:"))
        if not is_own:
            self.foreign_requests.append(url)
        return is_own

    def _note_error(self, line: ConsoleMessage) -> None:
        if line.type == "error" and not _is_search_for_server(line.location["url"], self.address):
            self.console_errors.append(f"{line.text} [{line.location['url']}]")

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the whole page as ``screenshots/<name>.png``, which git ignores."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path


@contextmanager
def open_window(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """Give a window for `open_tab`, which keeps Streamlit's front end between tabs.

    To fetch and compile it anew costs as much as all else that a tab does. The process lives as
    long as some tab of 127.0.0.1 is open: one stays at an icon of the dashboard at `address`.
    """
    context = browser.new_context()
    try:
        context.new_page().goto(f"{address}/favicon.png")
        yield context
    finally:
        context.close()


@contextmanager
def open_tab(
    window: BrowserContext, address: str, *, also: str = "", width: int = 1440, height: int = 900
) -> Iterator[BrowserPage]:
    """Give a fresh tab of a window for the dashboard at `address`: no cookie, nothing stored.

    What it asks of other hosts is noted, and fails: Chromium finds none of them. One tab of a
    window at a time; two readers at once, or two who sign in, are two `open_page`.
    """
    window.clear_cookies()
    page = window.new_page()
    tab = BrowserPage(page, address, also=also)
    tools = window.new_cdp_session(page)
    tools.send(
        "Storage.clearDataForOrigin", {"origin": _origin(address), "storageTypes": _KEPT_BY_A_PAGE}
    )
    tools.detach()
    page.set_viewport_size({"width": width, "height": height})

    def note_request(request: Request) -> None:
        tab.note_request(request.url)

    window.on("request", note_request)
    tab.listen()
    try:
        yield tab
    finally:
        page.close()
        window.remove_listener("request", note_request)


@contextmanager
def open_page(
    browser: Browser, address: str, *, also: str = "", width: int = 1440, height: int = 900
) -> Iterator[BrowserPage]:
    """Give a tab in a window of its own, from which no other host can be reached.

    What it asks of other hosts is noted, and fails. Requests are not routed for that: a browser
    whose requests are routed keeps nothing, and fetches and compiles the front end for every page.
    """
    context = browser.new_context(viewport={"width": width, "height": height})
    tab = BrowserPage(context.new_page(), address, also=also)
    context.on("request", lambda request: tab.note_request(request.url))
    tab.listen()
    try:
        yield tab
    finally:
        context.close()


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _is_search_for_server(url: str, address: str) -> bool:
    """Whether `url` is Streamlit's front end asking where its server lies.

    Opened at /incidents it tries /incidents/_stcore first, as if that were the root; the answer
    404 is part of the search.
    """
    ending = ("/_stcore/health", "/_stcore/host-config")
    return url.endswith(ending) and not url.startswith(f"{address}/_stcore/")
