"""nbgrader's own tools work on the same notebooks: answers in words are marked with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import assignments
import pytest
from handed_in import EXERCISE
from nbgrader.api import Gradebook

pytestmark = pytest.mark.xdist_group("grading")

PROGRAMS = Path(sys.executable).parent


def nbgrader(course, *arguments):
    done = subprocess.run(
        [PROGRAMS / "nbgrader", *arguments], cwd=course, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr


def test_answers_in_words_wait_for_a_person(tmp_path):
    course = tmp_path / "course"
    tool = [sys.executable, assignments.ROOT / "tools" / "assignments.py", "--course", course]
    assert subprocess.run(tool, capture_output=True, text=True).returncode == 0
    assert subprocess.run(tool, capture_output=True, text=True).returncode == 2  # it exists now
    nbgrader(course, "generate_assignment", EXERCISE)
    released = (course / "release" / EXERCISE / f"{EXERCISE}.ipynb").read_text(encoding="utf-8")
    assert "SOLUTION" not in released
    handed_in = course / "submitted" / "ada" / EXERCISE / f"{EXERCISE}.ipynb"
    handed_in.parent.mkdir(parents=True)
    handed_in.write_text(released.replace("YOUR ANSWER HERE", "One each."), encoding="utf-8")
    nbgrader(course, "autograde", EXERCISE, "--no-execute", "--create")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        notebook = book.find_submission_notebook(EXERCISE, EXERCISE, "ada")
        assert notebook.needs_manual_grade
        prose = book.find_grade("cost", EXERCISE, EXERCISE, "ada")
        assert (prose.max_score, prose.needs_manual_grade) == (2, True)
