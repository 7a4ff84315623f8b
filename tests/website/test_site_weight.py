"""What a reader's first visit of a page costs: everything that comes over the line, compressed."""

from __future__ import annotations

from collections import Counter

import pytest
from pages import all_pages, each
from visit import LOOKS

KILO = 1000

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("page", each(all_pages()))]


def needed_for_formulas_or_type(address: str) -> bool:
    return "/mathjax/" in address or ".woff" in address


def test_a_page_is_light(visit, page):
    weights = visit(page, LOOKS[0]).transferred
    assert len(weights) > 10, weights
    heaviest = sorted(weights, key=lambda pair: -pair[1])[:8]
    assert sum(bytes for _, bytes in weights) <= 1500 * KILO, heaviest
    own = sum(bytes for address, bytes in weights if not needed_for_formulas_or_type(address))
    assert own <= 400 * KILO, heaviest


def test_nothing_is_loaded_twice(visit, page):
    counts = Counter(address for address, _ in visit(page, LOOKS[0]).transferred)
    # A browser asks for the page's icon apart from its pictures.
    assert [a for a, count in counts.items() if count > 1 and not a.endswith("/logo.svg")] == []


def test_formulas_cost_nothing_where_there_are_none(visit, page):
    found = visit(page, LOOKS[0])
    loaded = any("/mathjax/" in address for address, _ in found.transferred)
    assert loaded == (found.measures["formulas"] > 0)
