"""A figure of matplotlib as large as the paper, drawn on in inches from its top left."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

from conflictmap.slides.fills import INK, PAPER
from conflictmap.slides.fonts import font
from conflictmap.slides.paper import Box, Paper

Array = np.ndarray[Any, Any]


_LOCK: Final = threading.Lock()
"""matplotlib's settings belong to the whole process, and several sessions draw at once."""

_SETTINGS: Final[Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "conflictmap",
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "text.usetex": False,
    "text.parse_math": False,
    "text.hinting": "none",  # so that letters are as wide as they were measured
    "hatch.linewidth": 0.8,
    "path.simplify": False,
}


@contextmanager
def drawing_settings() -> Iterator[None]:
    """Hold matplotlib for one drawing, at its own defaults and ours."""
    import matplotlib

    with _LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


class Canvas:
    """A figure as large as the paper, and the words of each of its named parts.

    ``has_names``: parts are told apart by name, as in an SVG; else areas that look the same are
    drawn as one, which is quicker. ``of`` ends the names of what is drawn next, as of the second of
    two maps.
    """

    def __init__(self, paper: Paper, *, is_transparent: bool, has_names: bool = True) -> None:
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        ground = "none" if is_transparent else PAPER
        size = (paper.width, paper.height)
        self.figure: Any = Figure(figsize=size, facecolor=ground, edgecolor="none")
        down = Affine2D().scale(1, -1).translate(0, paper.height)
        self.to_dots: Any = down + self.figure.dpi_scale_trans
        self.words: dict[str, str] = {}
        self.has_names = has_names
        self.of = ""
        self._order = 0

    def add(self, artist: Any, name: str = "", words: str = "", within: Box | None = None) -> None:
        """Draw something above all that is there, under a name that no other part has."""
        from matplotlib.patches import Rectangle

        self._order += 1
        artist.set_zorder(self._order)
        artist.set_transform(self.to_dots)
        if within:
            frame = Rectangle(
                (within.left, within.top), within.width, within.height, transform=self.to_dots
            )
            artist.set_clip_path(frame)
        if name:
            gid = f"{name}{self.of}".replace(" ", "-")
            artist.set_gid(gid)
            if words:
                self.words[gid] = words
        self.figure.add_artist(artist)

    def shape(
        self,
        rings: Sequence[Array],
        name: str = "",
        words: str = "",
        within: Box | None = None,
        **look: Any,
    ) -> None:
        """Draw an area of several rings, holes among them."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        path = Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
        self.add(PathPatch(path, **look), name, words, within)

    def box(self, box: Box, name: str = "", words: str = "", **look: Any) -> None:
        """Draw a rectangle."""
        from matplotlib.patches import Rectangle

        self.add(Rectangle((box.left, box.top), box.width, box.height, **look), name, words)

    def lines(self, lines: Iterable[Array], name: str = "", words: str = "", **look: Any) -> None:
        """Draw lines as one part."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        paths = [Path(line) for line in lines]
        if paths:
            path = Path.make_compound_path(*paths)
            look = {"fill": False, "capstyle": "butt", "joinstyle": "round"} | look
            self.add(PathPatch(path, **look), name, words)

    def circle(
        self,
        x: float,
        y: float,
        radius: float,
        name: str = "",
        words: str = "",
        within: Box | None = None,
        **look: Any,
    ) -> None:
        """Draw a circle."""
        from matplotlib.patches import Circle

        self.add(Circle((x, y), radius, **look), name, words, within)

    def text(
        self,
        x: float,
        baseline: float,
        line: str,
        size_pt: float,
        name: str = "",
        *,
        is_bold: bool = False,
        align: str = "left",
        colour: str = INK,
        has_halo: bool = False,
    ) -> None:
        """Draw a line of text as it stands: nothing in it is a formula or markup."""
        from matplotlib.patheffects import Stroke
        from matplotlib.text import Text

        letters = font(line, is_bold=is_bold).copy()
        letters.set_size(size_pt)
        how: dict[str, Any] = {"horizontalalignment": align, "verticalalignment": "baseline"}
        how |= {"fontproperties": letters, "parse_math": False}
        if has_halo:
            halo = Text(x, baseline, line, color=PAPER, **how)
            halo.set_path_effects([Stroke(linewidth=2.6, foreground=PAPER, joinstyle="round")])
            self.add(halo)
        self.add(Text(x, baseline, line, color=colour, **how), name, line)
