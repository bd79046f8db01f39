"""How the dashboard is served: its headers, and an address inside it as the very first request."""

import urllib.request

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.server.app_discovery import discover_asgi_app

from conflictmap.ui import server
from tests.browser import ROOT, free_port, open_page, serving, streamlit_run

PAGES = ["slides", "monthly_brief", "incidents", "deployments", "groups_and_claims"]
PAGES += ["published_figures", "sources_and_method", "upload", "corrections", "administration"]


def test_streamlit_still_has_the_switch_that_is_set(monkeypatch):
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    server.pages_are_listed()
    assert PagesManager(str(ROOT / "app.py")).uses_pages_directory is False


def test_streamlit_run_finds_the_server_in_app_py():
    assert discover_asgi_app(ROOT / "app.py").import_string == "app:app"


@pytest.fixture
def fresh_server(store_url):
    """Address of a server that nobody has visited yet."""
    port = free_port()
    with serving(streamlit_run(port), port, environment={"CONFLICTMAP_STORE": store_url}) as url:
        yield url


def test_a_link_to_a_page_works_as_the_very_first_request(chromium, fresh_server):
    with open_page(chromium, fresh_server) as tab:
        tab.open("/incidents?from=2022-12-01")
        tab.wait_until_still()
        links = tab.page.locator("[data-testid=stSidebarNavLink]")
        links.first.wait_for()
        addresses = [link.get_attribute("href") for link in links.all()]
        # Guessing from the folder, Streamlit lists app.py as a page and leaves out our titles.
        assert [address.rsplit("/", 1)[1] for address in addresses] == ["", *PAGES]
        assert tab.page.get_by_role("dialog").count() == 0
        assert "from=2022-12-01" in tab.page.url


def test_the_map_answers_to_its_name_and_keeps_the_filters(browser_page):
    browser_page.open("/map?from=2022-12-01")
    browser_page.wait_for_areas(34)
    assert browser_page.page.get_by_role("dialog").count() == 0
    assert browser_page.page.url.endswith("/?from=2022-12-01")


def test_the_policy_lets_nothing_in_from_elsewhere(dashboard):
    with urllib.request.urlopen(dashboard) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert policy == server.content_security_policy()
    assert "http" not in policy
    assert "*" not in policy


def test_versioned_files_are_kept_by_the_browser(dashboard):
    with urllib.request.urlopen(
        f"{dashboard}/app/static/vendor/leaflet-1.9.3/leaflet.js"
    ) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
