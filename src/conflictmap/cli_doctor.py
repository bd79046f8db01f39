"""The command ``doctor``: what is well with an installation, what is not and how to mend it."""

from __future__ import annotations

import argparse
import dataclasses
import json
from typing import Any

from conflictmap.settings import Settings

STATES = ("ok", "warning", "wrong")


def add_commands(commands: Any) -> None:
    """Add ``doctor`` to the command's sub-commands."""
    doctor = commands.add_parser(
        "doctor",
        help="look over the installation and the store, and say how to mend what is wrong",
        description="Nothing is changed. Exit codes: 0 nothing is wrong (there may be warnings),"
        " 1 something is.",
    )
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    # Imported here, so that the dashboard does not wait for it when it starts.
    from conflictmap.doctor import examine

    findings = []
    for finding in examine(settings):
        findings.append(finding)
        if not options.json:
            print(f"{finding.state:<8} {finding.name}: {finding.what}", flush=True)
            if finding.mend:
                print(f"{'':<8} {finding.mend}", flush=True)
    worst = max((finding.state for finding in findings), key=STATES.index)
    if options.json:
        said = {"state": worst, "findings": [dataclasses.asdict(each) for each in findings]}
        print(json.dumps(said, ensure_ascii=False, indent=2))
    return 1 if worst == "wrong" else 0
