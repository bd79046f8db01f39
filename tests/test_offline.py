"""No map asks another machine for anything."""

import inspect
import threading

import folium
import pytest
import streamlit_folium
from folium.plugins import Fullscreen

from conflictmap.ui import offline
from conflictmap.ui.assets import FILES, SERVED


@pytest.fixture
def sent(monkeypatch):
    """What the gate lets through to the browser, map by map."""
    parts: list[dict] = []
    monkeypatch.setattr(streamlit_folium, "_component_func", lambda **part: parts.append(part))
    return parts


def bare_map(**options) -> folium.Map:
    return folium.Map(tiles=None, **options)


def test_streamlit_folium_still_has_the_function_that_the_gate_wraps():
    assert callable(streamlit_folium._component_func)
    assert "_component_func(" in inspect.getsource(streamlit_folium.st_folium)


def test_a_map_asks_for_leaflet_here_and_for_nothing_else(sent):
    offline.st_folium(bare_map())
    assert sent[0]["js_links"] == ["../../app/static/vendor/leaflet-1.9.3/leaflet.js"]
    assert sent[0]["css_links"] == ["../../app/static/vendor/leaflet-1.9.3/leaflet.css"]


def test_every_address_that_a_folium_map_names_is_listed():
    named = {address for _, address in folium.Map.default_js + folium.Map.default_css}
    assert named == set(SERVED)


def test_every_listed_address_leads_to_an_installed_file():
    assert {file for file in SERVED.values() if file} <= set(FILES)


def test_a_plugin_that_is_not_installed_is_refused(sent):
    drawn = bare_map()
    Fullscreen().add_to(drawn)
    with pytest.raises(offline.ExternalAddressError, match=r"fullscreen.*ui/assets\.py"):
        offline.st_folium(drawn)
    assert sent == []


def test_online_tiles_are_refused(sent):
    with pytest.raises(offline.ExternalAddressError, match=r"tile\.openstreetmap\.org.*tiles=None"):
        offline.st_folium(folium.Map())
    assert sent == []


def test_an_external_style_in_the_header_is_refused(sent):
    drawn = bare_map()
    style = folium.Element("<style>@import '//fonts.example/sans.css';</style>")
    drawn.get_root().header.add_child(style)
    with pytest.raises(offline.ExternalAddressError, match=r"//fonts\.example/sans\.css"):
        offline.st_folium(drawn)


def test_the_name_of_an_svg_namespace_is_no_address(sent):
    drawn = bare_map()
    drawn.get_root().header.add_child(folium.Element('<svg xmlns="http://www.w3.org/2000/svg"/>'))
    offline.st_folium(drawn)
    assert len(sent) == 1


def test_two_links_to_one_file_become_one():
    leaflet = next(address for address in SERVED if address.endswith("leaflet.js"))
    assert len(offline.local_links([leaflet, leaflet])) == 1


@pytest.mark.parametrize(
    "link", ["https://x.example/a.js", "//x.example/a.js", "HTTP://x.example/a"]
)
def test_an_unknown_external_link_is_refused(link):
    with pytest.raises(offline.ExternalAddressError):
        offline.local_links([link])


def test_the_gate_is_put_up_once_whoever_calls(sent):
    plain = streamlit_folium._component_func
    threads = [threading.Thread(target=offline.keep_maps_local) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert streamlit_folium._component_func.without_gate is plain
