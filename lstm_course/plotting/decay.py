"""Decay plots: how a size changes with the number of steps back, on a logarithmic axis."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from lstm_course.plotting.style import COLORS, shades

DASHES = ((5, 2), (1, 1.5), (4, 1.5, 1, 1.5))


def decay(
    curves: Mapping[str, Sequence[float]],
    *,
    bounds: Mapping[str, Sequence[float]] | None = None,
    ylabel: str,
    xlabel: str = "lag (steps back)",
    architecture: str = "RNN",
    floor: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Plot positive sizes against lag 0, 1, 2, …, one line per entry of ``curves``, log scale.

    Lines come in shades of ``architecture``'s colour, or each in its own where their names are those
    of architectures. ``bounds`` are dashed in one grey; ``floor`` cuts the axis from below. Raises
    ValueError for a curve that is empty, or has a value that is negative, infinite or nan: a figure
    must not drop it unsaid.
    """
    bounds = bounds or {}
    for name, values in {**curves, **bounds}.items():
        values = np.asarray(values)
        if values.ndim != 1 or not len(values):
            raise ValueError(
                f"curve {name!r}: got shape {values.shape}, expected (lags,) with lags ≥ 1"
            )
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise ValueError(f"curve {name!r}: got inf, nan or negative values, expected sizes ≥ 0")
    ax = ax or plt.figure().gca()
    for (name, values), shade in zip(
        curves.items(), shades(architecture, len(curves)), strict=True
    ):
        ax.semilogy(values, label=name, color=COLORS.get(name, shade))
    for (name, values), dashes in zip(bounds.items(), itertools.cycle(DASHES)):
        ax.semilogy(values, label=name, color=COLORS["bound"], linewidth=1.2, dashes=dashes)
    if floor is not None:
        ax.set_ylim(bottom=floor)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if len(curves) + len(bounds) > 1:
        ax.legend()
    return ax
