"""A briefer makes a slide of the view on the map, and a brief; the network is cut all the time."""

from __future__ import annotations

import io

import docx
import pytest

from conflictmap.slides.deck_reading import read_deck
from tests.browser import BrowserPage

WAIT_S = 90


def downloaded(tab: BrowserPage, button: str) -> bytes:
    with tab.page.expect_download(timeout=WAIT_S * 1000) as download:
        tab.page.get_by_role("button", name=button, exact=True).click()
    return download.value.path().read_bytes()


def test_slide_of_the_view_on_the_map_is_two_clicks_away_and_says_the_same(browser_page):
    tab = browser_page
    tab.open("/?measure=killed&source=8am-2022-12")
    tab.wait_for_areas(34, timeout_s=WAIT_S)
    on_map = tab.page.get_by_test_id("stMainBlockContainer").inner_text()
    assert "People killed by province, Afghanistan, all dates" in on_map
    tab.page.get_by_role("link", name="Make a slide of this view").click()
    tab.page.get_by_role("heading", name="Slide of the view on the map").wait_for(
        timeout=WAIT_S * 1000
    )
    preview = tab.page.get_by_test_id("stImage").locator("img")
    preview.wait_for(timeout=WAIT_S * 1000)
    tab.wait_until_still(timeout_s=WAIT_S)
    assert preview.evaluate("image => image.naturalWidth") >= 900
    (slide,) = read_deck(downloaded(tab, "Download the slide"))
    assert "8am-2022-12" in slide.texts["subtitle"]
    assert slide.title.startswith("Kabul holds")
    assert slide.record["revision"] == "5"
    assert tab.foreign_requests == []
    assert tab.console_errors == []


def test_title_and_marking_of_the_briefer_stand_on_the_slide(browser_page):
    tab = browser_page
    tab.open("/slides")
    tab.page.get_by_test_id("stImage").wait_for(timeout=WAIT_S * 1000)
    title = "Ours: {{7*7}} <img src=x onerror=alert(1)> & ]]>"
    tab.page.get_by_role("textbox", name="Title").fill(title)
    tab.page.get_by_role("textbox", name="Title").press("Control+Enter")
    tab.page.get_by_role("textbox", name="Handling marking").fill("INTERNAL USE ONLY")
    tab.page.get_by_role("textbox", name="Handling marking").press("Enter")
    tab.wait_until_still(timeout_s=WAIT_S)
    (slide,) = read_deck(downloaded(tab, "Download the slide"))
    assert slide.title == title
    assert slide.texts["marking"] == "INTERNAL USE ONLY"
    assert slide.texts["marking below"] == "INTERNAL USE ONLY"
    assert tab.console_errors == []


def test_template_that_is_no_presentation_is_refused_in_words(browser_page):
    tab = browser_page
    tab.open("/slides")
    tab.page.get_by_test_id("stImage").wait_for(timeout=WAIT_S * 1000)
    tab.page.locator("input[type=file]").set_input_files(
        {"name": "ours.pptx", "mimeType": "application/zip", "buffer": b"GIF89a no presentation"}
    )
    tab.page.get_by_text("There is no slide of this.").wait_for(timeout=WAIT_S * 1000)
    assert tab.page.get_by_role("button", name="Download the slide").count() == 0
    assert tab.page.get_by_test_id("stException").count() == 0
    assert tab.console_errors == []


def test_deck_of_the_steps_is_made_with_its_progress_and_downloaded(browser_page):
    tab = browser_page
    tab.open("/slides?step=year")
    tab.page.get_by_test_id("stImage").wait_for(timeout=WAIT_S * 1000)
    tab.page.get_by_text("One a step of time", exact=True).click()
    tab.page.get_by_role("button", name="Make the deck").click()
    tab.page.get_by_role("button", name="Download the deck").wait_for(timeout=WAIT_S * 1000)
    slides = read_deck(downloaded(tab, "Download the deck"))
    years = [slide.texts["subtitle"].split(", Afghanistan, ")[1][:4] for slide in slides]
    assert years == sorted(years)
    assert len(years) == 5
    assert tab.console_errors == []


def test_slide_of_the_deployments_is_one_link_away_and_leads_back(browser_page):
    tab = browser_page
    tab.open("/deployments")
    link = tab.page.get_by_test_id("stPageLink-NavLink")
    link.wait_for(timeout=WAIT_S * 1000)
    tab.wait_until_still(timeout_s=WAIT_S)
    link.click()
    tab.page.get_by_test_id("stImage").locator("img").wait_for(timeout=WAIT_S * 1000)
    tab.wait_until_still(timeout_s=WAIT_S)
    (slide,) = read_deck(downloaded(tab, "Download the slide"))
    assert "8 units or groups of units" in slide.title
    assert slide.record["kind"] == "deployments"
    assert tab.foreign_requests == []
    assert tab.console_errors == []


@pytest.mark.parametrize("width", [1440, 390])
def test_brief_is_read_kept_and_opened_again(browser_page, width):
    tab = browser_page
    tab.page.set_viewport_size({"width": width, "height": 900})
    tab.open("/monthly_brief?source=8am-2022-12")
    tab.page.get_by_role("heading", name="Totals").wait_for(timeout=WAIT_S * 1000)
    tab.wait_until_still(timeout_s=WAIT_S)
    shown = tab.page.get_by_test_id("stMainBlockContainer").inner_text()
    assert "at least 96" in shown
    too_wide = tab.page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert too_wide <= 0
    document = docx.Document(io.BytesIO(downloaded(tab, "Download the brief")))
    words = " ".join(part.text for part in document.paragraphs)
    assert "8am-2022-12" in words
    tab.page.get_by_role("button", name="Keep this brief").click()
    tab.page.get_by_role("textbox", name="Name").fill(f"The article, seen {width} wide")
    tab.page.get_by_role("textbox", name="Name").press("Enter")
    tab.page.get_by_role("button", name="Keep", exact=True).click()
    tab.page.get_by_text("Kept as brief").wait_for(timeout=WAIT_S * 1000)
    assert tab.foreign_requests == []
    assert tab.console_errors == []


def test_words_of_an_editor_are_marked_and_stay_in_the_file(browser_page):
    tab = browser_page
    tab.open("/monthly_brief?from=2022-10-05&to=2022-12-05")
    tab.page.get_by_role("heading", name="Totals").wait_for(timeout=WAIT_S * 1000)
    tab.page.get_by_text("Edit the wording", exact=True).click()
    field = tab.page.get_by_role("textbox", name="Paragraph").first
    field.wait_for(timeout=WAIT_S * 1000)
    field.fill("In the words of an editor.")
    field.press("Control+Enter")
    tab.page.get_by_text("Edited by hand.").first.wait_for(timeout=WAIT_S * 1000)
    document = docx.Document(io.BytesIO(downloaded(tab, "Download the brief")))
    words = " ".join(part.text for part in document.paragraphs)
    assert "In the words of an editor." in words
    assert "edited by hand" in words.lower()
    assert tab.console_errors == []
