"""Afghanistan Conflict Map: page setup, navigation, and what is handed to the server."""

from __future__ import annotations

import streamlit as st

from conflictmap.errors import ConflictMapError
from conflictmap.settings import ROOT
from conflictmap.ui import server
from conflictmap.ui.assets import missing_assets

NAME = "Afghanistan Conflict Map"
ABOUT = "What reports say happened in Afghanistan: where, when, to whom, and how well it is known."


def show() -> None:
    """Draw the page that the visitor asks for."""
    # Imported here, so that the server does not wait for the libraries of the store.
    from conflictmap.ui import session, synthetic_banner

    st.set_page_config(
        page_title=NAME,
        page_icon=str(ROOT / "src" / "conflictmap" / "ui" / "icon.svg"),
        layout="wide",
        menu_items={"about": ABOUT},
    )
    st.html(server.PAGE_STYLE)
    page = st.navigation([*_pages(), _map_by_name()])
    st.set_page_config(page_title=f"{page.title} - {NAME}")
    if missing := missing_assets(ROOT):
        st.error("The map's scripts are not installed. Run `make setup`, then reload.")
        st.text("\n".join(missing))
    try:
        if session.store().is_synthetic:
            synthetic_banner.draw(page.title)
        page.run()
    except ConflictMapError as error:
        st.error("This cannot be shown.")
        st.text(str(error))


def _pages() -> list[st.Page]:
    return [
        # The default page answers at "/" only, and would reserve its file's name.
        st.Page("pages/map.py", title="Map", icon=":material/map:", url_path="start", default=True),
        st.Page("pages/slides.py", title="Slides", icon=":material/slideshow:"),
        st.Page("pages/monthly_brief.py", title="Monthly brief", icon=":material/article:"),
        st.Page("pages/incidents.py", title="Incidents", icon=":material/list:"),
        st.Page("pages/deployments.py", title="Deployments", icon=":material/moving:"),
        st.Page("pages/groups_and_claims.py", title="Groups and claims", icon=":material/groups:"),
        st.Page("pages/published_figures.py", title="Published figures", icon=":material/balance:"),
        st.Page(
            "pages/sources_and_method.py", title="Sources and method", icon=":material/menu_book:"
        ),
        st.Page("pages/upload.py", title="Upload", icon=":material/upload_file:"),
        st.Page("pages/corrections.py", title="Corrections", icon=":material/edit_note:"),
    ]


def _map_by_name() -> st.Page:
    """Return the page behind /map, which only leads to the map at "/", filters kept."""

    def go() -> None:
        st.switch_page(_pages()[0], query_params=st.query_params.to_dict())

    return st.Page(go, title="Map", url_path="map", visibility="hidden")


if __name__ == "__main__":
    show()
else:  # the server imports this file when it starts: docs/decisions/0003-deep-links.md
    app = st.App(__file__, **server.server_parts())
