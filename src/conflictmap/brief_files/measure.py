"""How wide words are, and text broken into lines: quick enough for a brief of many pages.

A word of Latin letters is as wide as its letters together; others are shaped and measured whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from conflictmap.slides.fitting import line_height, text_width

__all__ = ["cut_off", "drawable", "line_height", "lines_of", "width_of", "words_width"]

UNKNOWN: Final = "\ufffd"
"""What is drawn for a letter that no font of ours has."""


def width_of(text: str, size_pt: float, *, is_bold: bool = False) -> float:
    """Return how wide a line of text is, in inches."""
    words = text.split(" ")
    together = sum(_word(word, is_bold) for word in words)
    return (together + (len(words) - 1) * _advance(" ", is_bold)) * size_pt


def words_width(text: str, size_pt: float, *, is_bold: bool = False) -> float:
    """Return the width of the widest word, in inches."""
    return max((_word(word, is_bold) for word in text.split()), default=0.0) * size_pt


def lines_of(text: str, width: float, size_pt: float, *, is_bold: bool = False) -> tuple[str, ...]:
    """Return a text broken between words into lines of at most a width in inches.

    A word that is wider than a line is broken inside.
    """
    room = width / size_pt + 1e-9  # a column may be as wide as its longest word
    space = _advance(" ", is_bold)
    lines: list[list[str]] = []
    taken = 0.0
    for word in text.split():
        for piece in _pieces(word, room, is_bold):
            wide = _word(piece, is_bold)
            if lines and taken + space + wide <= room:
                lines[-1].append(piece)
                taken += space + wide
            else:
                lines.append([piece])
                taken = wide
    return tuple(" ".join(line) for line in lines)


def cut_off(text: str, lines: Sequence[str]) -> tuple[str, str]:
    """Return the part of a text that its first lines cover, as it was written, and the rest.

    A word that was broken at the end of a line is whole again.
    """
    whole = " ".join(text.split())
    at = len(whole) - len(whole.lstrip("\u200e"))  # a mark that was put in front since
    at = 0 if lines and whole.startswith(lines[0]) else at
    for line in lines:
        at += whole[at : at + 1] == " "
        at += len(line)
    return whole[:at], whole[at:].lstrip()


def drawable(text: str) -> str:
    """Return a text with a sign in place of each letter that no font of ours has."""
    return "".join(letter if letter.isascii() or _has(letter) else UNKNOWN for letter in text)


def _pieces(word: str, room: float, is_bold: bool) -> list[str]:
    """Return a word in pieces that each fit on a line, broken behind a hyphen where it has one."""
    if _word(word, is_bold) <= room:
        return [word]
    pieces, piece = [], ""
    for part in re.split(r"(?<=[-/])", word):
        if piece and _word(piece + part, is_bold) > room:
            pieces.append(piece)
            piece = ""
        if _word(part, is_bold) <= room:
            piece += part
            continue
        for letter in part:
            if piece and _word(piece + letter, is_bold) > room:
                pieces.append(piece)
                piece = ""
            piece += letter
    return [*pieces, piece]


@lru_cache(maxsize=20_000)
def _word(word: str, is_bold: bool) -> float:
    """Return the width of a word in inches a point of size."""
    if word.isascii():
        return sum(_advance(letter, is_bold) for letter in word)
    return text_width(drawable(word), 1.0, is_bold=is_bold)


@lru_cache(maxsize=256)
def _advance(letter: str, is_bold: bool) -> float:
    # Between two others: alone, a letter is measured without the room beside it.
    return text_width(f"n{letter}n", 1.0, is_bold=is_bold) - text_width("nn", 1.0, is_bold=is_bold)


@lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    return any(ord(letter) in known for known in _known_letters())


@lru_cache(maxsize=1)
def _known_letters() -> tuple[frozenset[int], ...]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    from conflictmap.slides.fonts import ARABIC, LATIN, has_arabic_font

    families = [LATIN, ARABIC] if has_arabic_font() else [LATIN]
    found = (
        get_font(findfont(FontProperties(family=family, weight=weight))).get_charmap()
        for family in families
        for weight in ("normal", "bold")
    )
    return tuple(frozenset(known) for known in found)
