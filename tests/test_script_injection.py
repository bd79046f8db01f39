"""Text is text for everybody: with a sign-in, in three roles and more, and in files that leave.

`test_hostile_text` shows each page to the person of a laptop. Here people sign in whose own
addresses, names and groups are payloads too, and so is all that the store keeps beside its tables.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from conflictmap.access import LOCAL_ADMINISTRATOR, MAY, Role, Viewer
from conflictmap.brief.make import make_brief
from conflictmap.brief_files.export import export_brief
from conflictmap.export import export_csv
from conflictmap.filters import IncidentFilter
from conflictmap.slides.order import SnapshotOrder
from conflictmap.slides.slide import SlideWishes
from conflictmap.slides.snapshot import Surroundings, export_snapshots, take_snapshot
from conflictmap.store import (
    Store,
    keep_brief,
    keep_upload,
    load_table,
    open_store,
    publish,
    restrict,
    save_mapping,
    standing_of,
)
from conflictmap.store.people import add_role_rule, note_visit
from conflictmap.views.deployment_query import DeploymentsQuery
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.incident_table import incident_table
from conflictmap.views.query import MapQuery
from tests.access_table import pages
from tests.browser import BrowserPage, open_page, open_window
from tests.sign_in_provider import Dashboard, open_as, signed_in_dashboard
from tests.synthetic import shipped_edition
from tests.test_hostile_text import (
    EVALUABLE,
    EVALUATED,
    HOSTILE,
    PAYLOADS,
    Found,
    hostile_tables,
    look,
    note_dialogs,
)

# An address holds no blank; these are payloads all the same.
PEOPLE: dict[Role, str] = {
    "viewer": "<img/src=x/onerror=window.hit=1>@example.org",
    "briefer": "{{7*7000003}}@example.org",
    "analyst": "![x](http://203.0.113.9/p)`${alert(1)}@example.org",
    "administrator": "</script><script>window.hit=1</script>@example.org",
}
GROUP = HOSTILE.lower()
AROUND = Surroundings(as_of="2026-11-21")


def fill(store: Store) -> None:
    """Put payloads into every table, and into all that stands beside them."""
    analyst = Viewer(PEOPLE["analyst"], "analyst")
    publish(store, hostile_tables(), viewer=analyst, note=HOSTILE)
    for viewer in (analyst, Viewer(PEOPLE["briefer"], "briefer")):
        keep_brief(
            store,
            name=HOSTILE,
            revision=1,
            scope={},
            wording={"totals": HOSTILE},
            marking=HOSTILE[:60],
            viewer=viewer,
        )
    incident = load_table(store, "incidents", viewer=analyst)["incident_id"].iloc[-1]
    restrict(store, "incidents", incident, "figures", reason=HOSTILE, viewer=analyst)
    source = {"source_id": "synthetic", "title": HOSTILE, "publisher": HOSTILE}
    for number, owner in enumerate((analyst, LOCAL_ADMINISTRATOR)):
        keep_upload(
            store,
            label=HOSTILE,
            sha256=str(number),
            content=HOSTILE.encode(),
            source=source,
            answers={HOSTILE: HOSTILE},
            viewer=owner,
        )
    save_mapping(store, HOSTILE, {"title": HOSTILE}, viewer=analyst)
    add_role_rule(store, "group", HOSTILE, "viewer", viewer=LOCAL_ADMINISTRATOR)
    for payload in ("{%x", "`", r"c:\2024", "![x](http://203.0.113.9/p)"):
        person = f"{payload}@example.org"
        add_role_rule(store, "email", person, "viewer", viewer=LOCAL_ADMINISTRATOR)
        note_visit(store, standing_of(store, person))


@dataclass
class Served:
    """A dashboard with a sign-in, full of payloads."""

    dashboard: Dashboard
    store: Store


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One dashboard with a sign-in, on a synthetic store full of payloads."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'store.sqlite'}")
    fill(store)
    with signed_in_dashboard(store.url, roles=PEOPLE) as dashboard:
        yield Served(dashboard, store)


@pytest.fixture(scope="module")
def own_window(chromium: Any, served: Served) -> Iterator[Any]:
    """A window of Chromium for one person after the other."""
    with open_window(chromium, served.dashboard.address) as opened:
        yield opened


# --- the pages

MORE = {"/": ["/?level=district&area=AF-KAB"], "/incidents": ["/incidents?incident={incident}"]}
MORE |= {"/groups_and_claims": ["/groups_and_claims?actor_id={actor}"]}
MORE |= {"/slides": ["/slides?page=deployments"]}


def addresses(store: Store, role: Role) -> list[str]:
    """Return every page of a role, and some with a record open."""
    viewer = Viewer("synthetic", role)
    first = {
        "incident": load_table(store, "incidents", viewer=viewer)["incident_id"].iloc[0],
        "actor": load_table(store, "attributions", viewer=viewer)["actor_id"].iloc[0],
    }
    named = [page.path for page in pages() if page.action in MAY[role]]
    if role == "administrator":  # the rest is the same as for an analyst
        named = ["/administration"]
    more = MORE if role != "briefer" else {"/slides": MORE["/slides"]}  # as for a viewer
    return [one.format(**first) for path in named for one in (path, *more.get(path, ()))]


@pytest.mark.parametrize("role", PEOPLE)
def test_the_fullest_pages_of_a_role_run_nothing_that_is_text(own_window, served, role):
    told = ("incident=", "/upload", "/administration")
    asked = [one for one in addresses(served.store, role) if any(word in one for word in told)]
    walk(own_window, served, role, asked or ["/", "/incidents"])


@pytest.mark.slow
@pytest.mark.parametrize("role", PEOPLE)
def test_no_page_of_a_role_runs_what_is_text(own_window, served, role):
    walk(own_window, served, role, addresses(served.store, role))


def walk(window: Any, served: Served, role: Role, asked: Iterable[str]) -> None:
    """Open pages, hover and click, and find that nothing ran and nothing left."""
    claims = {"name": HOSTILE, "given_name": HOSTILE, "groups": [HOSTILE], "picture": HOSTILE}
    with open_as(window, served.dashboard, PEOPLE[role], **claims) as tab:
        dialogs = note_dialogs(tab)
        for address in dict.fromkeys(asked):
            tab.open(address)
            heading = tab.page.get_by_test_id("stMain").locator("h2, h3").first
            expect(heading).to_be_visible(timeout=30_000)
            if address.startswith(("/?", "/deployments")) or address == "/":
                tab.wait_for_areas(398 if "district" in address else 34)
            tab.wait_until_still()
            failed = tab.page.get_by_test_id("stException")
            assert (address, failed.all_inner_texts()) == (address, [])
            expect(tab.page.get_by_text(PEOPLE[role], exact=True).first).to_be_visible()
            hover_and_click(tab)
            assert look(tab, dialogs) == Found(), address


def hover_and_click(tab: BrowserPage) -> None:
    """Hover over and click what holds text: tables, areas of the map, what unfolds and opens."""
    main = tab.page.get_by_test_id("stMain")
    for number in range(min(2, main.get_by_test_id("stDataFrame").count())):
        table = main.get_by_test_id("stDataFrame").nth(number)
        if table.is_visible():
            table.hover(position={"x": 60, "y": 55})
            table.click(position={"x": 60, "y": 55})
            tab.wait_until_still()
    for number in range(main.get_by_test_id("stPopoverButton").count()):
        main.get_by_test_id("stPopoverButton").nth(number).click()
        tab.page.keyboard.press("Escape")
    for fold in main.get_by_test_id("stExpander").locator("summary").all()[:3]:
        if fold.is_visible():
            fold.click()
    tab.wait_until_still()
    if tab.page.locator('iframe[title="streamlit_folium.st_folium"]').count():
        area = tab.map_frame().locator("path.leaflet-interactive").nth(4)
        area.hover(force=True)
        area.click(force=True)
        tab.wait_until_still()


# --- the files

SLIDES: dict[str, dict[str, Any]] = {
    "slide": {"query": MapQuery(level="district")},
    "deployments": {"query": MapQuery(), "deployments": DeploymentsQuery()},
}
# Own words of whoever makes a slide; a line, so some of the payloads.
WISHES = SlideWishes(title=" ".join(PAYLOADS[:6])[:150], marking=PAYLOADS[5])


@pytest.fixture(scope="module", params=["viewer", "analyst"])
def facts(served: Served, request: pytest.FixtureRequest) -> Facts:
    """What each sight is given of the payloads."""
    viewer = Viewer("synthetic", request.param)
    return load_facts(served.store, shipped_edition(), viewer=viewer)


@pytest.fixture(scope="module")
def full(served: Served) -> Facts:
    """What full sight is given: every payload there is."""
    return load_facts(served.store, shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def slide(facts: Facts, kind: str, name: str) -> bytes:
    order = SnapshotOrder(format=kind, wishes=WISHES, **SLIDES[name])  # type: ignore[arg-type]
    return export_snapshots([take_snapshot(facts, order, AROUND)], order, facts)


def brief(facts: Facts, kind: str) -> bytes:
    made = make_brief(facts, IncidentFilter())
    return export_brief(made, facts, kind, around=AROUND, marking=PAYLOADS[5])  # type: ignore[arg-type]


def rows(facts: Facts) -> bytes:
    return export_csv(incident_table(facts, facts.index.ids).reset_index(), notes=[HOSTILE])


def looked_at(chromium: Any, address: str, content: bytes, mime: str) -> tuple[Found, str]:
    """Open a file in Chromium, by itself and as a picture; return what it did, and its text."""
    name = "file.svg" if "svg" in mime else "file.txt"
    served_files = {
        f"/exported/{name}": (content, mime),
        "/exported/page.html": (f'<p>page</p><img src="{name}">'.encode(), "text/html"),
    }
    with open_page(chromium, address) as tab:

        def answer(route: Route) -> None:
            path = "/" + route.request.url.split("/", 3)[-1]
            body, kind = served_files[path]
            route.fulfill(body=body, content_type=f"{kind}; charset=utf-8")

        tab.page.context.route(f"{address}/exported/**", answer)
        dialogs = note_dialogs(tab)
        tab.open(f"/exported/{name}")
        tab.page.mouse.move(300, 300)
        tab.page.mouse.click(300, 300)
        found = look(tab, dialogs)
        text = tab.page.evaluate("() => document.documentElement.textContent")
        if found == Found() and "svg" in mime:
            tab.open("/exported/page.html")
            found = look(tab, dialogs)
            assert tab.page.evaluate("() => document.images[0].naturalWidth") > 0
        return found, text


@pytest.mark.parametrize("name", SLIDES)
def test_a_slide_opened_as_a_page_and_as_a_picture_runs_nothing(chromium, served, facts, name):
    content = slide(facts, "svg", name)
    found, text = looked_at(chromium, served.dashboard.address, content, "image/svg+xml")
    assert found == Found()
    assert "onerror" in text  # as text: it was there to run


@pytest.mark.parametrize("make", [rows, lambda facts: brief(facts, "md")], ids=["csv", "md"])
def test_a_file_of_text_runs_nothing(chromium, served, facts, make):
    found, text = looked_at(chromium, served.dashboard.address, make(facts), "text/plain")
    assert found == Found()
    if facts.sight == "full":
        assert "onerror" in text
    assert EVALUATED not in text


def test_the_control_is_caught(chromium, served):
    unsafe = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        '<script>window.hit = 1; alert(1)</script><image href="http://203.0.113.9/p"/></svg>'
    )
    found, _ = looked_at(chromium, served.dashboard.address, unsafe.encode(), "image/svg+xml")
    assert found.has_run
    assert found.dialogs == 1
    assert found.foreign_requests == ("http://203.0.113.9/p",)


ACTIVE_IN_OFFICE = (b"ppaction:", b"w:altChunk", b"attachedTemplate", b"<f>")
ACTIVE_IN_PDF = re.compile(
    rb"/(JavaScript|JS|OpenAction|AA|Launch|SubmitForm|ImportData|GoToR|URI|EmbeddedFile|XFA)\b"
)


@pytest.mark.parametrize(
    "make",
    [lambda facts: slide(facts, "pdf", "slide"), lambda facts: brief(facts, "pdf")],
    ids=["slide", "brief"],
)
def test_a_pdf_does_nothing_by_itself(full, make):
    content = make(full)
    assert content.startswith(b"%PDF-")
    for part in plain_parts(content):
        assert ACTIVE_IN_PDF.findall(part) == []
        assert EVALUATED.encode() not in part


def plain_parts(content: bytes) -> Iterator[bytes]:
    """Give what of a PDF may say what is done: all but streams of pictures and fonts."""
    yield re.sub(rb"stream\r?\n.*?endstream", b"", content, flags=re.DOTALL)
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            plain = zlib.decompressobj().decompress(stream)
            if b"<<" in plain[:2000] and b"\0" not in plain[:2000]:
                yield plain


@pytest.mark.parametrize(
    "make",
    [
        lambda facts: slide(facts, "pptx", "slide"),
        lambda facts: slide(facts, "pptx", "deployments"),
        lambda facts: brief(facts, "pptx"),
        lambda facts: brief(facts, "docx"),
    ],
    ids=["slide", "deployments", "brief deck", "brief document"],
)
def test_an_office_file_reaches_for_nothing_and_holds_no_program(full, make):
    check_office_file(make(full))


def check_office_file(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            assert not re.search(r"vba|\.bin$|activeX|oleObject", name), name
            if "embeddings" in name:  # the numbers of a chart, for whoever edits it
                assert name.endswith(".xlsx")
                check_office_file(part)
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in part, name
            if name.endswith(".xml"):
                assert [active for active in ACTIVE_IN_OFFICE if active in part] == [], name
                fields = re.findall(rb"<w:instrText[^>]*>([^<]*)<", part)
                assert {field.strip() for field in fields} <= {b"PAGE", b"NUMPAGES"}, name
                assert EVALUATED.encode() not in part, name


def test_what_is_typed_is_what_is_kept(served):
    titles = load_table(served.store, "incidents", viewer=LOCAL_ADMINISTRATOR)["title"]
    assert set(titles) <= {HOSTILE, EVALUABLE}
