"""The process of one way of joining: it makes itself ready, and takes a turn for every line.

It is started by `benchmarks.joining.beside`, and answers with a line of JSON each time.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks.joining.given import read_given
from benchmarks.joining.turn import MissingPeerError, take_turn


def main() -> int:
    """Take turns until nothing more is asked."""
    module, options, folder, answer_file = sys.argv[1:]
    # Libraries may print: what they say goes to the log, so that the answers stand alone.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers are stopped, too

    def tell(answer: object) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    with ExitStack() as stack:
        try:
            prepared = importlib.import_module(module).prepared
            given = read_given(Path(folder))
            join = stack.enter_context(prepared(given, **json.loads(options)))
        except (ModuleNotFoundError, MissingPeerError) as missing:
            tell({"missing": str(missing)})
            return 0
        tell({"notes": dict(join.notes)})
        for _ in sys.stdin:
            tell(take_turn(join, Path(answer_file)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
