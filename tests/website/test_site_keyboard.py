"""A reader without a mouse reaches everything by Tab alone, is never trapped, and always sees where."""

from __future__ import annotations

import pytest
from visit import LOOKS, opened

pytestmark = pytest.mark.browser

NUMBER = """() => {
  const shown = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: false});
  const wanted = [...document.querySelectorAll("a[href], button, input, select, summary, textarea")]
    .filter((e) => shown(e) && !e.disabled && e.type !== "hidden" && e.tabIndex >= 0);
  wanted.forEach((e, i) => (e.dataset.place = i));
  return wanted.map((e) => e.outerHTML.slice(0, 120));
}"""
FOCUSED = """() => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  const seen = style.outlineStyle !== "none" || style.boxShadow !== "none" || e.matches("mjx-container");
  return {place: e.dataset.place, seen, html: e.outerHTML.slice(0, 120)};
}"""


@pytest.mark.parametrize(
    "path", ["book/index.html", "book/exercises/03_how_fast_error_decays.html"]
)
@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[1]], ids=str)
def test_tab_reaches_every_control(browser, origin, path, look):
    with opened(browser, origin, path, look) as (page, _):
        wanted = page.evaluate(NUMBER)
        reached, unseen = set(), []
        for _ in range(3 * len(wanted) + 100):
            page.keyboard.press("Tab")
            now = page.evaluate(FOCUSED)
            if now["place"] is None:
                continue
            if not now["seen"]:
                unseen.append(now["html"])
            if int(now["place"]) in reached and len(reached) == len(wanted):
                break
            reached.add(int(now["place"]))
        assert [html for place, html in enumerate(wanted) if place not in reached] == []
        assert unseen == []


def test_the_first_tab_skips_to_the_text(browser, origin):
    with opened(browser, origin, "book/03_how_fast_error_decays.html", LOOKS[0]) as (page, _):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_timeout(100)
        assert page.evaluate("location.hash") == "#main-content"


def test_folded_answers_open_by_keyboard(browser, origin):
    with opened(browser, origin, "book/03_how_fast_error_decays.html", LOOKS[0]) as (page, _):
        folded = page.locator(".bd-article details:not([class])").first
        folded.locator("summary").focus()
        page.keyboard.press("Enter")
        assert folded.evaluate("e => e.open")
