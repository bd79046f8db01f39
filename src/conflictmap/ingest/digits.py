"""Digits, spaces and dashes of many scripts as a parser reads them.

For parsing only: what is stored and shown is the text as written.
"""

from __future__ import annotations

DECIMAL_SIGN = "\u066b"  # Arabic decimal separator
THOUSANDS_SIGN = "\u066c"  # Arabic thousands separator

_ZEROS = "\u0660\u06f0\uff10"  # Arabic-Indic, Extended Arabic-Indic, full-width
_SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
    "\u3000"
)
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
# Marks that have no width: joiners, direction of writing, soft hyphen, byte order mark, tatweel.
_UNSEEN = (
    "\u00ad\u061c\u0640\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
    "\u2066\u2067\u2068\u2069\ufeff"
)

_PLAIN = str.maketrans(
    {
        **{chr(ord(zero) + digit): str(digit) for zero in _ZEROS for digit in range(10)},
        **dict.fromkeys(_SPACES, " "),
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys(_UNSEEN, ""),
        "\u060c": ",",  # Arabic comma
        "\uff0c": ",",
        "\uff0e": ".",
        "\uff0f": "/",
        "\uff1a": ":",
        "\uff0b": "+",
    }
)


def plain(text: str) -> str:
    """Return a cell with ASCII digits, dashes and single spaces, without marks of no width.

    The Arabic decimal and thousands signs stay: only the reader of a number knows what a point and
    a comma mean beside them.
    """
    if not text.isascii():
        text = text.translate(_PLAIN)
    return " ".join(text.split())
