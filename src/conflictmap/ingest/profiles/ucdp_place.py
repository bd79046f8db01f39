"""Where UCDP's events happened: nothing finer than ``where_prec`` says.

All events known to one province share a point, and 33 N 65 E stands for the country; neither may
ever become the district that it lies in.
"""

from __future__ import annotations

import pandas as pd

from conflictmap.ingest.coordinates import CoordinatesRead
from conflictmap.ingest.profiles.columns import Cells, is_nowhere, joined

POINT_PRECISIONS = {
    "1": "exact",
    "2": "near",  # within some 25 km of the point
    "3": "adm2",
    "4": "adm1",
    "5": "adm1",  # a line or a fuzzy area: its province, where one is given
    "6": "country",
    "7": "",  # international waters or air space
}
"""By ``where_prec``: what the point stands for."""


def place_columns(cells: Cells, place: CoordinatesRead) -> dict[str, pd.Series]:
    """Return what the place supports: no name or point finer than ``where_prec`` says."""
    code = cells.code("where_prec")
    precision = code.map(POINT_PRECISIONS).astype("str")
    province = cells.text("adm_1").str.replace(r"(?i)\s+province$", "", regex=True)
    district = cells.text("adm_2").str.replace(r"\s*\([^()]*\)$", "", regex=True)
    district = district.str.replace(r"(?i)\s+district$", "", regex=True)
    where, fuller = cells.text("where_coordinates"), cells.text("where_description")

    at_nowhere = is_nowhere(place.latitude, place.longitude)
    precision = precision.mask(at_nowhere | ((code == "5") & (province == "")), "country")
    is_district = precision.isin(["exact", "near", "adm2"])
    is_place = code.isin(["1", "2"]) & ~at_nowhere
    # The middle of a road between two towns stands for nothing, nor does that of the country.
    has_point = is_district | (code == "4")
    held = pd.Series("", index=cells.index)
    return {
        "place_name": where.where(is_place, ""),
        "place_relation": held.mask(code == "2", "near"),
        "place_words": joined(
            [
                where.mask(is_place, ""),
                fuller.mask(fuller == where, ""),
                held.mask(code == "7", "international waters or air space"),
            ]
        ),
        "district_name": district.where(is_district, ""),
        "province_name": province.mask(at_nowhere | code.isin(["6", "7"]), ""),
        "latitude": place.latitude.where(has_point & ~at_nowhere),
        "longitude": place.longitude.where(has_point & ~at_nowhere),
        "coordinate_precision": precision,
    }
