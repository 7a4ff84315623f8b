"""Draw the figures and write the tables of the pages that are no notebooks (`make notebooks` does it)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from lstm_course import plotting

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "book" / "images"
TABLES = ROOT / "book" / "data"
SPEED = ROOT / "benchmarks" / "layers.json"


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


def speed() -> Figure:
    """CPU time of torch.nn's layers divided by ours, at every size."""
    rows = [row for row in json.loads(SPEED.read_text())["rows"] if "torch.nn" in row]
    sizes = list(dict.fromkeys(tuple(row["size"]) for row in rows))
    figure = plt.figure(figsize=(6.4, 3.8))
    ax = figure.gca()
    for kind, marker in (("LSTM", "o"), ("GRU", "s"), ("RNN", "^")):
        ratios = [row["torch.nn"] for row in rows if row["kind"] == kind]
        ax.plot(ratios, marker, color=plotting.COLORS[kind], label=kind)
    ax.axhline(1, color=plotting.COLORS["bound"], linewidth=1, dashes=(4, 3))
    ax.set_yscale("log")
    ticks = [0.5, 1, 2, 5, 10]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)
    ax.minorticks_off()
    ax.set_xticks(range(len(sizes)), [f"T={T}\nB={B}\nD={D}\nH={H}" for T, B, D, H in sizes])
    ax.set(ylabel="CPU time of torch.nn / ours")
    ax.legend()
    return figure


def speed_table() -> str:
    """The benchmark's rows as a Markdown table, and the machine that they come from."""
    found = json.loads(SPEED.read_text())
    lines = ["| T, B, D, H | | torch.nn | autograd | floor | memory |", "|---|---|---|---|---|---|"]
    for row in found["rows"]:
        values = (str(row.get(name, "–")) for name in ("torch.nn", "autograd", "floor", "memory"))
        cells = (", ".join(map(str, row["size"])), row["kind"], *values)
        lines.append(f"| {' | '.join(cells)} |")
    for row in found["replicas"]:
        size = f"100, {row['B']}, 2, {row['H']}"
        lines.append(
            f"| {size} | {row['nets']} LSTMs at once, with Adam | {row['ratio']} | – | – | – |"
        )
    versions = ", ".join(f"{name} {found[name]}" for name in ("torch", "numba", "numpy", "scipy"))
    return "\n".join(
        [*lines, "", f"Measured on: {found['processor']}, one thread; {versions}.", ""]
    )


FIGURES = {"immediate_and_total.svg": immediate_and_total, "speed.svg": speed}


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


def write_tables(folder: Path) -> None:
    """Write every table as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speed.txt").write_text(speed_table(), encoding="utf-8")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    draw_all(IMAGES)
    write_tables(TABLES)
