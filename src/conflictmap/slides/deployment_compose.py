"""A slide of deployments laid out on paper: nothing overlaps, and what has no room is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from conflictmap.boundaries import BoundaryEdition
from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.compose import map_insets
from conflictmap.slides.deployment_keys import Key, Keys, cut_keys, keys_of, lay_out_keys
from conflictmap.slides.deployment_moves import move_pieces, told_pieces
from conflictmap.slides.deployment_slide import DeploymentSlide
from conflictmap.slides.deployment_symbols import LINE, UnitsOnMap, lay_out_units
from conflictmap.slides.deployment_table import TableOnSlide, lay_out_table
from conflictmap.slides.fitting import text_width
from conflictmap.slides.fonts import check_fonts
from conflictmap.slides.locator import Inset
from conflictmap.slides.outlines import Outlines, outlines
from conflictmap.slides.page import MARGIN, framed_page
from conflictmap.slides.paper import LEAST_PT, Box, Paper
from conflictmap.slides.pieces import Piece
from conflictmap.slides.scale import ScaleBar, scale_bar
from conflictmap.slides.symbol_places import GAP, Board

_COUNTRY: Final = 1.34  # how much wider than high the country is
_APART: Final = 0.22
_LEAST_BODY: Final = 4.2
_EDGE: Final = 0.3  # above and below: map, table and legend need the room
_SUBTITLE_SIZES: Final = (LEAST_PT,)
_NARROW_TITLES: Final = (18.0, 17.0, 16.0, 15.0, 14.0)
_TITLE_SIZES: Final = (22.0, 21.0, 20.0, 19.0, 18.0, 17.0, 16.0)
_SHARES: Final = (0.62, 0.58, 0.54, 0.5, 0.46, 0.43)  # of the body's width that the map takes
_LEAST_TABLES: Final = (2.2, 1.8, 1.5, 1.3, 1.0)  # inches for a table on paper that is not wide
_LEAST_MAP: Final = 2.9  # inches of its height
_NOTES: Final = 2 * LINE + 0.05  # kept free in the legend for what has no room on the map


@dataclass(frozen=True)
class DeploymentComposition:
    """A slide of deployments on its paper; pieces of each kind from the lowest."""

    slide: DeploymentSlide
    paper: Paper
    texts: tuple[TextBlock, ...]
    map_box: Box
    map: Outlines
    told: tuple[Piece, ...]
    moves: tuple[Piece, ...]
    units: tuple[Piece, ...]
    labels: tuple[TextBlock, ...]  # names of units, then of provinces
    keys: tuple[Piece, ...]
    scale: ScaleBar
    insets: tuple[Inset, ...]
    table: TableOnSlide | None

    @property
    def layers(self) -> tuple[tuple[str, tuple[Piece, ...]], ...]:
        """Return the pieces of the map by layer, from the lowest, as the view orders them."""
        found: list[tuple[str, tuple[Piece, ...]]] = []
        for layer in self.slide.layers:
            if layer == "groups":
                found.append(("told", self.told))
            else:
                found += [("moves", self.moves), ("units", self.units)]
        return tuple(found)


def compose_deployments(
    slide: DeploymentSlide, edition: BoundaryEdition, paper: Paper
) -> DeploymentComposition:
    """Lay a slide of deployments out on a paper.

    Raises
    ------
    SettingsError
        If a text is in Dari or Pashto and its font is missing.
    """
    told = [cell for one in slide.statements for cell in one.row]
    check_fonts([slide.title, slide.marking, *slide.subtitle, *slide.sources, *told])
    page = framed_page(
        slide,
        paper,
        least=_LEAST_BODY + 0.14,
        edge=_EDGE,
        title_sizes=_TITLE_SIZES if paper.is_wide else _NARROW_TITLES,
        subtitle_sizes=_SUBTITLE_SIZES,
    )
    body = Box(MARGIN, page.top + 0.06, page.width, page.bottom - page.top - 0.14)
    keys = keys_of(slide, has_durand=True)
    map_box, beside = _columns(body, paper, keys)
    shapes = outlines(edition, "province", map_box.inset(0.05))
    insets = map_insets(edition, map_box)
    bar = scale_bar(shapes.inches_per_km, map_box, insets[0].box)
    fixed = [bar.box, *(inset.box for inset in insets)]
    moves = move_pieces(slide.statements, shapes) if "deployments" in slide.layers else ()
    soft = _soft(moves)
    units = UnitsOnMap((), (), (), 0)
    if "deployments" in slide.layers:
        units = lay_out_units(slide, shapes, map_box, fixed, soft)
    legend = _legend(keys, _notes(units), beside, paper)
    below = (
        Box(beside.left, beside.top, beside.width, beside.height)
        if paper.is_wide
        else Box(body.left, max(map_box.bottom, legend.bottom) + _APART / 2, body.width, 0)
    )
    if paper.is_wide:
        room = Box(below.left, below.top, below.width, beside.height - _height(legend) - _APART)
        table, more = lay_out_table(slide, room)
        legend = _moved(legend, _bottom(table, more, room) + _APART - beside.top)
    else:
        room = Box(below.left, below.top, below.width, body.bottom - below.top)
        table, more = lay_out_table(slide, room)
    return DeploymentComposition(
        slide=slide,
        paper=paper,
        texts=(*page.texts, *legend.texts, *more),
        map_box=map_box,
        map=shapes,
        told=told_pieces(slide.told, shapes, outlines(edition, "district", map_box.inset(0.05))),
        moves=moves,
        units=units.pieces,
        labels=(*units.names, *_province_names(slide, shapes, map_box, fixed, soft, units)),
        keys=legend.pieces,
        scale=bar,
        insets=tuple(inset for inset in insets if inset.here),
        table=table,
    )


def _columns(body: Box, paper: Paper, keys: tuple[Key, ...]) -> tuple[Box, Box]:
    """Return the box of the map, and the one beside it: of the legend, and of a table below it."""
    if paper.is_wide:
        width = min(_COUNTRY * body.height + 0.1, 0.44 * body.width)
        map_box = Box(body.left, body.top, width, body.height)
        left = map_box.right + _APART
        return map_box, Box(left, body.top, body.right - left, body.height)
    for table in _LEAST_TABLES:
        for share in _SHARES:
            wide = share * body.width
            height = min((wide - 0.1) / _COUNTRY, body.height - table)
            map_box = Box(body.left, body.top, min(wide, _COUNTRY * height + 0.1), height)
            left = map_box.right + _APART
            beside = Box(left, body.top, body.right - left, body.height - table)
            is_fit = lay_out_keys(keys, beside).bottom + _NOTES <= beside.bottom
            if is_fit and height >= min(_LEAST_MAP, 0.7 * body.height):
                return map_box, beside
    return map_box, beside


def _legend(keys: tuple[Key, ...], notes: list[Key], box: Box, paper: Paper) -> Keys:
    """Lay the legend out with what has no room on the map; cut where it leaves no table room."""
    most = box.height - 1.6 if paper.is_wide else box.height
    room = Box(box.left, box.top, box.width, most)
    whole = lay_out_keys([*keys, *notes], room)
    return whole if whole.bottom <= room.bottom else cut_keys(keys, notes, room)


def _notes(units: UnitsOnMap) -> list[Key]:
    notes = []
    if units.left_out:
        numbers = ", ".join(map(str, units.left_out))
        notes.append(Key("no room", f"No room on the map for the symbols of: {numbers}."))
    n = units.names_left_out
    if n:
        words = "1 unit's name has" if n == 1 else f"The names of {n:,} units have"
        notes.append(Key("names", f"{words} no room on the map."))
    return notes


def _height(legend: Keys) -> float:
    tops = [text.box.top for text in legend.texts]
    return legend.bottom - min([*tops, *(one.box.top for one in legend.pieces), legend.bottom])


def _bottom(table: TableOnSlide | None, more: tuple[TextBlock, ...], room: Box) -> float:
    ends = [text.box.bottom for text in more] + ([table.box.bottom] if table else [])
    return max([*ends, room.top - _APART])


def _moved(legend: Keys, down: float) -> Keys:
    """Return a legend so far below where it was laid out."""

    def box(at: Box) -> Box:
        return Box(at.left, at.top + down, at.width, at.height)

    def piece(one: Piece) -> Piece:
        parts = tuple(
            replace(part, rings=tuple(ring + np.array([0.0, down]) for ring in part.rings))
            for part in one.parts
        )
        texts = tuple(replace(text, box=box(text.box)) for text in one.texts)
        return replace(one, box=box(one.box), parts=parts, texts=texts)

    return Keys(
        tuple(replace(text, box=box(text.box)) for text in legend.texts),
        tuple(piece(one) for one in legend.pieces),
        legend.bottom + down,
    )


def _soft(moves: tuple[Piece, ...]) -> list[Box]:
    """Return what symbols rather do not cover: arrows point by point, heads and place marks."""
    boxes = []
    for piece in moves:
        for part in piece.parts:
            if part.name.startswith("within"):
                continue
            for ring in part.rings:
                if part.name == "line":
                    boxes += [Box(x - 0.02, y - 0.02, 0.04, 0.04) for x, y in ring.tolist()]
                else:
                    (left, top), (right, bottom) = ring.min(axis=0), ring.max(axis=0)
                    boxes.append(Box(left, top, right - left, bottom - top))
    return boxes


def _province_names(
    slide: DeploymentSlide,
    shapes: Outlines,
    within: Box,
    fixed: list[Box],
    soft: list[Box],
    units: UnitsOnMap,
) -> list[TextBlock]:
    """Return the names of provinces that have room at their middle, to find one's way."""
    taken = [*fixed, *(piece.box for piece in units.pieces), *(text.box for text in units.names)]
    board = Board(within, taken, soft)
    names, found = dict(slide.provinces), []
    for shape in shapes.areas:
        text = names[shape.code]
        wide, (x, y) = text_width(text, LEAST_PT), shape.label
        for down in (0.0, 0.12, -0.12, 0.2, -0.2):
            box = Box(x - wide / 2, y + down - LINE / 2, wide, LINE)
            if board.has_room(box) and _lies_in(shape.rings, box):
                board.taken.append(Box(box.left - GAP, box.top, box.width + 2 * GAP, box.height))
                found.append(
                    TextBlock(
                        f"province {shape.code}", box, (text,), LEAST_PT, align="center", tone="dim"
                    )
                )
                break
    return found


def _lies_in(rings: tuple[np.ndarray, ...], box: Box) -> bool:
    """Say whether a box lies in an area, as far as its largest ring tells."""
    import shapely

    ground = max((shapely.Polygon(ring) for ring in rings), key=lambda one: one.area)
    return bool(ground.contains(shapely.box(box.left, box.top, box.right, box.bottom)))
