"""Every benchmark there is: what it measures, and in which form the whole run takes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Benchmark:
    """One of benchmarks/; ``short`` holds its options in the whole run, where it is long."""

    name: str
    title: str
    says: str
    short: tuple[str, ...] = ()


BENCHMARKS = (
    Benchmark(
        "join",
        "Points to districts",
        "The district of each of a million points, beside the libraries and databases that answer"
        " the same question. Each way works in a process of its own, by turns, with its points"
        ' ready before the clock; every answer is compared point by point. On a border "within"'
        ' gives a point to no district, "intersects" to each that shares it, of which ours takes'
        " the lowest code. geopandas gets points without an index, as a file gives them; an index"
        " kept from an earlier join saves it about a third. dask-geopandas takes the memory of"
        " points for a fifteenth of what it is: give its workers room.",
    ),
    Benchmark(
        "cluster",
        "The join over several processes",
        "An archive of 20 million points in parts, joined by one worker process and by two.",
    ),
    Benchmark(
        "ingest",
        "A file becomes a revision",
        "A synthetic file of ACLED's 31 columns: read, checked, placed, compared with what is"
        " there, accounted for row by row and published. Its peers only read or insert its rows.",
    ),
    Benchmark(
        "store",
        "Publishing and reading the store",
        "The same synthetic incidents published, read back whole, and filtered and counted by"
        " district. The peer writes and reads Parquet files with pandas: no revisions, no"
        " transaction, no second writer.",
    ),
    Benchmark(
        "growth",
        "Growth with the number of incidents",
        "What the first view of a synthetic store costs, and the next ones, as the store grows. The"
        " peer counts the same incidents by district and month with a plain pandas group-by; ours"
        " also sums people with their lower and upper ends, sets classes and gathers the points.",
    ),
    Benchmark(
        "map",
        "The map page in a browser",
        "First visit, time slider, change of filter, many points and many readers, beside a plain"
        " Streamlit and Folium app on the same synthetic store.",
    ),
    Benchmark(
        "slides",
        "A slide of a view",
        "One slide as a picture, beside a screenshot of a plain Folium map; PPTX and a deck by"
        " themselves.",
    ),
    Benchmark(
        "start_up",
        "From the command to the first map",
        "`make run` until Chromium shows 34 provinces, beside `streamlit hello` until its heading"
        " stands.",
    ),
    Benchmark(
        "alerts",
        "False alerts",
        "How often an alert is false on synthetic counts in which nothing ever changes. No speed is"
        " measured.",
    ),
    Benchmark(
        "store_load",
        "Writers and readers at once",
        "Processes that publish, correct, withdraw and read at the same time, on both engines;"
        " every revision is compared with what its publications make.",
        ("--operations", "400", "--writers", "4", "--readers", "6"),
    ),
    Benchmark(
        "hosted_load",
        "Signed-in sessions",
        "The dashboard as it is hosted: two processes behind nginx, on PostgreSQL; sessions that"
        " change a filter every 3 seconds in the mean.",
        ("--sessions", "20", "--seconds", "60"),
    ),
    Benchmark(
        "soak",
        "An hour of use",
        "Readers come and go; what memory, files and connections do meanwhile.",
        ("--minutes", "5", "--warm-up-minutes", "2"),
    ),
)
BY_NAME = {one.name: one for one in BENCHMARKS}


def benchmark_of(result: str) -> Benchmark | None:
    """Return the benchmark that a result is of: ``join_10m`` is one of ``join``."""
    names = [name for name in BY_NAME if result == name or result.startswith(f"{name}_")]
    return BY_NAME[max(names, key=len)] if names else None
