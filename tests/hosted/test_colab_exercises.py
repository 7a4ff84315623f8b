"""In Colab, simulated: an exercise solved passes every check, and unsolved says what is missing."""

from __future__ import annotations

import assignments
import nbformat
import pytest
from machine import colab, errors, run, warnings

pytestmark = pytest.mark.usefixtures("colab_is_there")
SOURCES = sorted(assignments.SOURCES.glob("*.md"))
each = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


@each
def test_solved_every_check_passes(source, course, tmp_path):
    done = run(assignments.solved(source), tmp_path, colab(course, gpu=True))
    assert errors(done) == {}
    assert warnings(done) == []


@each
def test_unsolved_every_check_says_what_is_missing(source, course, tmp_path):
    notebook = nbformat.read(assignments.STUDENTS / f"{source.stem}.ipynb", as_version=4)
    checks = {cell.id for cell in notebook.cells if cell.id.endswith("-check")}
    done = run(notebook, tmp_path, colab(course))
    found = errors(done)
    assert found.keys() == checks
    for name, error in found.items():
        assert error.ename == "AssertionError", name
        assert "returns nothing yet" in error.evalue, name
        assert len(error.traceback) < 12, name
    assert warnings(done) == []
