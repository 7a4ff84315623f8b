"""Serve the built site here as GitHub Pages does: below its path, compressed, with its 404 page.

python tools/serve.py [--port 8000]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RedirectHandler, StaticFileHandler

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"


def base() -> str:
    """The path below which the site is published, such as /lstm-course/."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return urlsplit(config["html"]["baseurl"]).path


class LikePages(StaticFileHandler):
    """A file, or 404.html where there is none."""

    def write_error(self, status: int, **kwargs: object) -> None:
        """Show the site's own page."""
        page = Path(self.root, "404.html")
        self.finish(page.read_bytes() if page.is_file() else f"{status}")


def application(site: Path, path: str) -> Application:
    """The site below a path; the top leads there."""
    rules = [(f"{path}(.*)", LikePages, {"path": str(site), "default_filename": "index.html"})]
    if path != "/":
        rules.append(("/", RedirectHandler, {"url": path, "permanent": False}))
    return Application(rules, compress_response=True, log_function=lambda _: None)


@contextmanager
def serving(site: Path = SITE, path: str | None = None) -> Iterator[str]:
    """Serve a site on a free port while the block runs; gives its address, without a slash at the end."""
    path = base() if path is None else path
    started: Future[tuple[int, Callable[[], None]]] = Future()

    async def run() -> None:
        sockets = bind_sockets(0, "127.0.0.1")
        server = HTTPServer(application(site, path))
        server.add_sockets(sockets)
        done, loop = asyncio.Event(), asyncio.get_running_loop()
        stop = partial(loop.call_soon_threadsafe, done.set)
        started.set_result((sockets[0].getsockname()[1], stop))
        await done.wait()
        server.stop()

    thread = threading.Thread(target=asyncio.run, args=[run()], daemon=True)
    thread.start()
    port, stop = started.result(timeout=30)
    try:
        yield f"http://127.0.0.1:{port}{path.rstrip('/')}"
    finally:
        stop()
        thread.join(timeout=10)


async def serve(port: int) -> None:
    """Serve the built site until the end."""
    application(SITE, base()).listen(port, "127.0.0.1")
    print(f"The book is at http://localhost:{port}{base()}  (Ctrl-C stops)", flush=True)
    await asyncio.Event().wait()


def main() -> int:
    """Serve; 2 if the port is taken or there is no site."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000, help="(default: %(default)s)")
    port = parser.parse_args().port
    if not (SITE / "index.html").is_file():
        parser.error(f"{SITE} holds no built site; run: make book")
    try:
        asyncio.run(serve(port))
    except (OSError, OverflowError) as error:
        parser.error(f"port {port} can't be used ({error}); choose another: make serve PORT=8001")
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
