"""The monthly brief: what the reports say of a period, as one model that every export draws from.

`model` says what a brief is, `scope` what it may be about, `make` builds it from the facts at one
revision, `markdown` writes it out. The other modules each build one section.
"""
