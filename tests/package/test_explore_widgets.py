"""Figures that respond, live: a slider moved in a running kernel draws a new picture.

Under ipywidgets 8, and under 7.7.1, which Colab has.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

OLD = Path(__file__).resolve().parents[2] / ".venv" / "ipywidgets-7.7.1"
CELLS = [
    """
import gc
import ipywidgets
import matplotlib.pyplot as plt
from lstm_course.explore import explore
from lstm_course.plotting import use_style

use_style()
drawn = []

def draw(rate, kind, steps):
    drawn.append((rate, kind, steps))
    figure, ax = plt.subplots()
    ax.plot(range(steps), [rate * t for t in range(steps)])
    ax.set_title(f"{kind} {rate:.2f} {steps}")
    return figure

def of(kind):
    return [thing for thing in gc.get_objects() if isinstance(thing, kind)]

explore(draw, alt="{rate} {kind} {steps}", labels={"rate": "the rate"}, start={"steps": 20},
        rate=[0.5, 1.0, 2.0], kind=["a", "b"], steps=[10, 20, 40])
""",
    """
(rate,), (kind,), (steps,) = of(ipywidgets.FloatSlider), of(ipywidgets.Dropdown), of(ipywidgets.IntSlider)
(output,) = of(ipywidgets.Output)
print(ipywidgets.__version__)
print(rate.description, rate.min, rate.max, rate.step, steps.value, kind.options)
""",
    "rate.value = 1.7",  # between the values of the stored frames
    "kind.value = 'b'",
    "steps.value = 39",
    """
print(drawn)
(picture,) = output.outputs
print([title in picture["data"]["image/svg+xml"] for title in ("b 1.70 39", "b 1.70 20")])
""",
]


@pytest.mark.parametrize("version", ["installed", "7.7.1"])
def test_moving_a_slider_draws_again(version, monkeypatch):
    monkeypatch.delenv("LSTM_COURSE_STATIC", raising=False)
    if version == "7.7.1":
        if not OLD.is_dir():
            pytest.skip(f"{OLD.name} is not there: `make test` installs it")
        monkeypatch.setenv("PYTHONPATH", str(OLD), prepend=":")
    cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    # A loaded machine may send what one cell prints in several pieces.
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", coalesce_streams=True)
    client.execute()
    (views,) = notebook.cells[0].outputs
    assert "application/vnd.jupyter.widget-view+json" in views.data
    used, controls = notebook.cells[1].outputs[0].text.splitlines()
    assert used.startswith("7.7.1" if version == "7.7.1" else "8.")
    assert controls == "the rate 0.5 2.0 0.1 20 ('a', 'b')"
    calls, titles = notebook.cells[-1].outputs[0].text.splitlines()
    assert calls == "[(0.5, 'a', 20), (1.7, 'a', 20), (1.7, 'b', 20), (1.7, 'b', 39)]"
    assert titles == "[True, False]"
