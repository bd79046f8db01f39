"""What tests share: the store, the served dashboard, the browser, and the rule on skips."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from conflictmap.store import open_store
from tests.browser import (
    ROOT,
    BrowserPage,
    find_chromium,
    free_port,
    launch_chromium,
    open_tab,
    open_window,
    serving,
    streamlit_run,
)
from tests.postgres import ENGINES, Cluster, closed_afterwards, running_cluster

# A busy machine is no fault of what is tested: no example has to be done within some time.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# --- the two engines of a store


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server for the tests of this process; started by the first that asks for it."""
    try:
        with running_cluster() as cluster:
            yield cluster
    except LookupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgresql_template(postgresql: Cluster) -> str:
    """Name of a database that holds an empty store: to copy it is faster than to make one."""
    url = postgresql.fresh_database()
    with closed_afterwards():
        open_store(url)
    return url.rpartition("/")[2]


@pytest.fixture
def postgresql_url(postgresql: Cluster) -> Iterator[str]:
    """Address of a fresh database without a table, which ends with the test."""
    url = postgresql.fresh_database()
    with closed_afterwards():
        yield url
    postgresql.drop_database(url)


@pytest.fixture
def postgresql_store_url(postgresql: Cluster, postgresql_template: str) -> Iterator[str]:
    """Address of an empty store in a database of its own, which ends with the test."""
    url = postgresql.fresh_database(postgresql_template)
    with closed_afterwards():
        yield url
    postgresql.drop_database(url)


@pytest.fixture(params=ENGINES)
def empty_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a store that holds nothing yet, on each of the two engines."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_store_url"))
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


# --- the dashboard and the browser


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a store that holds the shipped data; each worker has a copy."""
    path = tmp_path_factory.mktemp("store") / "store.sqlite"
    shutil.copy(_shipped_store(_folder_of_all_workers(tmp_path_factory)), path)
    return f"sqlite:///{path}"


def _folder_of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def _shipped_store(folder: Path) -> Path:
    """Return the store that `conflictmap init` makes; the worker that comes first makes it."""
    path, part = folder / "shipped.sqlite", folder / "part-of-shipped.sqlite"
    with (folder / "shipped.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            subprocess.run(
                [sys.executable, "-m", "conflictmap.cli", "init"],
                cwd=ROOT,
                env=os.environ | {"CONFLICTMAP_STORE": f"sqlite:///{part}"},
                check=True,
            )
            part.rename(path)
    return path


@pytest.fixture(scope="session")
def dashboard(store_url: str) -> Iterator[str]:
    """Address of the dashboard, served as `streamlit run app.py` serves it."""
    port = free_port()
    with serving(streamlit_run(port), port, environment={"CONFLICTMAP_STORE": store_url}) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for all browser tests."""
    from playwright.sync_api import sync_playwright

    if find_chromium() is None:
        pytest.skip("Chromium is missing: run `make test` as root, or install Debian's chromium")
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def window(chromium: Any, dashboard: str) -> Iterator[Any]:
    """A window of that Chromium for `open_tab`, used by one test after the other."""
    with open_window(chromium, dashboard) as opened:
        yield opened


@pytest.fixture
def browser_page(window: Any, dashboard: str) -> Iterator[BrowserPage]:
    """A fresh tab of 1440 x 900 for the dashboard; its `page` is Playwright's."""
    with open_tab(window, dashboard) as tab:
        yield tab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses Chromium."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def pytest_collection_finish() -> None:
    """Let the search for unreachable objects pass over all that was imported: it is there to stay.

    It goes through hundreds of thousands of objects again and again otherwise.
    """
    gc.collect()
    gc.freeze()


# --- which worker runs what


# What these make takes no time, beside their long tests.
_NOT_TOGETHER = ("tests/test_upload_mutations.py",)


class ModulesStayTogether(LoadScopeScheduling):
    """Keeps on one worker the tests of a module that makes something for all of them.

    Its server or store would otherwise be made on each worker. Tests of other modules go wherever
    there is time. (Marks of ``--dist loadgroup`` are lost with pytest 9.2: pytest-xdist 1386.)
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if _makes_something_for_all(module) else nodeid


@cache
def _makes_something_for_all(module: str) -> bool:
    text = (ROOT / module).read_text(encoding="utf-8")
    return 'scope="module"' in text and module not in _NOT_TOGETHER


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ModulesStayTogether:
    """Hand the tests out in this way, whatever ``--dist`` says."""
    return ModulesStayTogether(config, log)


# --- skipped tests: told at the end, and failures where CI=true


def _skips_fail() -> bool:
    return os.environ.get("CI", "").lower() == "true"


def _fail_if_skipped(report: Any) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and _skips_fail():
        report.outcome = "failed"
        report.longrepr = f"Skipped, and CI=true lets no test be skipped. {_reason(report)}"


def _reason(report: Any) -> str:
    said = report.longrepr
    return str(said[2] if isinstance(said, tuple) else said).removeprefix("Skipped: ")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    _fail_if_skipped(report)
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name every skipped test and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section(f"{len(skipped)} tests were skipped")
        for report in skipped:
            terminalreporter.write_line(f"{report.nodeid}: {_reason(report)}")
