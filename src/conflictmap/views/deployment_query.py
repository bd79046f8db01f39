"""What somebody asked the page on deployments to show, and how a link writes it.

A link is input like any other: an unknown value is an error that names it, never a guess.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from conflictmap.errors import QueryError
from conflictmap.symbols import SCHEMES, Scheme
from conflictmap.views.query import EARLIEST, LATEST

Layer = Literal["shading", "incidents", "groups", "deployments"]
LAYERS: tuple[Layer, ...] = get_args(Layer)

LAYER_NAMES = {
    "shading": "Incident counts",
    "incidents": "Incident places",
    "groups": "Armed groups",
    "deployments": "Deployments",
}

NO_LAYER = "none"


@dataclass(frozen=True)
class DeploymentsQuery:
    """One view of the page: as of which day, by which reports, drawn how."""

    day: dt.date | None = None  # None: the last day of a statement
    only_published: bool = False
    scheme: Scheme = "neutral"
    layers: tuple[Layer, ...] = ("groups", "deployments")  # the lowest first

    def parameters(self) -> dict[str, str]:
        """Return the query parameters of the link to this view, defaults left out."""
        default, result = DeploymentsQuery(), {}
        if self.day is not None:
            result["asof"] = self.day.isoformat()
        if self.only_published:
            result["told"] = "published"
        if self.scheme != default.scheme:
            result["frame"] = self.scheme
        if self.layers != default.layers:
            result["layers"] = ",".join(self.layers) or NO_LAYER
        return result


PARAMETERS = ("asof", "told", "frame", "layers")


def read_deployments_query(parameters: Mapping[str, str]) -> DeploymentsQuery:
    """Read a view from query parameters; others than `PARAMETERS` are not looked at.

    Raises
    ------
    QueryError
        If a value does not exist; the message names the parameter and what it may be.
    """
    default = DeploymentsQuery()
    told = parameters.get("told", "all")
    if told not in ("all", "published"):
        raise QueryError("'told' is not one of: all, published. Correct the link.")
    scheme = next((name for name in SCHEMES if name == parameters.get("frame", "neutral")), None)
    if scheme is None:
        raise QueryError(f"'frame' is not one of: {', '.join(SCHEMES)}. Correct the link.")
    day = read_day(parameters["asof"]) if "asof" in parameters else None
    layers = _layers(parameters["layers"]) if "layers" in parameters else default.layers
    return DeploymentsQuery(day, told == "published", scheme, layers)


def read_day(text: str) -> dt.date:
    """Read the day of a link.

    Raises
    ------
    QueryError
        If it is no calendar date written as YYYY-MM-DD, or lies outside `EARLIEST` to `LATEST`.
    """
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise QueryError(
            "'asof' is not a calendar date. Write it as YYYY-MM-DD, for example 2022-02-13."
        ) from None
    if not EARLIEST <= day <= LATEST:
        raise QueryError(f"'asof' lies outside {EARLIEST} to {LATEST}. Choose a day between.")
    return day


def _layers(text: str) -> tuple[Layer, ...]:
    names = [] if text == NO_LAYER else text.split(",")
    layers = tuple(layer for name in names for layer in LAYERS if layer == name)
    if len(layers) != len(names) or len(set(layers)) != len(layers):
        raise QueryError(
            f"'layers' is not '{NO_LAYER}' or some of: {', '.join(LAYERS)}, each once, the lowest"
            " first, parted by commas. Correct the link."
        )
    return layers
