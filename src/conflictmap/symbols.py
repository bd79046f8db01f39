"""Military unit symbols: an APP-6 identification code made of digits, and the picture of a code.

The code says how a unit is drawn, so nothing of a report's text is in it or in the picture: only
the side a unit is on, its echelon and whether it is certain, all from closed lists.

The digits are those of NATO APP-6(D), which are those of MIL-STD-2525D, appendix A; JMSML, their
machine-readable form (github.com/Esri/joint-military-symbology-xml), has the same values. Counted
from 1: 1-2 version, 3 context, 4 standard identity, 5-6 symbol set, 7 status, 8 headquarters or
task force, 9-10 echelon, 11-16 entity, 17-20 modifiers.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
import xml.etree.ElementTree as ET
from functools import lru_cache
from typing import Literal, get_args

Scheme = Literal["neutral", "authorities-friend", "authorities-hostile"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)

SCHEME_NAMES = {
    "neutral": "Neutral: no side judged",
    "authorities-friend": "De facto authorities as friend",
    "authorities-hostile": "De facto authorities as hostile",
}

# Digit 4, standard identity (MIL-STD-2525D table A-II).
UNKNOWN, FRIEND, NEUTRAL, HOSTILE = "1", "3", "4", "6"
IDENTITY_NAMES = {UNKNOWN: "Unknown", FRIEND: "Friend", NEUTRAL: "Neutral", HOSTILE: "Hostile"}

# Whom a scheme does not name stays unknown: fighting one's enemy makes nobody a friend.
_IDENTITIES: dict[Scheme, dict[str, str]] = {
    "neutral": {},
    "authorities-friend": {
        "de_facto_authorities": FRIEND,
        "anti_taliban": HOSTILE,
        "islamic_state": HOSTILE,
        "republic": HOSTILE,
    },
    "authorities-hostile": {
        "de_facto_authorities": HOSTILE,
        "islamic_state": HOSTILE,
        "anti_taliban": FRIEND,
        "republic": FRIEND,
    },
}

# Digits 9-10: echelon at brigade and below (1x), at division and above (2x). A unit of another
# size, or whose size no report states, has "00", and none is drawn.
_ECHELONS = {"company": "15", "battalion": "16", "brigade": "18", "division": "21", "corps": "22"}

UNSPECIFIED = "000000"
"""Digits 11-16 where no report says what a unit does: a frame with nothing in it."""

_SVG = "http://www.w3.org/2000/svg"
_CROP = "4 -5 60 66"  # around every frame with its echelon; as made, a corps loses its top


def identity(scheme: Scheme, affiliation: str) -> str:
    """Return the standard identity that a scheme gives to a side (`schema.AFFILIATIONS`)."""
    return NEUTRAL if scheme == "neutral" else _IDENTITIES[scheme].get(affiliation, UNKNOWN)


def symbol_code(
    scheme: Scheme,
    affiliation: str,
    echelon: str,
    *,
    is_unsure: bool = False,
    entity: str = UNSPECIFIED,
) -> str:
    """Return the 20 digits of a land unit's symbol.

    Parameters
    ----------
    affiliation
        One of `schema.AFFILIATIONS`.
    echelon
        One of `schema.ECHELONS`.
    is_unsure
        Planned, or not confirmed: status 1 ("planned, anticipated, suspected"), a dashed frame;
        else 0 (present). MIL-STD-2525D table A-VI.
    entity
        Six digits of symbol set 10, land units.
    """
    return "".join(
        (
            "10",  # APP-6(D), MIL-STD-2525D without a change
            "0",  # reality, neither exercise nor simulation: those mean symbols made up for one
            identity(scheme, affiliation),
            "10",
            "1" if is_unsure else "0",
            "0",
            _ECHELONS.get(echelon, "00"),
            entity,
            "0000",
        )
    )


def symbol_svg(code: str) -> str:
    """Return the picture of a 20-digit code as SVG.

    Raises
    ------
    ValueError
        If it is not 20 digits, or names what the drawing package does not know.
    """
    if not re.fullmatch(r"[0-9]{20}", code):
        raise ValueError("A symbol's code is 20 digits.")
    return _drawn(code)


_lock = threading.Lock()


@lru_cache(maxsize=512)
def _drawn(code: str) -> str:
    import military_symbol  # half a second, so only when a unit is drawn

    # The package prints what it does not know; it knows no unspecified entity, and draws it right.
    # It can crop too, by a file of a fixed name in the current folder: not with several readers.
    with _lock, contextlib.redirect_stderr(io.StringIO()) as said:
        symbol = military_symbol.get_symbol_class_from_sidc(code)
        made = symbol.get_svg(pixel_padding=-1) if symbol else ""
    complaints = [line for line in said.getvalue().splitlines() if f'"{UNSPECIFIED}"' not in line]
    if complaints or not made:
        raise ValueError(f"No symbol can be drawn for the code {code}.")
    picture = ET.fromstring(made)
    picture.attrib = {"viewBox": _CROP, "width": "60", "height": "66"}
    for part in picture.iter():  # it is shown some 40 px high, where hairlines are lost
        if part.get("stroke", "none") != "none":
            part.set("stroke-width", "1.8")
        if part.get("stroke-dasharray"):
            part.set("stroke-dasharray", "6 4.5")
    ET.register_namespace("", _SVG)
    text = ET.tostring(picture, encoding="unicode")
    return re.sub(r">\s+<", "><", text)
