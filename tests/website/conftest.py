"""One browser, one server, and one visit of each page under each look, shared by the tests."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator

import pytest
from browser import MISSING, find
from pages import SITE
from playwright.sync_api import Browser, sync_playwright
from serve import serving
from visit import Look, Visit, make_visits


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """The built site, served on a free port of this machine, below the path that it is made for."""
    assert (SITE / "index.html").is_file(), f"{SITE} holds no built site; run: make book"
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def program() -> str:
    """The browser's path."""
    found = find()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return found


@pytest.fixture(scope="session")
def browser(program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def visit(browser: Browser, origin: str) -> Callable[[str, Look], Visit]:
    """Visit a page under a look; all tests of the same page share the one visit."""

    @functools.cache
    def once(page: str) -> dict[Look, Visit]:
        return make_visits(browser, origin, page)

    return lambda page, look: once(page)[look]
