"""The join of archives too large for one machine: parts of Parquet or CSV, joined by many workers.

An archive is a number of files, its parts. Each is joined on its own, in batches of rows, by the
same function whether it runs in this process, on two cores or on a cluster; so the result is the
same row for row. Nothing is published: the result is a folder of Parquet files and their account.

Only `workers` knows Dask, and nothing outside this package imports it.
"""
