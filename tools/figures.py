"""Draw the figures of the pages that are no notebooks, into book/images/ (`make notebooks` does it)."""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from lstm_course import plotting

IMAGES = Path(__file__).resolve().parents[1] / "book" / "images"


def immediate_and_total() -> Figure:
    """How L depends on h_2: directly, and through all that follows from h_2."""
    diagram = plotting.unrolled_rnn(4)
    paths = {t: [edge for edge in plotting.path_back(t, 2) if edge[0] != "x2"] for t in (2, 3, 4)}
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.2))
    plotting.draw_diagram(diagram, highlight=paths[2], ax=left)
    left.set_title("immediate, ∂L/∂h₂")
    plotting.draw_diagram(diagram, highlight=[e for path in paths.values() for e in path], ax=right)
    right.set_title("total, dL/dh₂")
    return figure


FIGURES = {"immediate_and_total.svg": immediate_and_total}


def draw_all(folder: Path) -> None:
    """Write every figure as SVG; equal drawings give equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    mpl.use("agg")
    with plt.rc_context():
        plotting.use_style()
        for name, draw in FIGURES.items():
            figure = draw()
            figure.savefig(folder / name, metadata=dict(plotting.SVG_METADATA))
            plt.close(figure)


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    draw_all(IMAGES)
