"""One look for every figure: the style sheet, and one colour for one thing in the whole course."""

from __future__ import annotations

import sys
from importlib.resources import files
from types import MappingProxyType

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_hex, to_rgb

INK = "#222222"
FAINT = "#8a8a8a"  # what is there but not spoken of
COLORS = MappingProxyType(
    {
        "RNN": "#D55E00",
        "LSTM-1997": "#882255",
        "LSTM": "#0072B2",
        "GRU": "#008060",
        "bound": "#555555",
    }
)
# dates and version numbers would make equal figures differ
SVG_METADATA = MappingProxyType({"Date": None, "Creator": None, "Format": None, "Type": None})


def shades(name: str, count: int) -> list[str]:
    """Return ``count`` colours for nets of one architecture, from its own colour towards the ink.

    Raises ValueError for a name that COLORS does not have.
    """
    if name not in COLORS:
        raise ValueError(f"name: got {name!r}, expected one of {', '.join(COLORS)}")
    own, ink = np.array(to_rgb(COLORS[name])), np.array(to_rgb(INK))
    steps = np.linspace(0, 0.85, count)
    return [to_hex((1 - step) * own + step * ink) for step in steps]


def use_style() -> None:
    """Put the course's style sheet into force, and in a notebook show figures as SVG."""
    plt.style.use(str(files("lstm_course.plotting") / "course.mplstyle"))
    if "ipykernel" in sys.modules:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata=dict(SVG_METADATA))
