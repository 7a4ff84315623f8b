"""Where the built site is, and which pages it has."""

from __future__ import annotations

import pytest
from serve import SITE, base

BASE = base()


def all_pages() -> list[str]:
    """Return every page of the built site, as paths below it; empty when it is not built."""
    pages = (path.relative_to(SITE) for path in SITE.rglob("*.html"))
    # The theme leaves two of its templates among its static files.
    return sorted(page.as_posix() for page in pages if page.parts[0] != "_static")


def each(pages: list[str]) -> list[pytest.param]:
    """Give all tests of a page to the same worker, which then visits it only once."""
    return [pytest.param(page, marks=pytest.mark.xdist_group(page)) for page in pages]


def chapter_pages() -> list[str]:
    return [page for page in all_pages() if page.startswith("book/")]
