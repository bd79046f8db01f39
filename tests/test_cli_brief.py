"""A brief from the command line: of any period, kept, made again as it was known, and compared."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pptx import Presentation

from conflictmap import cli
from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.brief.make import make_brief
from conflictmap.brief.scope import read_scope
from conflictmap.store import keep_brief, load_tables, open_store, publish
from conflictmap.views.facts import load_facts
from tests.synthetic import shipped_edition

FORMATS = ("docx", "pptx", "pdf", "md")
ARTICLE = ["--source", "8am-2022-12"]


@pytest.fixture
def store_path(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Address of a store of the shipped data that a test may publish to."""
    path = tmp_path / "store.sqlite"
    path.write_bytes(Path(store_url.removeprefix("sqlite:///")).read_bytes())
    url = f"sqlite:///{path}"
    monkeypatch.setenv("CONFLICTMAP_STORE", url)
    return url


def correct_one_figure(url: str) -> None:
    """Publish a synthetic correction: 53 killed become 54."""
    store = open_store(url)
    rows = load_tables(store, viewer=LOCAL_ADMINISTRATOR)["casualties"]
    old = rows[(rows["source_id"] == "8am-2022-12") & (rows["best"] == 53)].head(1)
    new = old.assign(**{end: pd.array([54], dtype="Int64") for end in ("low", "best")})
    publish(
        store,
        {"casualties": new},
        withdrawals={"casualties": old},
        viewer=LOCAL_ADMINISTRATOR,
        note="synthetic correction",
    )


def test_brief_of_an_article_is_printed_as_markdown(store_path, capsys):
    assert cli.main(["brief", *ARTICLE]) == 0
    shown = capsys.readouterr().out
    assert "96" in shown
    assert "Revision 5." in shown


def test_month_of_either_calendar_is_a_period(store_path, capsys):
    assert cli.main(["brief", "--month", "2025-01"]) == 0
    assert "January 2025 (12 Jadi to 12 Dalw 1403)" in capsys.readouterr().out
    assert cli.main(["brief", "--solar-hijri-month", "1401-09"]) == 0
    assert "Qaws 1401" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--month", "2025-13"], "'2025-13' is no month"),
        (["--month", "January"], "'January' is no month"),
        (["--month", "2025-01", "--from", "2025-01-01"], "Give one period"),
        (["--format", "docx"], "needs --output FILE"),
        (["--kept", "9"], "There is no kept brief 9"),
        (["--source", "nobody"], "no report of the id 'nobody'"),
    ],
)
def test_what_is_no_brief_is_said(store_path, capsys, arguments, said):
    assert cli.main(["brief", *arguments]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("kind", FORMATS)
def test_kept_brief_is_made_again_byte_for_byte_after_the_figures_were_revised(
    store_path, tmp_path, capsys, kind
):
    first, again, now = (tmp_path / f"{name}.{kind}" for name in ("first", "again", "now"))
    write = ["--format", kind, "--output"]
    assert cli.main(["brief", *ARTICLE, *write, str(first), "--keep", "The article"]) == 0
    assert "Kept as brief 1." in capsys.readouterr().out
    correct_one_figure(store_path)
    assert cli.main(["brief", "--kept", "1", *write, str(again)]) == 0
    assert again.read_bytes() == first.read_bytes()
    assert cli.main(["brief", *ARTICLE, *write, str(now)]) == 0
    assert now.read_bytes() != first.read_bytes()


def test_what_changed_since_names_the_figure_and_its_effect(store_path, tmp_path, capsys):
    assert cli.main(["brief", *ARTICLE, "--keep", "The article"]) == 0
    assert cli.main(["brief", "--kept", "1", "--changes"]) == 0
    assert "Nothing has changed between revision 5 and 5." in capsys.readouterr().out
    correct_one_figure(store_path)
    assert cli.main(["brief", "--kept", "1", "--changes"]) == 0
    shown = capsys.readouterr().out
    assert "Killed: at least 98 then, at least 99 now (+1: +1 by figures revised)." in shown
    assert "was low 53, best 53" in shown
    assert "is low 54, best 54" in shown


def test_kept_briefs_are_listed(store_path, capsys):
    assert cli.main(["brief", "--list"]) == 0
    assert "No brief is kept." in capsys.readouterr().out
    assert cli.main(["brief", "--month", "2025-01", "--keep", "January"]) == 0
    assert cli.main(["brief", "--list"]) == 0
    assert "January" in capsys.readouterr().out


# --- verified


def edited(path: Path, before: str, after: str) -> None:
    """Replace a text on the slides of a PPTX."""
    deck = Presentation(str(path))
    changed = 0
    for slide in deck.slides:
        for shape in slide.shapes:
            cells = (
                [cell for row in shape.table.rows for cell in row.cells] if shape.has_table else []
            )
            frames = [shape.text_frame] if shape.has_text_frame else []
            for frame in [*frames, *(cell.text_frame for cell in cells)]:
                for run in (run for part in frame.paragraphs for run in part.runs):
                    changed += before in run.text
                    run.text = run.text.replace(before, after)
    assert changed
    deck.save(str(path))


@pytest.mark.parametrize("kind", ["pptx", "pdf"])
def test_brief_is_verified_as_it_was_made_and_after_figures_were_revised(
    store_path, tmp_path, capsys, kind
):
    path = tmp_path / f"brief.{kind}"
    arguments = ["brief", *ARTICLE, "--format", kind, "--marking", "INTERNAL"]
    assert cli.main([*arguments, "--output", str(path)]) == 0
    assert cli.main(["verify", str(path)]) == 0
    assert "It is as it was made." in capsys.readouterr().out
    correct_one_figure(store_path)
    assert cli.main(["verify", str(path)]) == 2
    shown = capsys.readouterr().out
    assert "It is as it was made." in shown
    assert "Killed: at least 98 then, at least 99 now" in shown


def test_number_changed_in_a_brief_is_told_with_its_slide(store_path, tmp_path, capsys):
    path = tmp_path / "brief.pptx"
    assert cli.main(["brief", *ARTICLE, "--format", "pptx", "--output", str(path)]) == 0
    edited(path, "at least 73", "at least 37")
    assert cli.main(["verify", str(path)]) == 3
    shown = capsys.readouterr().out
    assert "slide 2: the file says" in shown
    assert "at least 37" in shown


def test_words_of_an_editor_are_no_tampering_and_are_named(store_path, tmp_path, capsys):
    store = open_store(store_path)
    scope = {"source": ["8am-2022-12"]}
    facts = load_facts(store, shipped_edition(), viewer=LOCAL_ADMINISTRATOR)
    key = next(iter(make_brief(facts, read_scope(scope)).paragraphs))
    keep_brief(
        store,
        name="In other words",
        revision=5,
        scope=scope,
        wording={key: "In the words of an editor."},
        viewer=LOCAL_ADMINISTRATOR,
    )
    path = tmp_path / "brief.pptx"
    assert cli.main(["brief", "--kept", "1", "--format", "pptx", "--output", str(path)]) == 0
    assert cli.main(["verify", str(path)]) == 0
    assert "Some wording was edited by hand" in capsys.readouterr().out
