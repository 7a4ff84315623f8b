"""The chapters as the tests of the book read them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
CHAPTERS = sorted(BOOK.glob("[0-9][0-9]_*.ipynb"))
EXERCISES = sorted(BOOK.glob("exercises/*.ipynb"))


@cache
def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


@cache
def config() -> dict:
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


def repository_url() -> str:
    return config()["repository"]["url"]


def published_address() -> str:
    return config()["html"]["baseurl"]


def code_cells(path: Path) -> list[NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def markdown(path: Path) -> str:
    """Return all of a chapter's Markdown, cells parted by a blank line."""
    return "\n\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")


def prose(path: Path) -> str:
    """Return a chapter's Markdown without fenced code, inline code and formulas."""
    text = re.sub(r"```.*?```", " ", markdown(path), flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    return re.sub(r"`[^`\n]*`|\$[^$\n]*\$", " ", text)


def sections(path: Path) -> dict[str, str]:
    """Return the text below each second-level heading, in order; what comes before is under ''."""
    parts = re.split(r"^## +(.+?) *$", markdown(path), flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])
