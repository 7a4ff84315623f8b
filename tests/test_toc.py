"""The table of contents names every page of the book, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import yaml
from chapters import BOOK, CHAPTERS, ROOT


def entries(node: dict) -> Iterator[str]:
    """Yield every file that the toc names, in reading order."""
    for key in ("root", "file"):
        if key in node:
            yield node[key]
    for key in ("parts", "chapters", "sections"):
        for child in node.get(key, []):
            yield from entries(child)


TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
ENTRIES = list(entries(TOC))


def page_of(entry: str) -> Path | None:
    found = [ROOT / f"{entry}{suffix}" for suffix in (".ipynb", ".md")]
    return next((path for path in found if path.is_file()), None)


@pytest.mark.parametrize("entry", ENTRIES)
def test_entry_is_a_page_with_one_title(entry):
    page = page_of(entry)
    assert page, f"_toc.yml names {entry}, and there is no {entry}.ipynb or {entry}.md"
    if page.suffix == ".ipynb":
        cells = nbformat.read(page, as_version=4).cells
        lines = "\n".join(c.source for c in cells if c.cell_type == "markdown").splitlines()
    else:
        lines = page.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("# ") for line in lines) == 1


def test_every_page_is_in_the_toc_once():
    written = [
        p.relative_to(ROOT).with_suffix("").as_posix()
        for p in BOOK.rglob("*")
        if ".ipynb_checkpoints" not in p.parts and p.suffix in {".ipynb", ".md"}
    ]
    assert sorted(ENTRIES) == sorted(written)


def test_chapters_come_in_the_order_of_their_numbers():
    numbered = [p.relative_to(ROOT).with_suffix("").as_posix() for p in CHAPTERS]
    assert [entry for entry in ENTRIES if entry in numbered] == numbered


def test_the_book_opens_with_its_index():
    assert TOC["root"] == "book/index"
