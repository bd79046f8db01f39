"""The fonts of slides: DejaVu Sans, which matplotlib brings, and Noto Naskh Arabic.

The second is for Dari and Pashto and is a package of the system (Debian: fonts-noto-core). A text
that needs it is refused with a clear message where it is missing; other slides do without. No
setting of a user's matplotlib changes what is chosen here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, Final

from conflictmap.errors import SettingsError

LATIN: Final = "DejaVu Sans"
ARABIC: Final = "Noto Naskh Arabic"

_FILE: Final = "NotoNaskhArabic"

_ARABIC_SCRIPT = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")


def needs_arabic(text: str) -> bool:
    """Say whether a text has letters of the Arabic script."""
    return _ARABIC_SCRIPT.search(text) is not None


def is_right_to_left(text: str) -> bool:
    """Say whether a text is read from the right: whether its first letter is of such a script."""
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((one for one in directions if one in ("L", "R", "AL")), "L") != "L"


def has_arabic_font() -> bool:
    """Say whether the font for Dari and Pashto is installed."""
    from matplotlib import font_manager

    if _is_listed():
        return True
    # The list of fonts is kept on disk and may be older than a font that was just installed.
    for file in sorted(font_manager.findSystemFonts()):
        if _FILE in file:
            font_manager.fontManager.addfont(file)
    return _is_listed()


def _is_listed() -> bool:
    from matplotlib import font_manager

    return any(entry.name == ARABIC for entry in font_manager.fontManager.ttflist)


def check_fonts(texts: list[str]) -> None:
    """Check that every text can be drawn.

    Raises
    ------
    SettingsError
        If one of them is in Dari or Pashto and its font is missing.
    """
    if any(needs_arabic(text) for text in texts) and not has_arabic_font():
        raise SettingsError(
            f"The font {ARABIC} is not installed, so text in Dari or Pashto would be drawn as empty"
            " boxes. Install it (Debian: sudo apt-get install fonts-noto-core), or write the title"
            " in Latin letters."
        )


def font(text: str = "", *, is_bold: bool = False) -> Any:
    """Return the font properties of a text, 100 points high; that of its script comes first."""
    if not needs_arabic(text):
        return _properties((LATIN, ARABIC) if _is_listed() else (LATIN,), is_bold)
    return _properties((ARABIC, LATIN) if has_arabic_font() else (LATIN,), is_bold)


@lru_cache(maxsize=8)
def _properties(families: tuple[str, ...], is_bold: bool) -> Any:
    from matplotlib.font_manager import FontProperties

    return FontProperties(
        family=list(families),
        style="normal",
        variant="normal",
        stretch="normal",
        weight="bold" if is_bold else "normal",
        size=100,
    )
