"""What every slide carries besides its map: title, view, n, reports, edition and revision."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The head and the foot of a slide. All texts are plain single lines."""

    link: str  # query part of the address that shows the view, with its revision
    revision: int
    as_of: str  # the day that the revision was published (UTC)
    title: str
    proposed_title: str
    subtitle: tuple[str, ...]
    marking: str
    synthetic_mark: str  # empty, or that the rows are made up
    counted: tuple[str, ...]  # n, and what is not on the map
    sources: tuple[str, ...]  # the reports behind it: publisher and day
    titles: tuple[str, ...]  # the same with their titles, for the notes
    boundaries: str
    disclaimer: str
    in_words: str  # text alternative: the map without a picture

    @property
    def title_is_own(self) -> bool:
        """Say whether the briefer has replaced the proposed title."""
        return self.title != self.proposed_title

    def values(self) -> dict[str, Any]:
        """Return all that the slide says, in values that JSON holds."""
        return asdict(self)

    def foot_counted(self) -> tuple[str, ...]:
        """Return n and what is not on the map, as far as it stands at the foot."""
        return self.counted

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Return what has to be known to read the map, by name: sentences at the foot."""
        return ()

    def all_rows(self) -> tuple[str, ...]:
        """Return what a table without room for all its rows leaves out, for the notes."""
        return ()

    def sayings(self) -> dict[str, dict[str, Any]]:
        """Return what it says of the data, by kind and key, to be set beside a later revision."""
        return {
            "finding": {"": self.proposed_title},
            "counted": {"": "; ".join(self.counted)},
            "reports": {"": "; ".join(self.titles)},
        }


def content(slide: Evidence) -> dict[str, Any]:
    """Return all that a slide says, in values that JSON holds; equal slides give equal contents."""
    found: dict[str, Any] = json.loads(json.dumps(slide.values()))
    return found


def checksum(slide: Evidence) -> str:
    """Return the SHA-256 of all that a slide says."""
    written = json.dumps(content(slide), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()
