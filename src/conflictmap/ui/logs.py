"""The log of a hosted dashboard: what happened and where in the code, and nothing of the data.

Whatever a library wants to say may hold a cell of a table, an address with its filters or a
secret. So of each entry only what is written in the code goes on: the words of the call as they
stand there, without what was to be filled in; of an exception its type and our own lines on its
way, not its message. Words that stand in no code are left out, and the place of the call says who
spoke.
"""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import json
import logging
import sys
import threading
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any

from streamlit import logger as streamlit_logger

from conflictmap.settings import ROOT, Settings

LEFT_OUT = "(words left out)"
_MOST_FRAMES = 20


def install_logs(settings: Settings) -> None:
    """Send everything that this process logs through one handler, as the settings say.

    On a laptop without CONFLICTMAP_LOG=json Streamlit's own log stays as it is.
    """
    if not settings.is_hosted and settings.log == "text":
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log == "json" else TextLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)  # Streamlit's and uvicorn's loggers have levels of their own
    # Streamlit gives each of its loggers a handler of its own, also those that are still to come.
    streamlit_logger.setup_formatter = _leave_to_root
    for name in list(logging.root.manager.loggerDict):
        _leave_to_root(logging.getLogger(name))
    logging.getLogger("uvicorn.access").propagate = False  # the proxy notes who asked for what
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda told: _log_uncaught(
        told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback
    )


class JsonLines(logging.Formatter):
    """One JSON object for each entry."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the entry as a line."""
        return json.dumps(entry(record), ensure_ascii=True)


class TextLines(logging.Formatter):
    """The same as text, for whoever reads along."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the entry as a line."""
        held = entry(record)
        more = [f"{key}={json.dumps(held[key])}" for key in held if key not in _IN_FRONT]
        return " ".join([held["time"], held["level"], f"{held['logger']}:", held["event"], *more])


_IN_FRONT = ("time", "level", "logger", "event")


def entry(record: logging.LogRecord) -> dict[str, Any]:
    """Return what of a log record may be written down."""
    held: dict[str, Any] = {
        "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(
            timespec="milliseconds"
        ),
        "level": record.levelname,
        "logger": record.name,
        "event": _event(record),
        "at": f"{Path(record.pathname).stem}:{record.lineno}",
    }
    if session := _session():
        held["session"] = session
    if record.exc_info and record.exc_info[1] is not None:
        held |= exception_of(record.exc_info[1])
    return held


def exception_of(error: BaseException) -> dict[str, Any]:
    """Return the types of an exception and of its causes, and our own lines on its way."""
    types: list[str] = []
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(types) < _MOST_FRAMES:
        kind = type(cause)
        types.append(f"{kind.__module__}.{kind.__qualname__}")
        for frame in traceback.extract_tb(cause.__traceback__):
            if ours := _below_root(frame.filename):
                lines.append(f"{ours}:{frame.lineno} {frame.name}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return {"exception": types, "stack": lines[-_MOST_FRAMES:]}


def _event(record: logging.LogRecord) -> str:
    words = record.msg
    return words if isinstance(words, str) and words in _words_of(record.pathname) else LEFT_OUT


@lru_cache(maxsize=256)
def _words_of(path: str) -> frozenset[str]:
    """Return the texts that stand in a file of code as they are, not put together there."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
    }
    return frozenset(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
    )


def _below_root(path: str) -> str:
    """Return a file of ours as a path below the project; empty: it is somebody else's."""
    try:
        found = Path(path).resolve().relative_to(ROOT)
    except ValueError:
        return ""
    return "" if found.parts[0].startswith(".") else found.as_posix()


def _session() -> str:
    """Return a short name of the session that is at work, from which nobody finds its id."""
    from streamlit.runtime.scriptrunner_utils import script_run_context

    context = script_run_context.get_script_run_ctx(suppress_warning=True)
    return hashlib.sha256(context.session_id.encode()).hexdigest()[:8] if context else ""


def _leave_to_root(logger: logging.Logger) -> None:
    logger.handlers = []
    logger.propagate = True


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("conflictmap").critical(
        "An error that nobody caught", exc_info=(kind, error, trace)
    )
