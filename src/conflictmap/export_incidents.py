"""The chosen incidents as files: CSV in our own template, GeoJSON and GeoPackage.

All three hold the incidents that stand inside the chosen period, a row or feature each, so that
their number is the map's total. They hold what the tables of `Facts` hold: coordinates that the
viewer may not see are not there.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from conflictmap.boundaries import WGS84
from conflictmap.distinct import joined_texts
from conflictmap.errors import QueryError
from conflictmap.export_template import open_ended, template_rows
from conflictmap.filters import IncidentFilter
from conflictmap.formula_guard import guarded
from conflictmap.ingest.profiles.template import HXL_TAGS
from conflictmap.mark import COLUMN, HXL_TAG, MARK, SENTENCE
from conflictmap.summaries import LEVEL_CODES, LEVELS, measure_incidents
from conflictmap.views.facts import Facts
from conflictmap.views.incidents import ids_of, in_order, incident_caption, selected

LAYER = "incidents"

_NUMBERS = ("latitude", "longitude")  # a minus before them is no formula
_HARMS = ("killed", "wounded")
_ENDS = ("low", "best", "high")


def export_incidents_csv(facts: Facts, chosen: IncidentFilter, *, boundary_note: str = "") -> bytes:
    """Return the incidents in our template: UTF-8 with a byte order mark, HXL tags in row 2.

    Uploading the file again gives back what the template can say; see `export_template`. Text that
    a spreadsheet would run as a formula has an apostrophe in front, which the upload takes away.
    What the file holds stands behind the rows, in lines that begin with "#". What is made up says
    so there first, and in a column of its own.
    """
    ids = ids_of(facts, in_order(facts, selected(facts, chosen)["inside"]))
    tables = facts.of(ids).tables
    rows = template_rows(tables, ids, chosen)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if facts.is_synthetic:
        rows = rows.assign(**{COLUMN: MARK})
    tags = {**HXL_TAGS, COLUMN: HXL_TAG}
    writer.writerow(rows.columns)
    writer.writerow([tags[name] for name in rows.columns])
    is_number = [name in _NUMBERS for name in rows.columns]
    for row in rows.itertuples(index=False, name=None):
        writer.writerow(
            cell if as_it_is else guarded(cell)
            for cell, as_it_is in zip(row, is_number, strict=True)
        )
    incidents = tables["incidents"]
    left_out = open_ended(incidents[incidents["incident_id"].isin(ids)])
    notes = list(export_notes(facts, chosen, boundary_note).values())
    if left_out:
        notes.append(f"A first day without a last one is left out: {', '.join(left_out)}.")
    for note in notes:
        writer.writerow([f"# {note}"])
    return text.getvalue().encode("utf-8-sig")


def export_geojson(facts: Facts, chosen: IncidentFilter, *, boundary_note: str = "") -> bytes:
    """Return the incidents as a GeoJSON FeatureCollection, its notes in the member "metadata".

    An incident has a point only where its one place is known as a point; see `incident_features`.
    Every other one has no geometry, and the codes of the units it is known to lie in.
    """
    features = [
        {
            "type": "Feature",
            "id": row["incident_id"],
            "geometry": None
            if row["geometry"] is None
            else shapely.geometry.mapping(row["geometry"]),
            "properties": {
                name: _plain(value) for name, value in row.items() if name != "geometry"
            },
        }
        for row in incident_features(facts, chosen).to_dict("records")
    ]
    collection = {
        "type": "FeatureCollection",
        "name": LAYER,
        "metadata": export_notes(facts, chosen, boundary_note),
        "features": features,
    }
    return json.dumps(collection, ensure_ascii=False, allow_nan=False).encode()


def export_geopackage(
    facts: Facts, chosen: IncidentFilter, path: Path, *, boundary_note: str = ""
) -> None:
    """Write the incidents as a GeoPackage of one layer, whole or not at all.

    The layer holds what `export_geojson` holds; the notes are its metadata.

    Raises
    ------
    QueryError
        If the file cannot be written there.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            made = Path(folder) / "incidents.gpkg"
            incident_features(facts, chosen).to_file(
                made,
                driver="GPKG",
                layer=LAYER,
                engine="pyogrio",
                geometry_type="Point",
                layer_metadata=export_notes(facts, chosen, boundary_note),
            )
            made.replace(path)
    except OSError as error:
        raise QueryError(
            f"{path.name} cannot be written ({type(error).__name__}). Check the folder and its"
            " rights."
        ) from error


def incident_features(facts: Facts, chosen: IncidentFilter) -> gpd.GeoDataFrame:
    """Return the incidents inside the period with their points.

    Returns
    -------
    GeoDataFrame
        One row per incident in EPSG:4326, oldest first. ``geometry`` is missing unless the
        incident has one place, known as a point ("exact" or "near", abroad as well): no unit's
        centre stands for a place. ``adm1_code`` and ``adm2_code`` are those of the map, missing
        where it is not placed at that level. ``killed_low`` ... ``wounded_high`` are the figures
        that a sum under the filters uses (``Int64``; missing: not stated).
    """
    ids = ids_of(facts, in_order(facts, selected(facts, chosen)["inside"]))
    held = facts.of(ids)
    tables = held.tables
    incidents = tables["incidents"].set_index("incident_id").loc[ids]
    places = tables["incident_places"]
    places = places[places["incident_id"].isin(ids)]
    number = places.groupby("incident_id").size().reindex(ids).fillna(0).astype("int64")
    place = places.sort_values("place_no").drop_duplicates("incident_id")
    place = place.set_index("incident_id").reindex(ids)
    table: dict[str, Any] = {
        "incident_id": ids,
        "title": incidents["title"],
        **{name: incidents[name].dt.strftime("%Y-%m-%d") for name in ("date_from", "date_to")},
        **{name: incidents[name] for name in ("date_precision", "date_basis", "event_type")},
    }
    for level in LEVELS:
        names = facts.names_of(level)
        unit = held.bins[level].reindex(ids)
        code = unit.where(unit.isin(list(names)))
        table |= {LEVEL_CODES[level]: code, level: code.map(names)}
    table |= {name: place[name] for name in ("place_name", "country")}
    table |= {"geo_precision": place["geo_precision"], "places": number}
    for harm in _HARMS:
        sums = measure_incidents(tables, incidents.reset_index(), chosen, harm)
        table |= {f"{harm}_{end}": sums[end].reindex(ids) for end in _ENDS}
    told = tables["incident_sources"]
    table |= {
        "named_actors": _listed(*_named_actors(tables, chosen), ids),
        "sources": _listed(told["incident_id"], told["source_id"], ids),
        "revision": facts.revision,
        "boundary_edition": facts.edition.edition_id,
    }
    if facts.is_synthetic:
        table |= {COLUMN: MARK}
    frame = pd.DataFrame(table, index=ids).reset_index(drop=True)
    geometry = _points(place, number)
    point_km = place["precision_km"].where([point is not None for point in geometry])
    frame.insert(frame.columns.get_loc("geo_precision") + 1, "precision_km", point_km.to_numpy())
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometry, crs=WGS84))


def export_notes(facts: Facts, chosen: IncidentFilter, boundary_note: str = "") -> dict[str, str]:
    """Return what stands on every export: what it holds, of which state, and the disclaimer."""
    edition = facts.edition
    mark = {COLUMN: SENTENCE} if facts.is_synthetic else {}
    return mark | {
        "caption": incident_caption(facts, selected(facts, chosen), with_undated=False),
        "filters": _filter_words(chosen),
        "revision": f"Revision {facts.revision} of the incidents.",
        "edition": f"Boundary edition {edition.edition_id}: {edition.citation}",
        "licence": f"Licence of the boundaries: {edition.licence}",
        "source": "Reports as named in each row; figures as published, missing is not zero.",
        "disclaimer": edition.disclaimer,
        **({"boundaries": boundary_note} if boundary_note else {}),
    }


def _filter_words(chosen: IncidentFilter) -> str:
    start, end = chosen.period.start, chosen.period.end
    parts = [] if not (start or end) else [f"period {start or '...'} to {end or '...'}"]
    for name in ("actors", "event_types", "victim_groups", "communities", "sources"):
        if values := getattr(chosen, name):
            parts.append(f"{name.replace('_', ' ')} {', '.join(values)}")
    if chosen.known != "any":
        parts.append(f"perpetrators {chosen.known.replace('_', ' ')}")
    return f"Filters: {'; '.join(parts) or 'none'}."


def _points(place: pd.DataFrame, number: pd.Series) -> list[shapely.Point | None]:
    is_abroad = place["geo_precision"].eq("abroad") & ~place["coordinate_precision"].isin(
        ["adm1", "adm2", "country"]
    )
    is_point = place["geo_precision"].isin(["exact", "near"]) | is_abroad
    is_point &= place["point_latitude"].notna() & (number == 1)
    points = zip(is_point, place["point_longitude"], place["point_latitude"], strict=True)
    return [shapely.Point(lon, lat) if known else None for known, lon, lat in points]


def _named_actors(tables: Any, chosen: IncidentFilter) -> tuple[pd.Series, pd.Series]:
    """Return the incident and the actor of each statement, with its kind."""
    rows = tables["attributions"]
    if chosen.sources:
        rows = rows[rows["source_id"].isin(chosen.sources)]
    return rows["incident_id"], rows["actor_id"] + " (" + rows["kind"] + ")"


def _listed(incidents: pd.Series, texts: pd.Series, ids: pd.Index) -> pd.Series:
    """Return the distinct texts of each incident, joined; missing where there is none."""
    return joined_texts(incidents, texts, ids).replace("", None)


def _plain(value: Any) -> Any:
    """Return a cell as JSON has it: missing is null, a count a whole number."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
