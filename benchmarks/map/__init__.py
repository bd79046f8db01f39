"""The map page beside the plain Folium way, in Chromium on one machine: see `__main__`."""
