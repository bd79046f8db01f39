"""The digits of a unit's symbol, and the picture made of them."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import product

import pytest

from conflictmap.schema import AFFILIATIONS, ECHELONS
from conflictmap.symbols import (
    HOSTILE,
    IDENTITY_NAMES,
    NEUTRAL,
    SCHEME_NAMES,
    SCHEMES,
    identity,
    symbol_code,
    symbol_svg,
)

SVG = "{http://www.w3.org/2000/svg}"


def test_neutral_scheme_draws_every_side_alike():
    assert {identity("neutral", side) for side in AFFILIATIONS} == {NEUTRAL}


@pytest.mark.parametrize("scheme", SCHEMES[1:])
def test_other_schemes_call_one_side_friend_and_leave_outsiders_unknown(scheme):
    words = {side: IDENTITY_NAMES[identity(scheme, side)] for side in AFFILIATIONS}
    assert {words["de_facto_authorities"], words["anti_taliban"]} == {"Friend", "Hostile"}
    assert words["islamic_state"] == "Hostile"
    assert words["foreign_state"] == words["foreign_armed_group"] == "Unknown"


def test_every_scheme_has_its_words():
    assert tuple(SCHEME_NAMES) == SCHEMES


@pytest.mark.parametrize(
    ("echelon", "digits"),
    [
        ("company", "15"),
        ("battalion", "16"),
        ("brigade", "18"),
        ("division", "21"),
        ("corps", "22"),
        ("other", "00"),
        ("not stated", "00"),
        ("", "00"),
    ],
)
def test_echelon_is_in_digits_9_and_10(echelon, digits):
    assert symbol_code("neutral", "other", echelon) == f"10041000{digits}0000000000"


def test_what_is_not_sure_has_status_1():
    code = symbol_code("authorities-hostile", "de_facto_authorities", "corps", is_unsure=True)
    assert code == "10061010220000000000"


def test_every_code_has_a_picture_of_shapes_only():
    for scheme, side, echelon, unsure in product(SCHEMES, AFFILIATIONS, ECHELONS, (True, False)):
        picture = ET.fromstring(symbol_svg(symbol_code(scheme, side, echelon, is_unsure=unsure)))
        assert {element.tag for element in picture.iter()} <= {SVG + "svg", SVG + "g", SVG + "path"}
        names = {name for element in picture.iter() for name in element.attrib}
        assert not [name for name in names if name.startswith("on") or "href" in name]


def test_only_what_is_not_sure_is_dashed():
    sure, unsure = (
        symbol_svg(symbol_code("neutral", "other", "corps", is_unsure=unsure))
        for unsure in (False, True)
    )
    assert "stroke-dasharray" in unsure
    assert "stroke-dasharray" not in sure


@pytest.mark.parametrize("echelon", ECHELONS)
def test_picture_holds_the_whole_symbol(echelon):
    for side in ("de_facto_authorities", "anti_taliban", "other"):
        made = symbol_svg(symbol_code("authorities-hostile", side, echelon))
        left, top, width, height = map(float, re.search('viewBox="([^"]*)"', made)[1].split())
        for x, y in re.findall(r'd="m(-?[0-9.]+) +(-?[0-9.]+)', made):
            assert left <= float(x) <= left + width
            assert top <= float(y) <= top + height


def test_echelon_changes_the_picture_and_a_size_not_stated_draws_none():
    pictures = {
        echelon: symbol_svg(symbol_code("neutral", "other", echelon)) for echelon in ECHELONS
    }
    assert pictures["other"] == pictures["not stated"]
    assert len(set(pictures.values())) == len(ECHELONS) - 1


def test_identity_changes_the_frame():
    assert symbol_svg(f"100{HOSTILE}1000000000000000") != symbol_svg(
        f"100{NEUTRAL}1000000000000000"
    )


@pytest.mark.parametrize("code", ["", "1004", "10041000180000000000x", "<svg/>", "１" * 20])
def test_what_is_not_20_digits_is_no_code(code):
    with pytest.raises(ValueError, match="A symbol's code is 20 digits"):
        symbol_svg(code)


def test_code_that_the_package_does_not_know_is_refused():
    with pytest.raises(
        ValueError, match="No symbol can be drawn for the code 10041000990000000000"
    ):
        symbol_svg("10041000990000000000")


def test_drawing_writes_no_file_and_says_nothing(tmp_path):
    draw = (
        "from conflictmap.symbols import symbol_code, symbol_svg;"
        "symbol_svg(symbol_code('neutral', 'other', 'corps', is_unsure=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", draw], cwd=tmp_path, capture_output=True, check=True
    )
    assert (done.stdout, done.stderr) == (b"", b"")
    assert list(tmp_path.iterdir()) == []
