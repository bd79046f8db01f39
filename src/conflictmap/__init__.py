"""Conflict incidents in Afghanistan, joined to provinces and districts."""
