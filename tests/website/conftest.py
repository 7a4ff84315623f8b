"""One browser, one server, and one visit of each page under each look, shared by the tests."""

from __future__ import annotations

import functools
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pages import SITE
from playwright.sync_api import Browser, sync_playwright
from visit import Look, Visit, make_visits

# The names that Chromium and Chrome go by; `.ci/run` installs the first.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing: the tests report what went wrong."""


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """The built site, served on a free port of this machine."""
    assert (SITE / "index.html").is_file(), f"{SITE} holds no built site; run: make book"
    handler = functools.partial(QuietHandler, directory=str(SITE))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        message = f"no browser: none of {', '.join(NAMES)} is on PATH (apt install chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
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
