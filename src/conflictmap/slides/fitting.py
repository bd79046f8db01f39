"""Breaking text into lines that fit a width, measured with the letters it is drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from conflictmap.slides.paper import LEAST_PT

LINE = 1.25
"""Height of a line of text, in its letters' size."""

_PT = 72.0
CUT = "\u2026"


def line_height(size_pt: float) -> float:
    """Return the height of one line, in inches."""
    return size_pt * LINE / _PT


def text_width(text: str, size_pt: float, *, is_bold: bool = False) -> float:
    """Return how wide a line of text is drawn, in inches."""
    return _widths(text, is_bold) * size_pt / _PT


def fit_lines(
    text: str, width: float, size_pt: float, *, is_bold: bool = False, most: int | None = None
) -> tuple[str, ...]:
    """Return a text broken between words into lines of at most a width in inches.

    A word that is wider than a line is broken inside. With more than `most` lines the last one ends
    with an ellipsis; the caller says elsewhere what is left out.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        for piece in _pieces(word, width, size_pt, is_bold):
            longer = f"{line} {piece}" if line else piece
            if line and text_width(longer, size_pt, is_bold=is_bold) > width:
                lines.append(line)
                line = piece
            else:
                line = longer
    if line:
        lines.append(line)
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], _cut(lines[most - 1], width, size_pt, is_bold)]
    return tuple(lines)


def fit_size(
    text: str, width: float, sizes: tuple[float, ...], *, most: int, is_bold: bool = False
) -> tuple[float, tuple[str, ...]]:
    """Return the largest size at which a text takes at most so many lines, and the lines.

    A text that nearly fits on fewer lines gets slightly smaller letters instead of a last line of
    one word; lines are about equally long. At the smallest size the text is cut if it must be;
    `sizes` go down and end at `LEAST_PT` or above.
    """
    fitting = [
        (size, lines)
        for size in sizes
        if len(lines := fit_lines(text, width, size, is_bold=is_bold)) <= most
    ]
    if not fitting:
        least = max(sizes[-1], LEAST_PT)
        return least, fit_lines(text, width, least, is_bold=is_bold, most=most)
    size, lines = fitting[0]
    for smaller, fewer in fitting[1:]:
        if smaller >= _NEARLY * size and len(fewer) < len(lines):
            return smaller, fewer
    return size, _balanced(text, width, size, len(lines), is_bold=is_bold)


_NEARLY = 0.75
"""How much smaller letters may get to save a line."""


def _balanced(text: str, width: float, size_pt: float, n: int, *, is_bold: bool) -> tuple[str, ...]:
    """Return a text in `n` lines of about equal length."""
    narrow, wide = width / max(1, n), width
    while n > 1 and wide - narrow > 0.05:
        middle = (narrow + wide) / 2
        if len(fit_lines(text, middle, size_pt, is_bold=is_bold)) <= n:
            wide = middle
        else:
            narrow = middle
    return fit_lines(text, wide, size_pt, is_bold=is_bold)


def fit_items(
    items: Sequence[str],
    joint: str,
    more: str,
    width: float,
    size_pt: float,
    *,
    most: int,
) -> tuple[str, ...]:
    """Return a list of things in at most so many lines, whole ones only.

    Where there are more, the last words say how many: `more` holds their number as ``{n}``.
    """
    for shown in range(len(items), 0, -1):
        left_out = len(items) - shown
        told = [*items[:shown], *([more.format(n=f"{left_out:,}")] if left_out else ())]
        lines = fit_lines(joint.join(told), width, size_pt)
        if len(lines) <= most:
            return lines
    return fit_lines(joint.join(items), width, size_pt, most=most)


def cut_line(text: str, width: float, size_pt: float, *, is_bold: bool = False) -> str:
    """Return a text as one line of at most a width, with an ellipsis where it is cut."""
    if text_width(text, size_pt, is_bold=is_bold) <= width:
        return text
    return _cut(text, width, size_pt, is_bold)


def _cut(text: str, width: float, size_pt: float, is_bold: bool) -> str:
    while text and text_width(text.rstrip() + CUT, size_pt, is_bold=is_bold) > width:
        text = text[:-1]
    return text.rstrip() + CUT


def _pieces(word: str, width: float, size_pt: float, is_bold: bool) -> list[str]:
    """Return a word in pieces that each fit on a line."""
    if text_width(word, size_pt, is_bold=is_bold) <= width:
        return [word]
    pieces, piece = [], ""
    for letter in word:
        if piece and text_width(piece + letter, size_pt, is_bold=is_bold) > width:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


@lru_cache(maxsize=4096)
def _widths(text: str, is_bold: bool) -> float:
    """Return the width of a line in units of its size."""
    # Imported with the first slide: the dashboard does not wait for it when it starts.
    from matplotlib.textpath import TextToPath

    from conflictmap.slides.fonts import font

    letters = font(text, is_bold=is_bold)
    width, _, _ = TextToPath().get_text_width_height_descent(text, letters, False)
    return float(width) / float(letters.get_size_in_points())
