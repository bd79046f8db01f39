"""Opening a page of the dashboard without a browser, and what it sends as markup."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from tests.browser import ROOT


def open_page(
    monkeypatch: pytest.MonkeyPatch, store_url: str, page: str, **parameters: str
) -> AppTest:
    """Run a page of the dashboard on a store, with the query parameters of a link."""
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    monkeypatch.setattr(PagesManager, "uses_pages_directory", False)  # as the server sets it
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(page)
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def shown_texts(app: AppTest) -> str:
    """Return all that a page shows by ``st.text``."""
    return "\n".join(element.value for element in app.text)


def sent_as_markup(app: AppTest) -> Iterable[tuple[str, str]]:
    """Return the type of every element, with all of it that the browser may read as markup.

    A text, the cells of a table and the options of a select box are shown as they are.
    """
    for element in [*app.main, *app.sidebar]:
        match element.type:
            case "text":
                continue
            case "dataframe":
                yield element.type, f"{element.proto.columns} {element.proto.alt}"
            case "selectbox":
                yield element.type, f"{element.label} {element.help}"
            case _:
                yield element.type, str(element.proto)
