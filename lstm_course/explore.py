"""Figures that respond to the reader: one call, ``explore``, with a face for every place.

- With a live kernel: ipywidgets, those that versions 7.7.1 and 8 share, over the drawing function.
- Stored in a notebook, on the website: every frame drawn beforehand, and a few lines of script. No
  kernel, no network.
- Where scripts don't run: the first frame, a still picture.
"""

from __future__ import annotations

import hashlib
import html
import io
import itertools
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from urllib.parse import quote

import matplotlib.pyplot as plt
from IPython import get_ipython
from IPython.display import HTML, display
from matplotlib.figure import Figure

from lstm_course.plotting import SVG_METADATA

Value = float | int | str
STATIC = "LSTM_COURSE_STATIC"  # set to 1 where notebooks are executed to be stored
MOST_FRAMES = 200  # about 500 kB; more than a reader on a phone should have to load


@dataclass(frozen=True)
class Control:
    """What the reader may turn: a slider over numbers or a choice of words."""

    name: str
    label: str
    values: tuple[Value, ...]
    start: int  # index into values

    @property
    def words(self) -> bool:
        return isinstance(self.values[0], str)


def explore(
    draw: Callable[..., Figure],
    *,
    alt: str | Callable[..., str],
    labels: Mapping[str, str] | None = None,
    start: Mapping[str, Value] | None = None,
    **values: Sequence[Value],
) -> None:
    """Show ``draw(**choice)`` for a choice of values that the reader changes.

    draw
        returns a new matplotlib figure for one value of each name.
    alt
        what the picture shows, for those who can't see it: a text in which ``{name}`` stands for a
        value, or a function of the values that returns the text.
    labels
        what to call a control, where its name won't do.
    start
        the values to begin with; the first of each where nothing is said.
    values
        for each argument of ``draw``, numbers in ascending order (a slider) or words (a menu). On the
        page exactly these can be chosen; with a kernel also the numbers between.

    Raises ValueError or TypeError, before anything is drawn, for values that are empty, mixed or not
    ascending, a start that is not among them, labels of unknown names, or over 200 frames in all.
    """
    controls = _controls(values, labels or {}, start or {})
    describe = alt if callable(alt) else alt.format
    describe(**{control.name: control.values[0] for control in controls})
    kernel = getattr(get_ipython(), "kernel", None)
    if os.environ.get(STATIC) != "1" and kernel and find_spec("ipywidgets"):
        _show_widgets(draw, controls)
    else:
        display(HTML(frames_html(draw, describe, controls)))


def frames_html(
    draw: Callable[..., Figure], describe: Callable[..., str], controls: Sequence[Control]
) -> str:
    """Draw all frames and return them as one HTML figure that needs nothing else."""
    choices = [
        dict(zip((control.name for control in controls), choice, strict=True))
        for choice in itertools.product(*(control.values for control in controls))
    ]
    svgs = [_svg(draw(**choice)) for choice in choices]
    alts = [describe(**choice) for choice in choices]
    number: dict[str, int] = {}  # every piece once, in the order of its first use
    frames = [[number.setdefault(piece, len(number)) for piece in _pieces(svg)] for svg in svgs]
    data = {
        "controls": [
            {
                "label": control.label,
                "kind": "words" if control.words else "numbers",
                "values": [str(value) for value in control.values],
                "start": control.start,
            }
            for control in controls
        ],
        "alts": alts,
        "pieces": list(number),
        "frames": [_runs(frame) for frame in frames],
    }
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    name = "lc-" + hashlib.sha256(packed.encode()).hexdigest()[:12]
    first = 0
    for control in controls:
        first = first * len(control.values) + control.start
    script = (
        (files("lstm_course") / "explore.js").read_text(encoding="utf-8").replace("__ID__", name)
    )
    return (
        f'<figure class="lc-explore" id="{name}">\n'
        f'<img src="data:image/svg+xml,{quote(svgs[first])}" alt="{html.escape(alts[first])}">\n'
        f'<script type="application/json">{packed}</script>\n'
        f"</figure>\n<script>\n{script}</script>"
    )


def _controls(
    values: Mapping[str, Sequence[Value]], labels: Mapping[str, str], start: Mapping[str, Value]
) -> list[Control]:
    if not values:
        raise ValueError("values: got none, expected at least one name with its values")
    for kind, names in (("labels", labels), ("start", start)):
        if unknown := set(names) - set(values):
            raise ValueError(f"{kind}: got {sorted(unknown)}, expected some of {sorted(values)}")
    controls, frames = [], 1
    for name, options in values.items():
        options = tuple(
            v if isinstance(v, str) else v.item() if hasattr(v, "item") else v for v in options
        )
        if len(options) < 2:
            raise ValueError(f"{name}: got {len(options)} values, expected at least 2")
        if len({isinstance(option, str) for option in options}) > 1:
            raise TypeError(f"{name}: got numbers and words, expected only one of the two")
        ascending = all(a < b for a, b in itertools.pairwise(options))
        if not isinstance(options[0], str) and not ascending:
            raise ValueError(f"{name}: got {list(options)}, expected ascending numbers")
        first = start.get(name, options[0])
        if first not in options:
            raise ValueError(f"start: got {name} = {first!r}, expected one of {list(options)}")
        label = labels.get(name, name.replace("_", " "))
        controls.append(Control(name, label, options, options.index(first)))
        frames *= len(options)
    if frames > MOST_FRAMES:
        raise ValueError(f"values: got {frames} combinations, expected at most {MOST_FRAMES}")
    return controls


def _runs(numbers: Sequence[int]) -> list[int]:
    """Write 7, 8, 9, 4, 5 as 7, 3, 4, 2: where each run of successive numbers starts, and how long."""
    runs: list[int] = []
    for number in numbers:
        if runs and number == runs[-2] + runs[-1]:
            runs[-1] += 1
        else:
            runs += [number, 1]
    return runs


def _pieces(svg: str) -> list[str]:
    """Cut an SVG before every group, so that two frames share the pieces in which they agree."""
    return re.split(r"(?=<g[ >])", svg)


def _svg(figure: Figure) -> str:
    """The figure as SVG, smaller than matplotlib writes it."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=dict(SVG_METADATA))
    plt.close(figure)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)  # counted through the figure, and used by nothing
    svg = re.sub(r"<!--.*?-->|\n\s*", lambda part: "" if part[0][0] == "<" else " ", svg)
    return re.sub(r' (?:d|x|y|transform)="[^"]*"', lambda part: _rounded(part[0]), svg)


def _rounded(attribute: str) -> str:
    """A tenth of a point is not seen."""
    return re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", attribute)


def _show_widgets(draw: Callable[..., Figure], controls: Sequence[Control]) -> None:
    import ipywidgets as widgets

    def show(**choice: Value) -> None:
        figure = draw(**choice)
        display(figure)
        plt.close(figure)

    sliders = {control.name: _widget(control) for control in controls}
    picture = widgets.interactive_output(show, sliders)
    display(widgets.VBox([*sliders.values(), picture]))


def _widget(control: Control):
    import ipywidgets as widgets

    values, common = control.values, {"description": control.label}
    common |= {"style": {"description_width": "initial"}, "value": values[control.start]}
    if control.words:
        return widgets.Dropdown(options=list(values), **common)
    common |= {"continuous_update": False}
    if all(isinstance(value, int) for value in values):
        return widgets.IntSlider(min=values[0], max=values[-1], step=1, **common)
    finest = min(b - a for a, b in itertools.pairwise(values))
    return widgets.FloatSlider(min=values[0], max=values[-1], step=finest / 5, **common)
