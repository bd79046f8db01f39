"""What was read and by which rules: reports, coverage, boundary edition, revisions, software."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.reports import split_by_report
from conflictmap.schema import TABLES, label
from conflictmap.views.facts import Facts
from conflictmap.views.incident_words import when

# The packages that read, join, draw and keep the data; all others serve these.
PACKAGES = (
    "streamlit",
    "streamlit-folium",
    "folium",
    "altair",
    "pandas",
    "numpy",
    "geopandas",
    "shapely",
    "pyogrio",
    "sqlalchemy",
    "PyYAML",
)

_COUNTED = {  # tables whose rows say how much a report gave, with their heading
    "incidents": "Incidents",
    "casualties": "Casualty figures",
    "attributions": "Statements on who did it",
    "deployments": "Deployments",
    "actors": "Groups first named",
    "claims": "Claims",
    "tallies": "Published figures",
}

_RULES = "## The rules of coding"


def reports_read(facts: Facts) -> pd.DataFrame:
    """Return the reports that were read, in the order of coding.

    Returns
    -------
    DataFrame
        Indexed by ``source_id``: Publisher, Title, Kind, Published, the number of rows it gave to
        the main tables, How the day follows, Coder's note, and SHA-256 of the text.
    """
    sources = facts.tables["sources"].sort_values("reading_order").set_index("source_id")
    counts = rows_by_report(facts)
    return pd.DataFrame(
        {
            "Publisher": sources["publisher"],
            "Title": sources["title"],
            "Kind": sources["source_kind"].map(label),
            "Published": [_day(value) for value in sources["published_date"]],
            **{title: counts.loc[name].reindex(sources.index) for name, title in _COUNTED.items()},
            "How the day follows": sources["published_basis"].fillna(""),
            "Coder's note": sources["coder_note"].fillna(""),
            "SHA-256 of the text": sources["text_sha256"],
        },
        index=sources.index,
    )


def rows_by_report(facts: Facts) -> pd.DataFrame:
    """Return how many rows each report gave to each table: tables down, reports across.

    A row belongs to the first report that gave it, so the rows of a table are split without a rest.
    """
    names = [name for name in TABLES if name != "place_candidates"]
    few = [name for name in names if "incident_id" not in TABLES[name].column_names]
    parts = split_by_report({name: facts.tables[name] for name in few})
    counts = {source_id: dict.fromkeys(names, 0) for source_id in parts}
    for source_id, tables in parts.items():
        counts[source_id] |= {name: len(rows) for name, rows in tables.items()}
    for name in set(names).difference(few):
        found = _incidents_by_report(facts) if name == "incidents" else facts.rows_by_source(name)
        for source_id in parts:
            counts[source_id][name] = found.get(source_id, 0)
    return pd.DataFrame(counts, index=pd.Index(names, name="Table"))


def _incidents_by_report(facts: Facts) -> dict[str, int]:
    """Return how many incidents each report was the first to tell of."""
    told = facts.index.reports
    codes = told["source_id"].values
    sources = facts.tables["sources"].sort_values(["reading_order", "source_id"])["source_id"]
    place = np.full(len(codes) + 1, len(sources))  # the last is of a source that is missing
    for number, source_id in enumerate(sources):
        if source_id in codes:
            place[codes[source_id]] = number
    first = np.full(len(facts.index.ids), len(sources))
    np.minimum.at(first, told.incident, place[told["source_id"].codes])
    numbers = np.bincount(first, minlength=len(sources) + 1).tolist()
    return dict(zip(sources, numbers, strict=False))


def coverage_table(facts: Facts) -> pd.DataFrame:
    """Return what the reports claim to cover, a row a claim and area."""
    rows = facts.tables["coverage"]
    names = facts.names_of("province") | facts.names_of("district")
    actors = facts.tables["actors"].set_index("actor_id")["name"]
    area = rows["adm2_code"].fillna(rows["adm1_code"]).map(names)
    event_level = rows["is_event_level"].fillna(False).astype(bool)
    return pd.DataFrame(
        {
            "Report": rows["source_id"],
            "What it claims to cover": rows["words"],
            "Measure": rows["measure"].map(label),
            "Actor": rows["actor_id"].map(actors).fillna("all"),
            "Area": area.fillna(rows["country"]).fillna("not stated"),
            "Period": [when(row) for row in rows.itertuples()],
            "Lists each incident": event_level.map({True: "yes", False: "no, totals only"}),
        }
    )


def edition_lines(card: Mapping[str, Any]) -> dict[str, str]:
    """Return the source card of a boundary edition as headings and texts."""
    counts = card["counts"]
    return {
        "Edition": f"{card['title']} ({card['edition_id']})",
        "Year shown": str(card["year"]),
        "Units": f"{counts['provinces']} provinces, {counts['districts']} districts",
        "Producer": card["producer"].strip(),
        "Licence": card["licence"].strip(),
        "Layer built": str(card.get("built_date", "not stated")),
        "Cite as": card["citation"].strip(),
        "Address": card["url"],
    }


def edition_files(card: Mapping[str, Any]) -> pd.DataFrame:
    """Return the files of a boundary edition with their SHA-256."""
    return pd.DataFrame(sorted(card["sha256"].items()), columns=["File", "SHA-256"])


def edition_doubts(facts: Facts) -> pd.DataFrame:
    """Return the units whose polygon or name is in doubt, by code."""
    names = facts.names_of("province") | facts.names_of("district")
    provinces = facts.names_of("province")
    return pd.DataFrame(
        [
            {
                "Unit": names.get(code, code),
                "Province": provinces.get(code[:6], ""),
                "Doubt": text.strip(),
                "Code": code,
            }
            for code, text in sorted(facts.edition.doubts.items())
        ],
        columns=["Unit", "Province", "Doubt", "Code"],
    )


def revision_table(revisions: pd.DataFrame) -> pd.DataFrame:
    """Return `store.load_revisions` as a table for the screen, newest first."""
    return pd.DataFrame(
        {
            "Revision": revisions["revision"],
            "When (UTC)": [str(at)[:19].replace("T", " ") for at in revisions["published_at"]],
            "What": [label(str(kind)) for kind in revisions["kind"]],
            "Note": revisions["note"],
            "By": revisions["published_by"],
        }
    )


def software_versions() -> pd.DataFrame:
    """Return the versions and licences of what the dashboard is made of."""
    rows = [("conflictmap", _version("conflictmap"), "this project")]
    rows.append(("Python", platform.python_version(), "PSF-2.0"))
    rows += [(name, _version(name), _licence(name)) for name in PACKAGES]
    return pd.DataFrame(rows, columns=["Package", "Version", "Licence"])


def codebook_rules(codebook: Path) -> str:
    """Return the rules of coding from the codebook, as Markdown without links and pictures.

    The codebook is a file of this installation, not data. Its links lead to files beside it, which
    the dashboard does not serve. Empty where there is no codebook.
    """
    if not codebook.is_file():
        return ""
    text = codebook.read_text(encoding="utf-8")
    if _RULES in text:
        text = text.split(_RULES, 1)[1]
        text = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text).strip()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _licence(package: str) -> str:
    try:
        fields = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return ""
    classifiers = [
        value.rsplit(" :: ", 1)[1]
        for value in fields.get_all("Classifier") or []
        if value.startswith("License :: ") and not value.endswith("OSI Approved")
    ]
    expression, stated = (
        (fields.get_all(name) or [""])[0].strip() for name in ("License-Expression", "License")
    )
    short = stated if len(stated) <= 40 and "\n" not in stated else ""
    return expression or short or ", ".join(classifiers) or "not stated"


def _day(value: Any) -> str:
    return "not stated" if pd.isna(value) else f"{value:%Y-%m-%d}"
