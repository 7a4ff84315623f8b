"""In Colab, simulated: every chapter runs, with live figures, and says nothing that would puzzle.

The machine has a graphics processor, or so torch says: no chapter may reach for it, because the nets are
small, and the numbers those of a processor. Training again what the chapters train takes minutes, so
only `make hosted` runs the long ones to their end.
"""

from __future__ import annotations

import re

import pytest
from chapters import CHAPTERS, read
from machine import VIEW, colab, errors, outputs, run, warnings

pytestmark = pytest.mark.usefixtures("colab_is_there")
EXPLORE = re.compile(r"^explore\(", re.MULTILINE)
# The first cell that computes for long: the quick run ends before it.
LONG = {
    "01_deep_products": "cell-076",
    "05_lstm_of_1997": "cell-095",
    "06_learning_to_forget": "cell-024",
    "07_training_an_lstm": "cell-083",
    "08_gru_versus_lstm": "cell-065",
    "09_gating_and_the_jacobian": "cell-080",
    "10_experiments_of_1997": "cell-042",
    "11_long_memory": "cell-056",
}


def check(notebook, folder, course):
    done = run(notebook, folder, colab(course, gpu=True))
    assert errors(done) == {}
    assert warnings(done) == []
    code = [cell for cell in done.cells if cell.cell_type == "code"]
    live = {cell.id for cell, output in outputs(done) if VIEW in output.get("data", ())}
    assert live == {cell.id for cell in code if EXPLORE.search(cell.source)}


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs(path, course, tmp_path):
    notebook = read(path).copy()
    if path.stem in LONG:
        names = [cell.id for cell in notebook.cells]
        notebook.cells = notebook.cells[: names.index(LONG[path.stem])]
    check(notebook, tmp_path, course)


@pytest.mark.hosted
@pytest.mark.parametrize("stem", LONG)
def test_long_chapter_runs_to_its_end(stem, course, tmp_path):
    (path,) = (path for path in CHAPTERS if path.stem == stem)
    check(read(path), tmp_path, course)
