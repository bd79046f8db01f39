"""The table of access: every role on every function, page and button, each cell of it done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from conflictmap import store
from conflictmap.access import MAY
from conflictmap.errors import AccessError, QueryError
from tests.access_table import (
    NO,
    NO_ACCESS_OF_THEIR_OWN,
    NO_ROLE,
    OPERATIONS,
    ROLES,
    UNKNOWN,
    WITHOUT,
    YES,
    Operation,
    World,
    as_markdown,
    content_of,
    copy_of,
    expected,
    functions_with_a_viewer,
    make_world,
    pages,
    viewer_of,
)
from tests.browser import ROOT
from tests.planted import Planted, planted_store
from tests.sign_in_provider import PEOPLE, Dashboard, signed_in_dashboard, talk

EVERYBODY = (NO_ROLE, *ROLES)

# Of the store's public functions, those that are not asked for whom.
WITHOUT_A_VIEWER = {
    "open_store": "opens it, and gives nothing",
    "policy": "a hash that tells nothing of what it is of; made before the tables are read",
    "role_of": "who somebody is has to be known before what they may",
    "standing_of": "the same",
}


# --- nothing is left out


def test_every_function_that_is_given_a_viewer_is_in_the_table():
    done = {operation.function for operation in OPERATIONS} | set(NO_ACCESS_OF_THEIR_OWN)
    assert functions_with_a_viewer() == done


def test_every_public_function_of_the_store_is_asked_for_whom():
    below = {name.rpartition(".")[2] for name in functions_with_a_viewer()}
    named = {name for name in store.__all__ if name[0].islower()}
    assert named - below == set(WITHOUT_A_VIEWER)


def test_every_action_decides_a_cell_for_some_role_and_against_another():
    for action in {action for may in MAY.values() for action in may}:
        outcomes = {
            expected(operation, role)
            for operation in OPERATIONS
            if operation.action == action
            for role in EVERYBODY
        }
        assert {YES, NO} <= outcomes, action


def test_the_table_is_written_down_as_it_is():
    written = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    assert as_markdown() in written
    assert f"{len(OPERATIONS) * len(EVERYBODY)} cells of the data layer" in written
    assert f"{len(pages()) * len(VISITORS)} of pages opened" in written
    assert f"{len(FORGED)} of forged messages" in written


# --- the data layer


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world that the others are copies of."""
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def content(world: World) -> list[str]:
    """All that stands in its store, and in each copy of it."""
    return content_of(world.store)


def outcome_of(operation: Operation, world: World, role: str) -> str:
    try:
        found = operation.do(world, viewer_of(role))
    except AccessError:
        return NO
    except QueryError:
        return UNKNOWN
    if operation.holds is None or operation.holds(world, found):
        return YES
    return WITHOUT


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_function_does_for_each_role_what_the_table_says(
    world, content, tmp_path: Path, operation
):
    found, changed = {}, []
    for role in EVERYBODY:
        own = copy_of(world, tmp_path / role)
        files = set(own.folder.iterdir())
        found[role] = outcome_of(operation, own, role)
        if found[role] not in (NO, UNKNOWN):
            continue
        if content_of(own.store) != content or _new_files(own, files):
            changed.append(role)
    assert found == {role: expected(operation, role) for role in EVERYBODY}
    assert changed == []


# What a copy of the world makes before the refused part of the operation itself.
_MADE_BEFORE = {"real.sqlite", "real.sqlite-wal", "real.sqlite-shm"}


def _new_files(world: World, before: set[Path]) -> set[str]:
    names = {path.name for path in set(world.folder.iterdir()) - before}
    return {name for name in names - _MADE_BEFORE if not name.startswith("store.sqlite")}


def test_pages_are_found_in_the_program():
    listed = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert {page.path.strip("/") or "map" for page in pages()} == listed


# --- the pages, by bare connections

STRANGER = "not signed in"
VISITORS = (STRANGER, *EVERYBODY)
REFUSAL = "This page is not for your role."
WAY_IN = {STRANGER: b"Sign in", NO_ROLE: b"you have no access yet"}


def person_of(visitor: str) -> str:
    """Return the address of a synthetic person of a role; empty: nobody."""
    if visitor == STRANGER:
        return ""
    return PEOPLE.get(visitor, "unknown@example.org")  # type: ignore[call-overload,no-any-return]


@dataclass
class Served:
    """A dashboard, its planted words, and what an administrator's pages hold."""

    dashboard: Dashboard
    planted: Planted
    hashes: dict[str, str]
    """Of each page, by its address."""

    widgets: dict[str, list[WidgetState]]
    """By page: every widget, each button pressed, each text filled in."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One dashboard with a sign-in, on the store with planted words."""
    planted = planted_store(f"sqlite:///{tmp_path_factory.mktemp('pages') / 'store.sqlite'}")
    with signed_in_dashboard(planted.store.url) as dashboard:
        found = Served(dashboard, planted, {}, {})
        with talk(dashboard, PEOPLE["administrator"]) as line:
            for page in pages():
                messages = line.run(page.path)
                found.widgets[page.path] = [
                    state for message in messages for state in forged_states(message)
                ]
                for listed in navigation_of(messages):
                    is_start = listed.is_default
                    path = "/" if is_start else f"/{listed.url_pathname}"
                    found.hashes[path] = listed.page_script_hash
        yield found


def navigation_of(messages: list[ForwardMsg]) -> Iterable[Any]:
    for message in messages:
        if message.WhichOneof("type") == "navigation":
            yield from message.navigation.app_pages


def forged_states(message: ForwardMsg) -> Iterator[WidgetState]:
    """Give what a press or an entry in each widget of a message would send."""
    if not message.HasField("delta") or not message.delta.HasField("new_element"):
        return
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    widget = getattr(element, kind)
    number = getattr(widget, "id", "")
    if not number or (kind == "button" and widget.label == "Sign out"):  # everybody's own
        return
    match kind:
        case "button" | "download_button":
            yield WidgetState(id=number, trigger_value=True)
        case "text_input" | "text_area":
            yield WidgetState(id=number, string_value="forged@example.org")
        case "selectbox" if widget.options:
            yield WidgetState(id=number, string_value=widget.options[-1])
        case "checkbox":
            yield WidgetState(id=number, bool_value=True)


def exceptions(messages: list[ForwardMsg]) -> list[str]:
    """Return what pages failed with."""
    drawn = [message.delta.new_element for message in messages if message.HasField("delta")]
    return [f"{e.exception.type} {e.exception.message}" for e in drawn if e.HasField("exception")]


def shown(messages: list[ForwardMsg]) -> list[str]:
    """Return the kinds of the elements that are drawn."""
    drawn = [message.delta.new_element for message in messages if message.HasField("delta")]
    return [str(element.WhichOneof("type")) for element in drawn if element.WhichOneof("type")]


def data_in(planted: Planted, received: bytes) -> list[str]:
    """Return the words of rows that were received, withheld or not."""
    words = [*planted.shown, *planted.secrets, *planted.restricted_ids, "SYNTHETIC-civilian"]
    return [word for word in words if word.encode() in received]


def kept(served: Served) -> list[str]:
    """Return all that a store holds but visits, which every run may note."""
    visits = ('INSERT INTO "people"', "'sign in'", 'INSERT INTO "sqlite_sequence"')
    lines = content_of(served.planted.store)
    return [line for line in lines if not any(visit in line for visit in visits)]


def is_allowed(visitor: str, action: str) -> bool:
    return action in MAY.get(visitor, ())  # type: ignore[call-overload]


def check_refused(
    served: Served, visitor: str, messages: list[ForwardMsg], received: bytes
) -> None:
    assert data_in(served.planted, received) == []
    assert exceptions(messages) == []
    assert not {"arrow_data_frame", "component_instance", "download_button"} & set(shown(messages))
    assert WAY_IN.get(visitor, REFUSAL.encode()) in received


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_a_page_by_its_address_is_drawn_or_refused(served, page, visitor):
    with talk(served.dashboard, person_of(visitor)) as line:
        messages = line.run(page.path)
        if is_allowed(visitor, page.action):
            assert exceptions(messages) == []
            assert REFUSAL.encode() not in line.received
            assert len(shown(messages)) > 10
            if visitor in ("viewer", "briefer"):
                assert served.planted.found_in(line.received, decimals=6) == []
        else:
            check_refused(served, visitor, messages, line.received)


FORGED = [
    (visitor, page)
    for page in pages()
    for visitor in VISITORS
    if not is_allowed(visitor, page.action)
]


@pytest.mark.parametrize(("visitor", "page"), FORGED, ids=lambda cell: getattr(cell, "path", cell))
def test_a_forged_message_neither_opens_a_page_nor_presses_its_buttons(served, visitor, page):
    assert served.hashes[page.path]
    before = kept(served)
    with talk(served.dashboard, person_of(visitor)) as line:
        line.run("/sources_and_method")  # as somebody who reads, where they may
        line.received = b""
        for named in (page.path, "/sources_and_method"):
            request = BackMsg()
            state = request.rerun_script
            state.page_script_hash = served.hashes[page.path]
            state.page_name = named.strip("/")
            state.widget_states.widgets.extend(served.widgets[page.path])
            messages = line.ask(request)
            check_refused(served, visitor, messages, line.received)
    assert kept(served) == before


def test_there_are_buttons_to_forge(served):
    pressed = {
        path: sum(state.WhichOneof("value") == "trigger_value" for state in states)
        for path, states in served.widgets.items()
    }
    assert pressed["/administration"] >= 3
    assert pressed["/corrections"] >= 4
    assert pressed["/monthly_brief"] >= 2


def message_to(served: Served, path: str, widgets: Iterable[WidgetState]) -> BackMsg:
    """Return what a browser sends that stands on a page and has its widgets in a state."""
    request = BackMsg()
    request.rerun_script.page_script_hash = served.hashes[path]
    request.rerun_script.page_name = path.strip("/")
    request.rerun_script.widget_states.widgets.extend(widgets)
    return request


def press_all(served: Served, path: str, role: str, lowered_to: str | None) -> int:
    """Fill in a page, change the role, then press a button; return how many changed the store.

    Each button has a person of its own. `lowered_to` is None where the role stays.
    """
    changed = 0
    states = served.widgets[path]
    filled = [state for state in states if state.WhichOneof("value") != "trigger_value"]
    buttons = [state for state in states if state.WhichOneof("value") == "trigger_value"]
    for number, button in enumerate(buttons):
        person = f"passing{path.replace('/', '-')}-{role}-{lowered_to}-{number}@example.org"
        served.dashboard.give(person, role)
        with talk(served.dashboard, person) as line:
            line.run(path)
            line.ask(message_to(served, path, filled))
            if lowered_to == NO_ROLE:
                served.dashboard.end(person)
            elif lowered_to:
                served.dashboard.give(person, lowered_to)
            before = kept(served)
            line.received = b""
            messages = line.ask(message_to(served, path, [*filled, button]))
            if lowered_to:
                check_refused(served, lowered_to, messages, line.received)
            changed += kept(served) != before
    return changed


CHANGING = [
    ("/administration", "administrator"),
    ("/corrections", "analyst"),
    ("/upload", "analyst"),
]


@pytest.mark.parametrize(("path", "role"), CHANGING)
@pytest.mark.parametrize("lowered_to", ["viewer", NO_ROLE])
def test_a_button_that_was_drawn_for_a_role_does_nothing_once_it_is_taken_away(
    served, path, role, lowered_to
):
    assert press_all(served, path, role, lowered_to) == 0


@pytest.mark.parametrize(("path", "role"), CHANGING)
def test_the_same_buttons_change_the_store_while_the_role_stands(served, path, role):
    assert press_all(served, path, role, None) >= 1
