"""Every link and picture inside the built site leads somewhere, fragments included."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from chapters import BOOK, CHAPTERS, EXERCISES, repository_url
from pages import BASE, SITE, all_pages


@cache
def page(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(path: Path) -> frozenset[str]:
    return frozenset(e.get("id") or e.get("name") for e in page(path).select("[id], a[name]"))


def local_targets(path: Path) -> set[str]:
    found = page(path).select("a[href], img[src], link[href], script[src]")
    targets = {element.get("href") or element.get("src") for element in found}
    return {t for t in targets if not urlsplit(t).scheme and not t.startswith("//")}


def test_the_site_has_every_page_of_the_toc():
    assert len([p for p in all_pages() if p.startswith("book/")]) >= 3, "run: make book"


@pytest.mark.parametrize("name", all_pages())
def test_local_links_resolve(name):
    source = SITE / name
    dead = []
    for target in sorted(local_targets(source)):
        parts = urlsplit(target)
        # The page for addresses that do not exist is shown anywhere, so its links start at the top.
        below = (
            f".{parts.path.removeprefix(BASE.rstrip('/'))}" if name == "404.html" else parts.path
        )
        path = (source.parent / unquote(below)).resolve() if parts.path else source
        if path.is_dir():
            path = path / "index.html"
        known = path.is_file() and path.is_relative_to(SITE)
        if known and parts.fragment and path.suffix == ".html":
            known = unquote(parts.fragment) in anchors(path)
        if not known:
            dead.append(target)
    assert dead == []


@pytest.mark.parametrize(
    "notebook", CHAPTERS + EXERCISES, ids=lambda path: path.relative_to(BOOK).as_posix()
)
def test_notebook_opens_in_colab_and_downloads(notebook):
    name = notebook.relative_to(BOOK).as_posix()
    built = page(SITE / "book" / name.replace(".ipynb", ".html"))
    links = [a["href"] for a in built.select("a[href*='colab.research.google.com']")]
    owner_and_name = repository_url().removeprefix("https://github.com/")
    address = f"https://colab.research.google.com/github/{owner_and_name}/blob/main"
    assert set(links) == {f"{address}/book/{name}"}
    (download,) = built.select("a.btn-download-source-button")
    target = (SITE / "book" / name).parent / download["href"]
    assert target.read_bytes() == notebook.read_bytes()
