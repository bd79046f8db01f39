"""A composed slide as a picture: PNG, SVG or PDF, drawn by matplotlib.

The same composition gives the same bytes in any process: no date, no random name, and no setting
of a user's matplotlib is read. In an SVG each part is a group with a name of its own and its words
as label, so that a reader, or a screen reader, finds them again. Letters are outlines in an SVG
and text in a PDF.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from conflictmap.boundaries import BoundaryEdition
from conflictmap.slides.canvas import Canvas, drawing_settings
from conflictmap.slides.comparison_compose import ComparisonComposition
from conflictmap.slides.comparison_drawing import draw_comparison
from conflictmap.slides.compose import Composition
from conflictmap.slides.deployment_compose import DeploymentComposition
from conflictmap.slides.deployment_drawing import draw_deployments
from conflictmap.slides.drawing import draw_slide
from conflictmap.slides.reading_back import RECORD
from conflictmap.slides.svg_words import with_words

Format = Literal["png", "svg", "pdf"]


def draw_picture(
    composed: Composition | ComparisonComposition | DeploymentComposition,
    edition: BoundaryEdition,
    *,
    format: Format,
    is_large: bool = False,
    is_transparent: bool = False,
    record: Mapping[str, str],
) -> bytes:
    """Draw a slide.

    Parameters
    ----------
    is_large
        Twice as many pixels each way; an SVG or a PDF is the same at any size.
    is_transparent
        Without the white paper behind it.
    record
        What the file carries about itself, as JSON: a PNG in a text chunk, an SVG in its metadata,
        a PDF in its keywords.
    """
    slide, written = composed.slide, json.dumps(dict(record), sort_keys=True)
    with drawing_settings():
        canvas = Canvas(composed.paper, is_transparent=is_transparent, has_names=format == "svg")
        if isinstance(composed, DeploymentComposition):
            draw_deployments(canvas, composed)
        elif isinstance(composed, ComparisonComposition):
            draw_comparison(canvas, composed)
        else:
            draw_slide(canvas, composed)
        if format == "png":
            dots = composed.paper.pixels_wide / composed.paper.width * (2 if is_large else 1)
            picture = _pixels(canvas.figure, dots, is_transparent=is_transparent)
            return _png(picture, dots, slide.title, slide.in_words, written)
        if format == "pdf":
            return _pdf(canvas.figure, slide.title, slide.in_words, written)
        drawn = _svg(canvas.figure)
    return with_words(
        drawn, canvas.words, title=slide.title, description=slide.in_words, record=written
    )


def _pixels(figure: Any, dots_per_inch: float, *, is_transparent: bool) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    figure.set_dpi(dots_per_inch)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba()))
    return picture if is_transparent else picture.convert("RGB")


def _png(picture: Any, dots_per_inch: float, title: str, words: str, record: str) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    about = PngInfo()
    for name, text in (("Title", title), ("Description", words), (RECORD, record)):
        about.add_itxt(name, text)
    file = io.BytesIO()
    dots = (dots_per_inch, dots_per_inch)
    picture.save(file, format="PNG", pnginfo=about, compress_level=3, dpi=dots)
    return file.getvalue()


def _pdf(figure: Any, title: str, words: str, record: str) -> bytes:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    file = io.BytesIO()
    about = {
        "Title": title,
        "Subject": words,
        "Keywords": record,
        "Creator": "Afghanistan Conflict Map",
        "CreationDate": None,
        "Producer": None,
    }
    FigureCanvasPdf(figure)
    figure.savefig(file, format="pdf", metadata=about)
    return file.getvalue()


def _svg(figure: Any) -> str:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    file = io.BytesIO()
    FigureCanvasSVG(figure)
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(file, format="svg", metadata=nothing)
    return file.getvalue().decode("utf-8")
