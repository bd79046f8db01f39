"""Text, lines and classes can be told apart: in both themes, in grey, by colour-blind eyes."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise

import numpy as np
import pytest

from conflictmap.classes import DIVERGING, SEQUENTIAL
from conflictmap.ui import beside_map, server, time_line
from tests.browser import ROOT
from tests.colours import AS_SEEN_WITH, contrast, difference, lab

UI = ROOT / "src" / "conflictmap" / "ui"
THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]

TEXT, SMALL_TEXT, LINES = 7.0, 4.5, 3.0  # WCAG 2.2: 1.4.6, 1.4.3 and 1.4.11

NEIGHBOURING_CLASSES = 7.0
"""CIEDE2000 between two neighbouring classes, for every kind of sight: seven times what can just be
told apart. The least is at the two lightest classes under deuteranopia."""

NEXT_LIGHTNESS = 10.0
"""L* between two neighbouring classes, so that a grey print keeps their order."""


def variables(file: str) -> dict[str, dict[str, str]]:
    """Return the custom properties of a script of the map: {"light": {name: colour}, "dark": ...}.

    Those of the dark theme are what it changes; the rest stays.
    """
    code = (UI / file).read_text(encoding="utf-8").replace('" +\n      "', "")
    blocks = re.findall(r'["}](:root|body|body\.dark)\{(--[^}]+)(?=\})', code)
    found = {theme: {} for theme in ("light", "dark")}
    for selector, block in blocks:
        colours = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", block))
        if selector != "body.dark":
            found["light"] |= colours
        found["dark"] |= colours
    return found


BACKDROP, AREAS = variables("backdrop.js"), variables("area_map.js")


def grounds(theme: str) -> list[str]:
    page = THEMES[theme]
    return [
        *(page[name] for name in ("backgroundColor", "secondaryBackgroundColor")),
        *(page["sidebar"][name] for name in ("backgroundColor", "secondaryBackgroundColor")),
    ]


def light_dark(style: str, theme: str) -> list[str]:
    """Return the colours of a style in one theme, ``light-dark()`` resolved."""
    pairs = re.findall(r"light-dark\((#\w+),\s*(#\w+)\)", style)
    return [light if theme == "light" else dark for light, dark in pairs]


# --- what is measured with


def test_the_measure_of_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1, 2), (50, 0, 0), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_of_difference_gives_the_published_values(one, other, published):
    assert difference(np.array(one), np.array(other)) == pytest.approx(published, abs=1e-4)


# --- the page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_links_can_be_read_on_every_ground(theme):
    for ground in grounds(theme):
        assert contrast(THEMES[theme]["textColor"], ground) >= TEXT
        assert contrast(THEMES[theme]["linkColor"], ground) >= SMALL_TEXT
        assert contrast(THEMES[theme]["primaryColor"], ground) >= SMALL_TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_on_the_primary_colour_can_be_read(theme):
    (text,) = light_dark(server.PAGE_STYLE, theme)
    assert contrast(text, THEMES[theme]["primaryColor"]) >= SMALL_TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_small_print_of_the_legend_can_be_read(theme):
    dim = re.search(r"\.cm-dim\{color:(.*?\))\}", beside_map._STYLE)[1]
    for colour in light_dark(dim, theme):
        assert contrast(colour, THEMES[theme]["backgroundColor"]) >= SMALL_TEXT
    frame = re.search(r"border:1px solid\s(.*?\));", beside_map._STYLE)[1]
    for colour in light_dark(frame, theme):
        assert contrast(colour, THEMES[theme]["backgroundColor"]) >= LINES


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_legend_shows_the_hatch_of_the_map(theme):
    swatch = light_dark(beside_map._PATTERNS["n"], theme)
    assert swatch == [AREAS[theme]["silent"], AREAS[theme]["hatch"]]
    assert light_dark(beside_map._PATTERNS["z"], theme) == [AREAS[theme]["zero"]]
    assert light_dark(beside_map._PATTERNS["r"], theme) == [AREAS[theme]["refused"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("bar", [time_line.BAR, time_line.UNDATED_BAR])
def test_bars_of_the_time_line_stand_out(theme, bar):
    assert contrast(bar, THEMES[theme]["backgroundColor"]) >= LINES


# --- the map


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_names_and_outline_stand_out_from_the_paper(theme):
    colours = BACKDROP[theme]
    for name in ("map-ink", "map-dim"):
        assert contrast(colours[name], colours["map-paper"]) >= SMALL_TEXT
        assert contrast(colours[name], colours["map-panel"]) >= SMALL_TEXT
    # The Durand Line and every name lie on a strip of paper, whatever is below.
    assert contrast(colours["map-outline"], colours["map-paper"]) >= LINES
    assert contrast(colours["map-focus"], colours["map-paper"]) >= LINES


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_between_areas_stand_out_where_nothing_is_reported(theme):
    colours = AREAS[theme]
    assert contrast(colours["line"], colours["silent"]) >= LINES
    assert contrast(colours["province"], colours["silent"]) >= LINES


@pytest.mark.parametrize("vision", AS_SEEN_WITH)
@pytest.mark.parametrize("colours", [SEQUENTIAL, DIVERGING], ids=["sequential", "diverging"])
def test_neighbouring_classes_can_be_told_apart(colours, vision):
    for one, other in pairwise(colours):
        assert difference(lab(one, vision), lab(other, vision)) >= NEIGHBOURING_CLASSES


@pytest.mark.parametrize("vision", AS_SEEN_WITH)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_class_looks_like_silence(theme, vision):
    ground, hatch = AREAS[theme]["silent"], AREAS[theme]["hatch"]
    for colour in SEQUENTIAL:
        for part in (ground, hatch):
            assert difference(lab(colour, vision), lab(part, vision)) >= NEIGHBOURING_CLASSES


def test_grey_keeps_the_order_of_the_classes():
    lightness = [float(lab(colour)[0]) for colour in SEQUENTIAL]
    assert all(one - other >= NEXT_LIGHTNESS for one, other in pairwise(lightness))


def test_grey_keeps_each_side_of_a_change_in_order():
    lightness = [float(lab(colour)[0]) for colour in DIVERGING]
    assert lightness[0] + NEXT_LIGHTNESS < lightness[1] < lightness[2] - NEXT_LIGHTNESS
    assert lightness[4] + NEXT_LIGHTNESS < lightness[3] < lightness[2] - NEXT_LIGHTNESS
