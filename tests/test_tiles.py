"""Online tiles are off; where they are on, a browser may ask the chosen hosts and nobody else."""

from __future__ import annotations

import subprocess

import folium
import pytest
import streamlit_folium

from conflictmap.errors import SettingsError
from conflictmap.ui import offline, server
from conflictmap.ui.map_backdrop import Backdrop
from conflictmap.ui.tiles import read_tiles
from tests.browser import ROOT, free_port, streamlit_run
from tests.synthetic import shipped_edition

OSM = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"


@pytest.fixture
def sent(monkeypatch):
    """What the gate lets through to the browser, map by map."""
    parts: list[dict] = []
    monkeypatch.setattr(streamlit_folium, "_component_func", lambda **part: parts.append(part))
    return parts


@pytest.fixture
def tiles_on(monkeypatch):
    monkeypatch.setenv("CONFLICTMAP_TILES", "OpenStreetMap.Mapnik")


def map_with_backdrop() -> folium.Map:
    drawn = folium.Map(tiles=None)
    drawn.add_child(Backdrop(shipped_edition()))
    return drawn


def test_tiles_are_off_by_default(sent):
    assert read_tiles("") is None
    offline.st_folium(map_with_backdrop())
    assert '"tiles": ""' in sent[0]["script"]
    assert "http" not in server.content_security_policy()


def test_tiles_are_chosen_by_the_name_that_xyzservices_gives_them():
    tiles = read_tiles("OpenStreetMap.Mapnik")
    assert (tiles.address, tiles.origins) == (OSM, ("https://tile.openstreetmap.org",))
    assert tiles.attribution == "(C) OpenStreetMap contributors"


def test_each_host_of_a_source_with_several_is_named():
    tiles = read_tiles("OpenTopoMap")
    assert tiles.origins == tuple(f"https://{part}.tile.opentopomap.org" for part in "abc")


def test_tiles_of_ones_own_server_are_given_by_their_address():
    tiles = read_tiles("http://tiles.example.org:8080/plain/{z}/{x}/{y}.png")
    assert tiles.origins == ("http://tiles.example.org:8080",)
    assert tiles.attribution == "Tiles: tiles.example.org:8080"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (
            "Thunderforest.Outdoors",
            "CONFLICTMAP_TILES is 'Thunderforest.Outdoors', which needs a key, and a key in a web"
            " page is known to every reader. Give tiles without one, such as"
            " OpenStreetMap.Mapnik, or an address.",
        ),
        (
            "OpenStreetMap.Nowhere",
            "CONFLICTMAP_TILES is 'OpenStreetMap.Nowhere', and xyzservices has no such tiles. "
            "Give a name such as OpenStreetMap.Mapnik, an address, or leave it out.",
        ),
        *(
            (
                address,
                f"CONFLICTMAP_TILES is '{address}', which is no address of tiles. "
                "Write it as https://tiles.example.org/{z}/{x}/{y}.png.",
            )
            for address in (
                "https://tiles.example.org/plain.png",
                "javascript://tiles.example.org/{z}/{x}/{y}",
                "https://reader:secret@tiles.example.org/{z}/{x}/{y}.png",
                "https://tiles.example.org;*/{z}/{x}/{y}.png",
                'https://tiles.example.org/{z}/{x}/{y}.png"});alert(1)//',
                "https://tiles.example.org/{{7*7}}/{z}/{x}/{y}.png",
            )
        ),
    ],
)
def test_tiles_that_cannot_be_used_are_refused(name, what):
    with pytest.raises(SettingsError) as refused:
        read_tiles(name)
    assert str(refused.value) == what


def test_a_server_with_tiles_that_need_a_key_does_not_start(monkeypatch):
    monkeypatch.setenv("CONFLICTMAP_TILES", "Thunderforest.Outdoors")
    ended = subprocess.run(streamlit_run(free_port()), cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode != 0
    assert "'Thunderforest.Outdoors', which needs a key" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_the_policy_names_exactly_the_hosts_of_the_tiles():
    plain, with_tiles = (
        server.content_security_policy(read_tiles(name)).split("; ") for name in ("", "OpenTopoMap")
    )
    assert [part for part in with_tiles if part not in plain] == [
        "img-src 'self' data: blob: https://a.tile.opentopomap.org"
        " https://b.tile.opentopomap.org https://c.tile.opentopomap.org"
    ]
    assert len(plain) == len(with_tiles)


def test_the_gate_lets_the_chosen_tiles_through_in_the_backdrop(sent, tiles_on):
    offline.st_folium(map_with_backdrop())
    assert sent[0]["script"].count("https://") == 1
    assert f'"tiles": "{OSM}"' in sent[0]["script"]


def test_the_same_tiles_in_another_layer_are_refused(sent, tiles_on):
    drawn = map_with_backdrop()
    folium.TileLayer(OSM, attr="OpenStreetMap").add_to(drawn)
    with pytest.raises(offline.ExternalAddressError, match=r"tile\.openstreetmap\.org"):
        offline.st_folium(drawn)
    assert sent == []


def test_other_tiles_in_the_backdrop_are_refused(sent, tiles_on, monkeypatch):
    drawn = map_with_backdrop()
    monkeypatch.setenv("CONFLICTMAP_TILES", "OpenTopoMap")
    with pytest.raises(offline.ExternalAddressError, match=r"tile\.openstreetmap\.org"):
        offline.st_folium(drawn)
    assert sent == []


def test_the_page_is_told_where_tiles_come_from_and_what_is_learned_there():
    note = read_tiles("OpenStreetMap.Mapnik").note
    assert note.startswith(
        "Background tiles come from another machine (tile.openstreetmap.org). It learns the"
        " network address and the browser of each reader,"
    )
