"""Every page of the built site, under every look: nothing leaves the site, nothing fails."""

from __future__ import annotations

import pytest
from pages import all_pages, each
from visit import LOOKS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("look", LOOKS, ids=str),
    pytest.mark.parametrize("page", each(all_pages())),
]


def test_no_request_leaves_the_site(visit, page, look):
    assert visit(page, look).external == []


def test_no_request_fails(visit, page, look):
    assert visit(page, look).failed == []


def test_the_console_stays_silent(visit, page, look):
    assert visit(page, look).complaints == []


def test_the_page_follows_the_colour_scheme(visit, page, look):
    assert visit(page, look).measures["theme"] == look.scheme
