"""View models: what one map, table, time line or comparison says, as plain dataclasses.

Screen, download and command draw from the same object, so their numbers cannot differ.
"""
