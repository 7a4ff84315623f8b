"""Every responsive figure of the built site moves by keyboard alone, with no kernel behind it."""

from __future__ import annotations

import pytest
from pages import chapter_pages, each
from playwright.sync_api import Locator, Page
from visit import LOOKS, opened

pytestmark = pytest.mark.browser


def picture(figure: Locator) -> tuple[str, str]:
    image = figure.locator("img")
    return image.get_attribute("src"), image.get_attribute("alt")


def expect_change(page: Page, figure: Locator, before: tuple[str, str], what: str) -> None:
    src, alt = before
    page.wait_for_timeout(60)
    now_src, now_alt = picture(figure)
    assert now_src != src, f"{what} left the picture as it was"
    assert now_alt != alt, f"{what} changed the picture and left its alt text: {alt!r}"


def move_range(page: Page, figure: Locator, control: Locator) -> None:
    label = control.evaluate("e => e.labels[0]?.innerText || e.getAttribute('aria-label')")
    assert label, f"a slider without a label: {control.evaluate('e => e.outerHTML')}"
    output = control.locator("xpath=ancestor::label//output | ../output").first
    control.focus()
    for key in ("End", "Home", "ArrowRight", "ArrowLeft"):
        value, shown, before = control.input_value(), output.inner_text(), picture(figure)
        page.keyboard.press(key)
        if control.input_value() == value:
            continue
        expect_change(page, figure, before, f"{label}: {key}")
        assert output.inner_text() != shown, f"{label}: {key} left the shown value {shown!r}"
    low, high = (control.get_attribute(name) for name in ("min", "max"))
    page.keyboard.press("Home")
    assert float(control.input_value()) == float(low)
    page.keyboard.press("End")
    assert float(control.input_value()) == float(high)


def move_select(page: Page, figure: Locator, control: Locator) -> None:
    control.focus()
    for key in ("ArrowDown", "ArrowUp"):
        value, before = control.input_value(), picture(figure)
        page.keyboard.press(key)
        if control.input_value() != value:
            expect_change(page, figure, before, f"select: {key}")
    assert control.locator("option").count() > 1


@pytest.mark.parametrize("path", each(chapter_pages()))
def test_every_control_changes_its_figure(browser, origin, path):
    with opened(browser, origin, path, LOOKS[0]) as (page, found):
        for figure in page.locator(".lc-explore").all():
            ranges = figure.locator("input[type=range]").all()
            selects = figure.locator("select").all()
            assert ranges or selects, "a responsive figure without a control"
            for control in ranges:
                move_range(page, figure, control)
            for control in selects:
                move_select(page, figure, control)
        assert found.complaints == []
