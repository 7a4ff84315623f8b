"""No line of a solution, and none of a hidden test, is anywhere in the built site."""

from __future__ import annotations

import re
from functools import cache

import assignments
import pytest
from bs4 import BeautifulSoup
from pages import SITE

SOURCES = sorted(assignments.SOURCES.glob("*.md"))


def hidden_lines(source):
    """Lines of solutions and hidden tests that stand nowhere in what the student is given."""
    text = source.read_text(encoding="utf-8")
    pattern = r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END"
    shown = re.sub(pattern, "", text, flags=re.DOTALL)
    lines = {
        line.strip() for part in re.findall(pattern, text, re.DOTALL) for line in part.splitlines()
    }
    return {line for line in lines if len(line) >= 25 and line not in shown}


@cache
def shown() -> dict[str, str]:
    """The text of every file of the site that has one."""
    texts = {}
    for path in SITE.rglob("*"):
        if path.suffix == ".html":
            texts[path.name] = BeautifulSoup(path.read_bytes(), "html.parser").get_text()
        elif path.suffix in {".ipynb", ".md", ".txt", ".js", ".json"}:
            texts[str(path)] = path.read_text(encoding="utf-8", errors="replace")
    return texts


@pytest.mark.xdist_group("solutions")
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_no_line_of_a_solution_is_in_the_site(source):
    lines = hidden_lines(source)
    assert len(lines) >= 5
    # A stored notebook has quotation marks escaped.
    wanted = {form for line in lines for form in (line, line.replace('"', '\\"'))}
    found = {name: [w for w in wanted if w in text] for name, text in shown().items()}
    assert {name: those for name, those in found.items() if those} == {}
