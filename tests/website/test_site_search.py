"""A reader who searches finds, in English, in abbreviations, and in the glossary's Chinese."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from visit import LOOKS, opened

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("constant error carousel", "04_constant_error_carousel"),
        ("CEC", "04_constant_error_carousel"),
        ("vanishing", "01_deep_products"),
        ("遗忘门", "notation"),
        ("chrono", "11_long_memory"),
    ],
)
def test_words_are_found(browser, origin, words, page):
    with opened(browser, origin, f"search.html?q={quote(words)}", LOOKS[0]) as (tab, found):
        tab.locator(f"#search-results li a[href*='/{page}.html']").first.wait_for()
        assert found.complaints == []
