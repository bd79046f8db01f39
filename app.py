"""Afghanistan Conflict Map: page setup, navigation, and what is handed to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from conflictmap.errors import AccessError, ConflictMapError
from conflictmap.settings import ROOT
from conflictmap.ui import counts, server
from conflictmap.ui.assets import missing_assets

if TYPE_CHECKING:
    from conflictmap.access import Action, Viewer
    from conflictmap.ui.visit import Visit

NAME = "Afghanistan Conflict Map"
ABOUT = "What reports say happened in Afghanistan: where, when, to whom, and how well it is known."


def show() -> None:
    """Draw the page that the visitor asks for."""
    # Imported here, so that the server does not wait for the libraries of the store.
    from conflictmap.ui import session, sign_in, synthetic_banner

    st.set_page_config(
        page_title=NAME,
        page_icon=str(ROOT / "src" / "conflictmap" / "ui" / "icon.svg"),
        layout="wide",
        menu_items={"about": ABOUT},
    )
    st.html(server.PAGE_STYLE)
    try:
        visit = session.current_visit()  # before anything else is read
    except ConflictMapError as error:
        _tell(error)
        return
    page = _chosen_page(visit)
    if visit.viewer is None:
        sign_in.draw_way_in(visit, name=NAME, about=ABOUT)
        return
    st.set_page_config(page_title=f"{page.title} - {NAME}")
    if missing := missing_assets(ROOT):
        st.error("The map's scripts are not installed. Run `make setup`, then reload.")
        st.text("\n".join(missing))
    try:
        sign_in.draw_person(visit)
        if session.store().is_synthetic:
            synthetic_banner.draw(page.title)
        page.run()
    except ConflictMapError as error:
        _tell(error)


def _tell(error: ConflictMapError) -> None:
    if isinstance(error, AccessError):
        st.info("This page is not for your role.")
    else:
        st.error("This cannot be shown.")
    st.text(str(error))


def _chosen_page(visit: Visit) -> st.Page:
    """Return the page of the address; the menu lists those that the role may open.

    The others are there without being listed, so that their address tells why they refuse, and so
    that an address that somebody has not signed in for stays as it is.
    """
    if visit.viewer is None:
        return st.navigation([*_pages(), _map_by_name()], position="hidden")
    return st.navigation([*_pages(visit.viewer), _map_by_name()])


def _pages(viewer: Viewer | None = None) -> list[st.Page]:
    def page(name: str, title: str, icon: str, action: Action, **options: Any) -> st.Page:
        visibility = "visible" if viewer is None or viewer.may(action) else "hidden"
        icon = f":material/{icon}:"
        return st.Page(f"pages/{name}.py", title=title, icon=icon, visibility=visibility, **options)

    return [
        # The default page answers at "/" only, and would reserve its file's name.
        page("map", "Map", "map", "read", url_path="start", default=True),
        page("slides", "Slides", "slideshow", "make exports"),
        page("monthly_brief", "Monthly brief", "article", "make exports"),
        page("incidents", "Incidents", "list", "read"),
        page("deployments", "Deployments", "moving", "read"),
        page("groups_and_claims", "Groups and claims", "groups", "read"),
        page("published_figures", "Published figures", "balance", "read"),
        page("sources_and_method", "Sources and method", "menu_book", "read"),
        page("upload", "Upload", "upload_file", "publish"),
        page("corrections", "Corrections", "edit_note", "publish"),
        page("administration", "Administration", "admin_panel_settings", "administer"),
    ]


def _map_by_name() -> st.Page:
    """Return the page behind /map, which only leads to the map at "/", filters kept."""

    def go() -> None:
        st.switch_page(_pages()[0], query_params=st.query_params.to_dict())

    return st.Page(go, title="Map", url_path="map", visibility="hidden")


if __name__ == "__main__":
    with counts.one_run():
        show()
else:  # the server imports this file when it starts: docs/decisions/0003-deep-links.md
    app = st.App(__file__, **server.server_parts())
