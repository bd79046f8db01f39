"""What the log of a hosted dashboard holds, and what it never holds."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from streamlit import logger as streamlit_logger

from conflictmap.errors import QueryError
from conflictmap.settings import Settings
from conflictmap.ui import logs

PLANTED = "34.123456,69.654321 synthetic-name CONFLICTMAP_COOKIE_SECRET=abc ?adm2=AF-KAB-01"


@pytest.fixture
def record():
    """Returns the records that a call makes."""
    kept: list[logging.LogRecord] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(record)

    logger = logging.getLogger("conflictmap.test")
    logger.propagate = False
    logger.handlers = [Keeper()]
    return lambda log: (log(logger), kept.pop())[1]


def fail_with(cell: str) -> None:
    raise QueryError(f"'{cell}' is no district.")


def caught(logger: logging.Logger) -> None:
    try:
        try:
            fail_with(PLANTED)
        except QueryError as error:
            raise ValueError(PLANTED) from error
    except ValueError:
        logger.exception("A page failed")


@pytest.mark.parametrize(
    ("log", "event"),
    [
        (lambda to: to.warning("Too many pages"), "Too many pages"),
        (lambda to: to.warning("Cell %s", PLANTED), "Cell %s"),
        (lambda to: to.warning("Cell %(cell)s", {"cell": PLANTED}), "Cell %(cell)s"),
        (lambda to: to.warning(f"Cell {PLANTED}"), logs.LEFT_OUT),
        (lambda to: to.warning(PLANTED + "!"), logs.LEFT_OUT),
        (lambda to: to.warning(ValueError(PLANTED)), logs.LEFT_OUT),
        (lambda to: to.warning("Cell " + str(PLANTED)), logs.LEFT_OUT),
    ],
)
@pytest.mark.parametrize("lines", [logs.JsonLines(), logs.TextLines()])
def test_only_words_that_stand_in_the_code_are_written(record, log, event, lines):
    held = record(log)
    assert logs.entry(held)["event"] == event
    written = lines.format(held)
    assert not any(piece in written for piece in PLANTED.split())
    assert "\n" not in written


def test_an_exception_is_its_types_and_our_own_lines(record):
    held = logs.entry(record(caught))
    assert held["exception"] == ["builtins.ValueError", "conflictmap.errors.QueryError"]
    assert [line.split(" ")[1] for line in held["stack"]] == ["caught", "caught", "fail_with"]
    assert all(line.startswith("tests/test_logs.py:") for line in held["stack"])
    assert not any(piece in json.dumps(held) for piece in PLANTED.split())


def test_lines_of_libraries_are_left_out_of_the_stack(record):
    def log(logger: logging.Logger) -> None:
        try:
            json.loads("{" + PLANTED)
        except ValueError:
            logger.exception("A page failed")

    held = logs.entry(record(log))
    assert held["exception"] == ["json.decoder.JSONDecodeError"]
    assert len(held["stack"]) == 1


def test_a_line_of_text_says_the_same(record):
    written = logs.TextLines().format(record(caught))
    assert " ERROR conflictmap.test: A page failed at=" in written
    assert 'exception=["builtins.ValueError"' in written


@pytest.fixture
def logging_as_it_was(monkeypatch):
    """Puts back what `install_logs` changes."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers)
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setattr(streamlit_logger, "setup_formatter", streamlit_logger.setup_formatter)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", sys.modules["threading"].excepthook)
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    held = [(logger, logger.handlers, logger.propagate) for logger in loggers]
    yield
    logging.captureWarnings(False)
    for logger, handlers, propagate in held:
        logger.handlers, logger.propagate = handlers, propagate


def test_every_logger_goes_through_the_one_handler(logging_as_it_was, capsys):
    assert callable(streamlit_logger.setup_formatter)  # Streamlit still has it
    logs.install_logs(Settings(is_hosted=True, log="json"))
    logging.getLogger().handlers[0].setStream(sys.stderr)
    for name in ("streamlit.web.later", "uvicorn.error", "conflictmap.here", "somebody.else"):
        streamlit_logger.get_logger(name) if "streamlit" in name else None
        logging.getLogger(name).warning("Cell %s", PLANTED)
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["Cell %s"] * 4


def test_a_laptop_keeps_the_log_of_streamlit(logging_as_it_was):
    before = list(logging.getLogger().handlers), streamlit_logger.setup_formatter
    logs.install_logs(Settings())
    assert (list(logging.getLogger().handlers), streamlit_logger.setup_formatter) == before


def test_what_nobody_caught_is_one_line_too(logging_as_it_was, capsys):
    logs.install_logs(Settings(is_hosted=True, log="json"))
    logging.getLogger().handlers[0].setStream(sys.stderr)
    try:
        fail_with(PLANTED)
    except QueryError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["exception"] == ["conflictmap.errors.QueryError"]
    assert "69.654321" not in line
