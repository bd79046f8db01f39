"""The dashboard as it is hosted, many sessions on it, and what its processes take."""
