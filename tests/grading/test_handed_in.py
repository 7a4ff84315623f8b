"""Every kind of notebook gets the row that it deserves, and none does harm."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import assignments
import handed_in
import pytest

from conftest import file_of

pytestmark = pytest.mark.xdist_group("grading")

NAMES = list(
    handed_in.cases(
        assignments.solved(assignments.SOURCES / f"{handed_in.EXERCISE}.md"), Path("outside")
    )
)


@pytest.mark.parametrize("name", NAMES)
def test_row(graded, name):
    case = graded.cases[name]
    result, row = (found[file_of(name, case)] for found in (graded.results, graded.rows))
    said = " ".join([part["said"] for part in result["parts"]] + result["notes"])
    assert case.said in said
    if case.points is None:
        assert row["status"] == "not graded"
        assert (row["points"], row["exercise"]) == ("0", "")
    else:
        assert tuple(part["points"] for part in result["parts"]) == case.points, said
        assert row["points"] == str(sum(case.points))
        assert (row["possible"], row["to mark by hand"]) == ("12", "2")


def test_there_are_as_many_rows_as_files(graded):
    assert len(graded.rows) == len(graded.cases) >= 30


def test_nothing_outside_was_touched(graded):
    assert list(graded.outside.iterdir()) == []


def test_a_name_is_no_formula(graded):
    text = (graded.out / "grades.csv").read_text(encoding="utf-8")
    assert not re.search(r'(^|[,;\t])\s*"?[=+@-]', text, flags=re.MULTILINE)
    assert not re.search("[\x1b\u202e]", text)


class Tags(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found |= {tag, *(f"@{name}" for name, _ in attrs)}


def pages(graded):
    return [graded.out / "summary.html", *sorted((graded.out / "feedback").iterdir())]


def test_feedback_holds_no_markup_of_a_student(graded):
    for path in pages(graded):
        found = Tags(path.read_text(encoding="utf-8")).found
        assert not found & {"script", "img", "iframe", "object", "@onerror", "@src"}, path.name
    (own,) = (graded.out / "feedback").glob("script-*.html")
    shown = own.read_text(encoding="utf-8")
    assert "<script>alert(2)</script>" in unescape(shown)
    assert "<script>alert('prose')</script>" in unescape(shown)


def test_feedback_holds_no_solution_and_no_hidden_test(graded):
    source = (assignments.SOURCES / f"{handed_in.EXERCISE}.md").read_text(encoding="utf-8")
    hidden = re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", source, re.DOTALL)
    lines = {line.strip() for part in hidden for line in part.splitlines() if len(line) > 25}
    assert len(lines) > 10
    # The solved notebook is handed in as "correct"; its prose is its student's own.
    for path in pages(graded):
        shown = unescape(path.read_text(encoding="utf-8"))
        assert not [line for line in lines if line in shown and "$" not in line], path.name


def test_every_student_has_one_page(graded):
    assert len(pages(graded)) - 1 == len({row["student"] for row in graded.rows.values()})


def test_much_output_is_cut(graded):
    assert len(graded.results["talks.ipynb"]["printed"]) <= 20_000
    assert len("".join(graded.results["shouts.ipynb"]["notes"])) <= 400
