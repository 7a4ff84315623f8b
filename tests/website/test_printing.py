"""A chapter on paper: printed as `make pdf` prints the book."""

from __future__ import annotations

import pdf
import pytest
from pages import SITE
from pypdf import PdfReader

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def printed(browser, tmp_path_factory):
    target = tmp_path_factory.mktemp("paper") / "chapter.pdf"
    pdf.print_page(browser, SITE, "book/03_how_fast_error_decays.html", target)
    return PdfReader(target)


def test_folded_answers_are_printed_open(printed):
    text = "\n".join(page.extract_text() for page in printed.pages)
    assert "Check yourself" in text
    assert "The norm is dominated by recent steps" in " ".join(text.split())


def test_the_outline_has_the_sections(printed):
    titles = [entry.title for entry in printed.outline[1] if not isinstance(entry, list)]
    assert {"Summary", "Check yourself", "Sources"} <= set(titles)


def test_what_only_a_screen_needs_is_left_out(printed):
    text = "\n".join(page.extract_text() for page in printed.pages)
    for words in ("Search", "previous", "Skip to main content"):
        assert words not in text
