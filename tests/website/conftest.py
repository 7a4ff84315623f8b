"""One browser, one server, and one visit of each page under each look, shared by the tests."""

from __future__ import annotations

import asyncio
import functools
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest
from browser import MISSING, find
from pages import BASE, SITE
from playwright.sync_api import Browser, sync_playwright
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, StaticFileHandler
from visit import Look, Visit, make_visits


class LikePages(StaticFileHandler):
    """Serves the site as GitHub Pages does: compressed, and 404.html where there is nothing."""

    def write_error(self, status: int, **kwargs: object) -> None:
        self.finish((SITE / "404.html").read_bytes())


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """The built site, served on a free port of this machine, below the path that it is made for."""
    assert (SITE / "index.html").is_file(), f"{SITE} holds no built site; run: make book"
    started: Future[tuple[int, Callable[[], None]]] = Future()

    async def serve() -> None:
        options = {"path": str(SITE), "default_filename": "index.html"}
        app = Application(
            [(f"{BASE}(.*)", LikePages, options)],
            compress_response=True,
            log_function=lambda _: None,
        )
        sockets = bind_sockets(0, "127.0.0.1")
        server = HTTPServer(app)
        server.add_sockets(sockets)
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        started.set_result(
            (sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(stop.set))
        )
        await stop.wait()
        server.stop()

    thread = threading.Thread(target=asyncio.run, args=[serve()], daemon=True)
    thread.start()
    port, stop = started.result(timeout=30)
    yield f"http://127.0.0.1:{port}{BASE.rstrip('/')}"
    stop()
    thread.join(timeout=10)


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
