"""What tests share: the store, the served dashboard, the browser, and the rule on skips."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import (
    ROOT,
    BrowserPage,
    find_chromium,
    free_port,
    launch_chromium,
    open_page,
    serving,
    streamlit_run,
)

# --- the dashboard and the browser


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a store that holds the shipped data, made once by `conflictmap init`."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite'}"
    subprocess.run(
        [sys.executable, "-m", "conflictmap.cli", "init"],
        cwd=ROOT,
        env=os.environ | {"CONFLICTMAP_STORE": url},
        check=True,
    )
    return url


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


@pytest.fixture
def browser_page(chromium: Any, dashboard: str) -> Iterator[BrowserPage]:
    """A fresh tab of 1440 x 900 for the dashboard; its `page` is Playwright's."""
    with open_page(chromium, dashboard) as tab:
        yield tab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses Chromium, and keep it on one worker: one server and one browser are enough."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


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
