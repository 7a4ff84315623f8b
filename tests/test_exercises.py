"""The assignable notebooks: complete, without solutions, marked as they should be."""

from __future__ import annotations

import re
from functools import cache

import assignments
import nbformat
import pytest
from chapters import CHAPTERS, read

from grading import exercises, sandbox
from grading.marking import Settings, mark
from grading.submissions import Submission

SOURCES = sorted(assignments.SOURCES.glob("*.md"))
each = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
student = cache(assignments.student)
solved = cache(assignments.solved)


def marks(cell):
    return cell.metadata.get("nbgrader", {})


def test_every_chapter_has_one():
    assert {path.stem for path in CHAPTERS} <= {source.stem for source in SOURCES}


@each
def test_the_stored_notebook_is_what_the_source_gives(source):
    stored = assignments.STUDENTS / f"{source.stem}.ipynb"
    assert stored.read_text(encoding="utf-8") == assignments.text(student(source)), (
        "run: make assignments"
    )


@each
def test_it_says_what_a_student_needs_to_know(source):
    notebook = solved(source)
    assert notebook.cells[0].source == read(CHAPTERS[0]).cells[0].source
    opening = notebook.cells[1].source
    assert opening.startswith(f"# Exercise {int(source.stem[:2])} · ")
    assert f"(../{source.stem}.ipynb)" in opening
    assert re.search(r"\*\*Time\.\*\* About \d+ minutes", opening)
    points = [marks(cell).get("points", 0) for cell in notebook.cells]
    assert f"**Points.** {sum(points)}." in opening
    said = [
        int(n) for cell in notebook.cells for n in re.findall(r"\((\d+) points?\)", cell.source)
    ]
    assert sum(said) == sum(points)


@each
def test_it_has_three_answers_in_code_and_one_in_words(source):
    notebook = solved(source)
    exercise = exercises.load(source.stem, 0)
    assert len(exercise.parts) >= 3
    assert len(exercise.prose) >= 1
    for part in exercise.parts:
        (check,) = (cell for cell in notebook.cells if cell.id == f"{part.name}-check")
        assert marks(check).grade
        assert "### BEGIN HIDDEN TESTS" in check.source
        (answer,) = (cell for cell in notebook.cells if cell.id == part.name)
        assert f"def {part.name}(" in answer.source
        assert "lstm_course" not in answer.source, "the grader's sandbox does not have it"


@pytest.mark.xdist_group("grading")
@each
def test_the_grader_gives_full_marks_for_the_solution_and_none_for_nothing(source, tmp_path):
    try:
        sandbox.check()
    except sandbox.SandboxError as error:
        pytest.skip(str(error))
    for name, notebook in (("solved", solved(source)), ("unsolved", student(source))):
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook, path)
        result = mark(Submission(path, path.name, name), Settings(seed=5))
        wanted = sum(p["possible"] for p in result["parts"]) if name == "solved" else 0
        assert result["points"] == wanted, result["parts"]
        assert result["exercise"] == source.stem
