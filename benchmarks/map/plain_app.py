"""The plain Folium way, as most people would write it: the peer that the map page is held against.

Every change builds a `folium.Choropleth` of all districts anew and hands it to `st_folium`. It has
every advantage that costs no other design: rows and geometry are read once and shared, nothing is
copied per run, the geometry is the light one of the map page, and panning causes no run.

It stands apart from the rest: `sides.serving_plain` copies this file into a folder of its own. Its
map passes the gate of `conflictmap.ui.offline`, so the same Leaflet comes from the same place. The
legend is left out, since it alone needs d3, which is not installed.
"""

import json
import os
import sqlite3
from contextlib import closing

import folium
import pandas as pd
import streamlit as st

from conflictmap.boundaries import geometry_for_web, read_edition
from conflictmap.schema import EVENT_TYPES, label
from conflictmap.settings import read_settings
from conflictmap.ui.offline import st_folium

FIRST_YEAR, MONTHS = 2001, 300

ROWS = """
    SELECT i.event_type, i.date_from, p.adm2_code, p.point_latitude, p.point_longitude
    FROM incidents i JOIN incident_places p USING (incident_id)
    WHERE p.place_no = 1 AND i.withdrawn_in IS NULL AND p.withdrawn_in IS NULL
"""


@st.cache_resource
def read_incidents() -> pd.DataFrame:
    """Read one row an incident: kind, number of the month, district, point."""
    with closing(sqlite3.connect(os.environ["PLAIN_STORE"])) as connection:
        rows = pd.read_sql(ROWS, connection, parse_dates=["date_from"])
    days = rows["date_from"].dt
    return rows.assign(month=(days.year - FIRST_YEAR) * 12 + days.month)


@st.cache_resource
def read_districts() -> dict:
    """Read the geometry that the map page draws, too."""
    return json.loads(geometry_for_web(read_edition(read_settings().edition_folder), "district"))


st.set_page_config(layout="wide")
st.title("Incidents by district")
names = {"": "All"} | {kind: label(kind) for kind in EVENT_TYPES}
kind = st.selectbox("Type of incident", list(names), format_func=names.__getitem__)
month = st.slider("Month (0: all)", 0, MONTHS, 0)
shows_points = st.toggle("Points")

chosen = read_incidents()
if kind:
    chosen = chosen[chosen["event_type"] == kind]
if month:
    chosen = chosen[chosen["month"] == month]
counts = chosen.groupby("adm2_code").size()

areas = folium.Map(location=(33.9, 67.0), zoom_start=6, tiles=None, prefer_canvas=shows_points)
choropleth = folium.Choropleth(
    geo_data=read_districts(),
    data=counts,
    key_on="feature.properties.c",
    fill_color="YlOrRd",
    nan_fill_color="white",
    line_weight=0.5,
)
for name in [name for name in choropleth._children if name.startswith("color_map")]:
    del choropleth._children[name]  # the legend
choropleth.geojson.add_child(folium.GeoJsonTooltip(["n"], labels=False))
choropleth.add_to(areas)
if shows_points:
    placed = chosen.dropna(subset=["point_latitude", "point_longitude"])
    pairs = zip(placed["point_longitude"], placed["point_latitude"], strict=True)
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": pair}}
        for pair in pairs
    ]
    if features:
        folium.GeoJson(
            {"type": "FeatureCollection", "features": features},
            marker=folium.CircleMarker(radius=3, weight=1, fill=True),
        ).add_to(areas)
st_folium(areas, height=560, use_container_width=True, returned_objects=[])
st.write(f"{len(chosen):,} incidents")
