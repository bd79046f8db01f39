"""What a snapshot is made from, so that anybody can make it again: view, paper, wishes, versions.

Every exported file carries its order as a record. The same record at the same store gives the same
file under the same versions of the drawing libraries, and the same numbers under any.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Final, Literal, get_args
from urllib.parse import parse_qs, urlsplit

from conflictmap.access import Sight
from conflictmap.errors import QueryError
from conflictmap.slides.deployment_slide import DeploymentSlide
from conflictmap.slides.evidence import Evidence, checksum
from conflictmap.slides.paper import PAPER_NAMES, PaperName
from conflictmap.slides.slide import SlideWishes
from conflictmap.views.deployment_query import (
    PARAMETERS,
    DeploymentsQuery,
    read_deployments_query,
)
from conflictmap.views.facts import Facts
from conflictmap.views.query import MapQuery, read_query

Format = Literal["png", "svg", "pdf", "pptx"]
Kind = Literal["map", "deployments"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FORMATS: tuple[Format, ...] = get_args(Format)

MADE_WITH: Final = "Afghanistan Conflict Map"
_YES, _NO = "yes", "no"


@dataclass(frozen=True)
class SnapshotOrder:
    """One snapshot: which view on which paper, in which format, with what the briefer added."""

    query: MapQuery = field(default_factory=MapQuery)
    paper: PaperName = "16:9"
    format: Format = "png"
    is_large: bool = False  # a picture of twice as many pixels each way
    is_transparent: bool = False  # a picture without a ground
    wishes: SlideWishes = field(default_factory=SlideWishes)
    province: str = ""  # code of the one province that is shown; empty: the whole country
    deployments: DeploymentsQuery | None = None  # of that page; None: the view of the map
    half_life_days: int | None = None  # of evidence on deployments; None: as it is installed

    @property
    def kind(self) -> Kind:
        """Return which page it is a view of."""
        return "map" if self.deployments is None else "deployments"


def record_of(order: SnapshotOrder, slide: Evidence, facts: Facts) -> dict[str, str]:
    """Return the record that a file carries of its order, and of what it said."""
    record = {
        "made_with": MADE_WITH,
        "view": slide.link,
        "revision": str(slide.revision),
        "edition": facts.edition.edition_id,
        "paper": order.paper,
        "format": order.format,
        "large": _YES if order.is_large else _NO,
        "transparent": _YES if order.is_transparent else _NO,
        "province": order.province,
        "title": slide.title if slide.title_is_own else "",
        "marking": slide.marking,
        "marks": _YES if order.wishes.has_marks else _NO,
        "chart": _YES if order.wishes.has_chart else _NO,
        "content_sha256": checksum(slide),
        "versions": versions(),
    }
    if isinstance(slide, DeploymentSlide):
        record |= {"kind": "deployments", "half_life_days": str(slide.half_life_days)}
    if facts.sight != "full":
        record |= {"sight": facts.sight, "policy": facts.policy}
    return record


def sight_of(record: Mapping[str, str]) -> tuple[Sight, str]:
    """Return at which sight and under which restrictions a file was made.

    A file that says nothing of it was made at the full one.

    Raises
    ------
    QueryError
        If the record names a sight that does not exist.
    """
    sight = record.get("sight", "full")
    if sight not in get_args(Sight):
        raise QueryError("The record in the file names a sight that does not exist.")
    return sight, record.get("policy", "")  # type: ignore[return-value]


def order_of(record: dict[str, str]) -> SnapshotOrder:
    """Return the order of a record; its revision stands in the query.

    Raises
    ------
    QueryError
        If the record is not one of ours, or has been changed into what is no order.
    """
    if record.get("made_with") != MADE_WITH:
        raise QueryError("The file carries no record of this program, so nothing can be compared.")
    paper, kind = record.get("paper"), record.get("format")
    if paper not in PAPER_NAMES or kind not in FORMATS:
        raise QueryError("The record in the file names a paper or format that does not exist.")
    page = record.get("kind", "map")
    if page not in KINDS:
        raise QueryError("The record in the file names a kind of view that does not exist.")
    query, deployments = view_of_link(record.get("view", ""), page=page)
    return SnapshotOrder(
        query=query,
        paper=paper,
        format=kind,
        is_large=record.get("large") == _YES,
        is_transparent=record.get("transparent") == _YES,
        wishes=SlideWishes(
            title=record.get("title", ""),
            marking=record.get("marking", ""),
            has_marks=record.get("marks") == _YES,
            has_chart=record.get("chart") == _YES,
        ),
        province=record.get("province", ""),
        deployments=deployments,
        half_life_days=_days(record["half_life_days"]) if "half_life_days" in record else None,
    )


def query_of_link(link: str) -> MapQuery:
    """Return the view of a link: a whole address, or the part behind its question mark.

    An empty link is the default map.

    Raises
    ------
    QueryError
        If the link asks for what does not exist.
    """
    parameters = parse_qs(link.partition("?")[2] if "?" in link else link)
    return read_query(parameters)


def view_of_link(link: str, *, page: str | None = None) -> tuple[MapQuery, DeploymentsQuery | None]:
    """Return the view of a link to the map or to the page on deployments.

    A link leads to deployments where its path or its parameter ``page`` says so. Their revision
    stands in the view of the map, as all pages share it.

    Parameters
    ----------
    page
        One of `KINDS`, whatever the link says; None: as it says.

    Raises
    ------
    QueryError
        If the link asks for what does not exist.
    """
    before, _, written = link.partition("?") if "?" in link else ("", "", link)
    parameters = parse_qs(written)
    path = urlsplit(before).path.rstrip("/")
    is_meant = path.endswith("/deployments") or parameters.get("page") == ["deployments"]
    if page is None:
        page = "deployments" if is_meant or link.rstrip("/").endswith("/deployments") else "map"
    if page == "map":
        return query_of_link(link), None
    own = {name: values[-1] for name, values in parameters.items() if name in PARAMETERS}
    shared = {name: values for name, values in parameters.items() if name == "revision"}
    return read_query(shared), read_deployments_query(own)


def _days(written: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", written) or not int(written):
        raise QueryError("The record in the file names a half-life of evidence that is none.")
    return int(written)


def at_revision(order: SnapshotOrder, revision: int | None) -> SnapshotOrder:
    """Return the same order of another revision; None is the latest."""
    return replace(order, query=replace(order.query, revision=revision))


def versions() -> str:
    """Return the versions of what draws the files: with others, their bytes may differ."""
    return ", ".join(f"{name} {version(name)}" for name in ("matplotlib", "python-pptx"))
