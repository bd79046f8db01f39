"""A file's rows in our words: by the profile that its columns show, or by a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from conflictmap.errors import IncidentFileError
from conflictmap.ingest.model import Answers, Draft, RawTable
from conflictmap.ingest.profiles import acled, gtd, hxl, mapping, template, ucdp
from conflictmap.ingest.recognise import recognise

_PROFILES = {
    "own_template": template.convert,
    "ucdp_ged": ucdp.convert,
    "acled": acled.convert,
    "gtd": gtd.convert,
    "hxl": hxl.convert,
}


def convert_file(
    raw: RawTable, answers: Answers, mapped: Mapping[str, object] | None = None
) -> Draft:
    """Convert a file by what it is.

    Parameters
    ----------
    mapped
        A column for each field; where it is given, it decides.

    Raises
    ------
    IncidentFileError
        If the file holds no single incidents, or its columns are unknown and nobody mapped them.
    """
    if mapped:
        return mapping.convert_mapped(raw, mapping.read_mapping(dict(mapped)), answers)
    return _PROFILES[_profile(raw)](raw, answers)


def convert_in_parts(
    raw: RawTable, answers: Answers, mapped: Mapping[str, object] | None = None, *, rows: int
) -> Iterator[tuple[pd.DataFrame, Draft]]:
    """Convert as `convert_file`, some `rows` at a time; yield the cells of a part and their draft.

    Questions and notes are of the whole file, the same in each draft. Only the profile of very
    large files can: every other file is one part.
    """
    if not mapped and _profile(raw) == "acled":
        yield from acled.convert_in_parts(raw, answers, rows)
    else:
        yield raw.cells, convert_file(raw, answers, mapped)


def _profile(raw: RawTable) -> str:
    found = recognise(raw)
    if found.refusal:
        raise IncidentFileError(f"{raw.label}: {found.label}. {found.refusal}")
    if found.needs_mapping:
        raise IncidentFileError(
            f"{raw.label}: its columns are of no layout that is known here. Say which column means"
            " what: on the Upload page, or with --mapping."
        )
    return found.profile
