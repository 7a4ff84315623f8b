"""Every page of the built site, under every look: formulas, pictures, width, accessibility."""

from __future__ import annotations

import pytest
from known_violations import ours
from pages import all_pages, each
from visit import LOOKS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("look", LOOKS, ids=str),
    pytest.mark.parametrize("page", each(all_pages())),
]


def test_every_formula_is_rendered(visit, page, look):
    measures = visit(page, look).measures
    assert measures["mathErrors"] == []
    assert measures["rendered"] == measures["formulas"]


def test_nothing_is_wider_than_the_window(visit, page, look):
    measures = visit(page, look).measures
    assert measures["pageWidth"] <= measures["windowWidth"], measures["tooWide"]
    assert measures["tooWide"] == []


def test_on_a_wide_screen_no_formula_is_cut(visit, page, look):
    if look.width < 1000:
        pytest.skip("a phone scrolls them")
    assert visit(page, look).measures["scrolling"] == []


def test_every_picture_shows_and_has_alt_text(visit, page, look):
    measures = visit(page, look).measures
    assert measures["withoutAlt"] == []
    assert measures["broken"] == []


def test_no_serious_accessibility_violation_of_ours(visit, page, look):
    found = ours(visit(page, look).violations)
    assert found == [], "\n".join(found)
