"""Figures that respond, live: a slider moved in a running kernel draws a new picture.

Under the course's own versions, ipywidgets 8 among them, and Colab's, 7.7.1.
"""

from __future__ import annotations

import os

import nbformat
import pytest
from machine import VIEW, colab, errors, run

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


@pytest.mark.parametrize(("kernel", "version"), [("python3", "8."), ("colab", "7.7.1")])
def test_moving_a_slider_draws_again(kernel, version, request, monkeypatch, tmp_path):
    monkeypatch.delenv("LSTM_COURSE_STATIC", raising=False)
    env = dict(os.environ)
    if kernel == "colab":
        request.getfixturevalue("colab_is_there")
        env = colab(request.getfixturevalue("course"))
    cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS]
    done = run(nbformat.v4.new_notebook(cells=cells), tmp_path, env, kernel=kernel)
    assert errors(done) == {}
    (views,) = done.cells[0].outputs
    assert VIEW in views.data
    used, controls = done.cells[1].outputs[0].text.splitlines()
    assert used.startswith(version)
    assert controls == "the rate 0.5 2.0 0.1 20 ('a', 'b')"
    calls, titles = done.cells[-1].outputs[0].text.splitlines()
    assert calls == "[(0.5, 'a', 20), (1.7, 'a', 20), (1.7, 'b', 20), (1.7, 'b', 39)]"
    assert titles == "[True, False]"
