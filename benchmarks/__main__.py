"""All benchmarks, or some: each in a process of its own, one after the other, then the report.

Run it with `make bench`, `make bench NAME=join` or `python -m benchmarks [NAME...] [--full]`. One
that fails does not stop the others; it ends with 1 where one has failed or missed its aim. All of
them together take the long ones in a shorter form unless `--full` is given; one that is named runs
in its own full form. Progress goes to stderr, so that the last line of a single benchmark is its
own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import report
from benchmarks.known import BENCHMARKS, BY_NAME, Benchmark, benchmark_of
from benchmarks.result import RESULTS
from conflictmap.settings import ROOT


@dataclass
class Outcomes:
    """What came of a run, by the names of the benchmarks."""

    failed: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    missing: dict[str, list[str]] = field(default_factory=dict)  # peers

    @property
    def words(self) -> list[str]:
        """Return what has to be known, a line each; nothing where all is well."""
        lines = [f"failed: {', '.join(self.failed)}"] if self.failed else []
        lines += [f"missed an aim: {', '.join(self.missed)}"] if self.missed else []
        return lines + [
            f"without {', '.join(peers)}: {name}" for name, peers in self.missing.items()
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BY_NAME)}; or all")
    parser.add_argument("--full", action="store_true", help="the long ones in their full form")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(BY_NAME)):
        parser.error(f"There is no benchmark {', '.join(unknown)}. There are {', '.join(BY_NAME)}.")
    chosen = [one for one in BENCHMARKS if not options.names or one.name in options.names]
    is_short = not options.names and not options.full
    outcomes = run_all({one.name: command_of(one, is_short=is_short) for one in chosen})
    report.main()
    for line in outcomes.words:
        _tell(line)
    return 1 if outcomes.failed or outcomes.missed else 0


def command_of(benchmark: Benchmark, *, is_short: bool) -> list[str]:
    """Return how a benchmark is started."""
    more = benchmark.short if is_short else ()
    return [sys.executable, "-m", f"benchmarks.{benchmark.name}", *more]


def run_all(commands: dict[str, list[str]], results: Path = RESULTS) -> Outcomes:
    """Run each command to its end, whatever became of the one before."""
    outcomes = Outcomes()
    for number, (name, command) in enumerate(commands.items(), 1):
        _tell(f"[{number} of {len(commands)}] {name}: {' '.join(command[1:])}")
        before = _kept(results, name)
        started = time.monotonic()
        code = subprocess.run(command, cwd=ROOT).returncode
        after = _kept(results, name)
        new = [path for path, content in after.items() if content != before.get(path)]
        found = [json.loads(after[path]) for path in new]
        has_missed = any(
            aim.get("is_met") is False for result in found for aim in result["aims"].values()
        )
        peers = [peer for result in found for peer in result["figures"].get("missing") or ()]
        if peers:
            outcomes.missing[name] = peers
        if has_missed:
            outcomes.missed.append(name)
        elif code:
            outcomes.failed.append(name)
        _tell(f"[{number} of {len(commands)}] {name}: {_seconds(time.monotonic() - started)}")
    return outcomes


def _kept(results: Path, name: str) -> dict[str, str]:
    """Return the results of a benchmark as they are now, by file."""
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in results.glob(f"{name}*.json")
        if (found := benchmark_of(path.stem)) and found.name == name
    }


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
