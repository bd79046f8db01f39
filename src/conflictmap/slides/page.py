"""The head and the foot of a slide, and what room they leave between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.evidence import Evidence
from conflictmap.slides.fitting import CUT, fit_items, fit_lines, fit_size, line_height
from conflictmap.slides.fonts import is_right_to_left
from conflictmap.slides.paper import LEAST_PT, Box, Paper

MARGIN: Final = 0.45
TITLE_SIZES: Final = (28.0, 27.0, 26.0, 25.0, 24.0, 23.0, 22.0, 21.0, 20.0, 18.0)
SUBTITLE_SIZES: Final = (14.0, 13.0, LEAST_PT)
_LONG_TITLE_SIZES: Final = (18.0, 16.0, 14.0)
_LEAST_OF_ONE_LINE: Final = 21.0  # a smaller title is better in two lines of larger letters
_JOINT: Final = " \u00b7 "
_NARROW: Final = 24.0  # points of a title on paper that is not wide


@dataclass
class Page:
    """What is laid out so far, and what room is left between top and bottom."""

    paper: Paper
    top: float = MARGIN
    bottom: float = 0.0
    texts: list[TextBlock] = field(default_factory=list)

    @property
    def width(self) -> float:
        return self.paper.width - 2 * MARGIN

    def put(self, name: str, lines: tuple[str, ...], size_pt: float, **how: object) -> None:
        """Put lines below what is laid out so far."""
        if lines:
            height = len(lines) * line_height(size_pt)
            box = Box(MARGIN, self.top, self.width, height)
            self.texts.append(TextBlock(name, box, lines, size_pt, **how))  # type: ignore[arg-type]
            self.top += height + 0.06

    def put_below(self, name: str, lines: tuple[str, ...], size_pt: float, **how: object) -> None:
        """Put lines above what is laid out at the bottom so far."""
        if lines:
            height = len(lines) * line_height(size_pt)
            self.bottom -= height
            box = Box(MARGIN, self.bottom, self.width, height)
            self.texts.append(TextBlock(name, box, lines, size_pt, **how))  # type: ignore[arg-type]
            self.bottom -= 0.03


def foot_texts(slide: Evidence) -> tuple[tuple[str, str], ...]:
    """Return the texts at the foot of a slide by name, from top to bottom."""
    plural = "Report" if len(slide.sources) == 1 else "Reports"
    counted = "; ".join(slide.foot_counted())
    return (
        *((("counted", f"{counted}."),) if counted else ()),
        *slide.remarks(),
        ("sources", f"{plural}: {'; '.join(slide.sources) or 'none'}."),
        (
            "boundaries",
            f"As of {slide.as_of}, revision {slide.revision}. Boundaries: {slide.boundaries}.",
        ),
        ("disclaimer", slide.disclaimer),
    )


def framed_page(
    slide: Evidence,
    paper: Paper,
    *,
    least: float,
    edge: float = MARGIN,
    title_sizes: tuple[float, ...] = TITLE_SIZES,
    subtitle_sizes: tuple[float, ...] = SUBTITLE_SIZES,
) -> Page:
    """Return a page with head and foot; tight ones where less than `least` inches would be left.

    Parameters
    ----------
    edge
        Inches that stay empty at the top and the bottom.
    """
    for is_tight in (False, True):
        page = Page(paper, top=edge, bottom=paper.height - edge)
        _put_head(
            page, slide, is_tight=is_tight, title_sizes=title_sizes, subtitle_sizes=subtitle_sizes
        )
        _put_foot(page, slide, is_tight=is_tight)
        if page.bottom - page.top >= least:
            break
    return page


def _put_head(
    page: Page,
    slide: Evidence,
    *,
    is_tight: bool,
    title_sizes: tuple[float, ...],
    subtitle_sizes: tuple[float, ...],
) -> None:
    """Put marking, title and subtitle at the top; `is_tight`: in as few lines as can be."""
    if slide.marking:
        page.top = 0.16
        page.put("marking", (slide.marking,), LEAST_PT, is_bold=True, align="center")
    if slide.synthetic_mark:
        page.put(
            "synthetic", (slide.synthetic_mark,), SUBTITLE_SIZES[0], is_bold=True, tone="warning"
        )
    size, lines = _title_lines(slide.title, page, title_sizes, is_tight=is_tight)
    align = "right" if is_right_to_left(slide.title) else "left"
    page.put("title", lines, size, is_bold=True, align=align)
    size, lines = fit_size(_JOINT.join(slide.subtitle), page.width, subtitle_sizes, most=2)
    if lines and lines[-1].endswith(CUT):
        size, more = LEAST_PT, "and {n} more filters"
        most = 2 if is_tight else 3
        lines = fit_items(slide.subtitle, _JOINT, more, page.width, size, most=most)
    page.put("subtitle", lines, size, tone="dim")


def _title_lines(
    title: str, page: Page, wanted: tuple[float, ...], *, is_tight: bool
) -> tuple[float, tuple[str, ...]]:
    """Return the title in large letters on two lines, or in smaller ones on up to four."""
    sizes = wanted if page.paper.is_wide else tuple(size for size in wanted if size <= _NARROW)
    if is_tight:
        sizes = _LONG_TITLE_SIZES
    in_one_line = tuple(size for size in sizes if size >= _LEAST_OF_ONE_LINE)
    for size_pts, most in (
        *(((in_one_line, 1),) if in_one_line else ()),
        (sizes, 2),
        (_LONG_TITLE_SIZES, 3),
        (_LONG_TITLE_SIZES[-1:], 4),
    ):
        size, lines = fit_size(title, page.width, size_pts, most=most, is_bold=True)
        if not lines or not lines[-1].endswith(CUT):
            break
    return size, lines


def _put_foot(page: Page, slide: Evidence, *, is_tight: bool) -> None:
    """Put what is counted, reports, boundaries, disclaimer and marking at the bottom."""
    if slide.marking:
        page.bottom = page.paper.height - 0.14
        page.put_below("marking below", (slide.marking,), LEAST_PT, is_bold=True, align="center")
    for name, text in reversed(foot_texts(slide)):
        lines = fit_lines(text, page.width, LEAST_PT)
        most = 1 if is_tight else 2
        if name == "sources" and len(lines) > most:
            first, *others = slide.sources
            items = [f"Reports: {first}", *others]
            lines = fit_items(items, "; ", "and {n} more reports.", page.width, LEAST_PT, most=most)
        page.put_below(name, lines, LEAST_PT, tone="ink" if name == "counted" else "dim")
