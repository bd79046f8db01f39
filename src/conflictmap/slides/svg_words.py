"""The words of an SVG whose letters are drawn as outlines: title, labels of its parts, record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

# What XML cannot hold in any spelling.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
_METADATA = re.compile("<metadata>.*?</metadata>", re.DOTALL)
_START = re.compile(r"<svg [^>]*>")
_GROUP = re.compile(r'<g id="([^"]*)">')


def with_words(
    drawn: str, words: Mapping[str, str], *, title: str, description: str, record: str
) -> bytes:
    """Return an SVG with what it says as text.

    Parameters
    ----------
    drawn
        The SVG as matplotlib writes it. Its comments, which repeat each text, are dropped.
    words
        What each named group says, by the group's id.
    """
    plain = _METADATA.sub("", _COMMENT.sub("", drawn), count=1)
    head = (
        f'<title id="slide-title">{_text(title)}</title>'
        f'<desc id="slide-words">{_text(description)}</desc>'
        f"<metadata>{_text(record)}</metadata>"
    )
    start = _START.search(plain)
    if start is None:
        raise ValueError("This is no SVG.")
    opening = start.group().removesuffix(">")
    opening += ' role="img" aria-labelledby="slide-title slide-words">'
    rest = _GROUP.sub(lambda group: _labelled(group, words), plain[start.end() :])
    # Without the document type, which names a file on another host.
    return "".join((_DECLARATION, opening, head, rest)).encode("utf-8")


def _labelled(group: re.Match[str], words: Mapping[str, str]) -> str:
    said = words.get(group.group(1))
    if said is None:
        return group.group()
    return f"{group.group().removesuffix('>')} aria-label={quoteattr(_clean(said))}>"


def _text(text: str) -> str:
    return escape(_clean(text))


def _clean(text: str) -> str:
    return _NO_XML.sub(" ", text)
