"""Where the parts of a slide lie: text as wide as it is drawn, and what may not happen to boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.fitting import line_height, text_width
from conflictmap.slides.paper import Box, Paper


def boxes_of_texts(blocks: Iterable[TextBlock]) -> dict[str, Box]:
    """Return the box of each text as drawn, by its name and number."""
    boxes = {}
    for number, block in enumerate(blocks):
        width = max(text_width(line, block.size_pt, is_bold=block.is_bold) for line in block.lines)
        left = {
            "left": block.box.left,
            "center": block.box.left + (block.box.width - width) / 2,
            "right": block.box.right - width,
        }[block.align]
        height = len(block.lines) * line_height(block.size_pt)
        boxes[f"{block.name} {number}"] = Box(left, block.box.top, width, height)
    return boxes


def assert_none_leaves(boxes: Mapping[str, Box], paper: Paper) -> None:
    """Check that every box lies on the paper."""
    outside = {
        name: box
        for name, box in boxes.items()
        if min(box.left, box.top) < 0 or box.right > paper.width or box.bottom > paper.height
    }
    assert outside == {}


def assert_none_overlaps(boxes: Mapping[str, Box]) -> None:
    """Check that no two boxes overlap."""
    overlapping = [
        (one, other)
        for one, other in combinations(boxes, 2)
        if boxes[one].overlaps(boxes[other], by_more_than=1e-6)
    ]
    assert overlapping == []
