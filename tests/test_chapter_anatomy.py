"""Every chapter has the parts that a reader relies on, in the shape that every viewer shows."""

from __future__ import annotations

import re
from statistics import median

import pytest
from chapters import (
    BOOK,
    CHAPTERS,
    code_cells,
    markdown,
    prose,
    read,
    repository_url,
    sections,
    tags,
)

HEADINGS = (
    "What you will be able to do",
    "Summary",
    "Check yourself",
    "Exercises",
    "Sources",
)

pytestmark = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def test_first_cell_makes_the_package_available_anywhere(path):
    first = read(path).cells[0]
    assert first.cell_type == "code"
    assert first.source == read(CHAPTERS[0]).cells[0].source, "differs from the first chapter's"
    assert "remove-cell" in tags(first)
    assert repository_url() in first.source


def test_title_comes_next_and_stands_alone(path):
    assert read(path).cells[1].source.startswith("# ")
    assert len(re.findall(r"^# ", markdown(path), flags=re.MULTILINE)) == 1


def test_opens_with_a_question(path):
    paragraphs = re.split(r"\n\s*\n", sections(path)[""])
    assert any(p.rstrip().endswith("?") for p in paragraphs), (
        "no paragraph or block quote before the first section ends with a question mark"
    )


def test_has_every_section_in_order(path):
    found = list(sections(path))
    assert [heading for heading in found if heading in HEADINGS] == list(HEADINGS)
    assert found[-1] == "Sources"
    empty = [heading for heading, text in sections(path).items() if not text.strip()]
    assert empty == []


def test_names_prerequisites_and_minutes(path):
    opening = sections(path)[""] + sections(path)["What you will be able to do"]
    assert re.search(r"^\*\*Before you start\.\*\* \S", opening, flags=re.MULTILINE)
    assert re.search(r"^\*\*Time\.\*\* .*\d+.* minutes", opening, flags=re.MULTILINE)


def test_says_what_the_reader_will_be_able_to_do(path):
    listed = re.findall(r"^[-*] ", sections(path)["What you will be able to do"], re.MULTILINE)
    assert len(listed) >= 2


def test_check_yourself_has_folded_answers(path):
    text = sections(path)["Check yourself"]
    answers = re.findall(r"<details>(.*?)</details>", text, flags=re.DOTALL)
    assert len(answers) >= 4
    assert text.count("<details>") == text.count("</details>") == text.count("<summary>")
    for answer in answers:
        # Without the blank lines, formulas inside are shown as raw text.
        assert re.fullmatch(r"\s*<summary>.+?</summary>[ ]*\n\s*\n.+\n\s*\n", answer, re.DOTALL), (
            f"an answer wants a blank line after its summary and one before its end: {answer!r}"
        )


def test_every_source_has_a_link(path):
    sources = re.split(r"^(?:[-*]|\d+\.) ", sections(path)["Sources"], flags=re.MULTILINE)[1:]
    assert sources, "the sources are a list"
    unlinked = [s for s in sources if not re.search(r"https://\S+|doi:10\.|arXiv:\d", s)]
    assert unlinked == []


def test_code_cells_are_short(path):
    lengths = [len(cell.source.splitlines()) for cell in code_cells(path)[1:]]
    assert max(lengths) <= 25
    assert median(lengths) <= 6


def test_no_word_talks_down_to_the_reader(path):
    assert re.findall(r"\b(?:simply|obviously)\b", prose(path), flags=re.IGNORECASE) == []


def test_no_myst_that_other_viewers_show_raw(path):
    text = re.sub(r"\$\$.*?\$\$", " ", markdown(path), flags=re.DOTALL)
    directives = re.findall(r"^\s*(?:```+|~~~+|:::+)\s*\{.*", text, flags=re.MULTILINE)
    roles = re.findall(r"\{[a-zA-Z][\w:+-]*\}`[^`]*`", text)
    others = re.findall(r"^\(\S+\)=\s*$|^\+\+\+.*|\{\{.*?\}\}", prose(path), flags=re.MULTILINE)
    assert directives + roles + others == []


def test_links_to_other_pages_resolve(path):
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(path))
    local = {t.partition("#")[0] for t in targets if not re.match(r"[a-z]+:", t)} - {""}
    assert [t for t in sorted(local) if not (BOOK / t).is_file()] == []


def test_cell_numbers_follow_each_other(path):
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1)), "run: make notebooks"
