"""Draw the figures and write the tables of the pages that are no notebooks (`make notebooks` does it)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lstm_course import jacobian, plotting, results
from lstm_course.experiments import catalogue, table

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "book" / "images"
CARD = ROOT / "_static" / "card.png"
TABLES = ROOT / "book" / "data"
SPEED = ROOT / "benchmarks" / "layers.json"
NETS = {"rnn": "RNN", "lstm1997": "LSTM-1997", "lstm": "LSTM", "gru": "GRU"}


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


def error_reaching_back() -> Figure:
    """What of an error reaches back in the nets of chapter 10, before they are trained."""
    figure = plt.figure(figsize=(4.8, 3.4))
    draw_reach(figure.gca())
    return figure


def learning_to_add() -> Figure:
    """How many of these nets then learn the adding problem."""
    figure = plt.figure(figsize=(4.8, 3.4))
    draw_learned(figure.gca())
    return figure


def card() -> Figure:
    """What a link to the site shows, 1200 by 630 pixels."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 5.04), width_ratios=[1.25, 1])
    figure.get_layout_engine().set(rect=(0.03, 0.03, 0.95, 0.66))
    draw_reach(left)
    draw_learned(right)
    figure.text(0.045, 0.86, "LSTM: the executable course", fontsize=27, fontweight="bold")
    figure.text(0.045, 0.775, "Why do recurrent nets forget, and how would you know?", fontsize=15)
    return figure


def draw_reach(ax: Axes, nets: int = 20, steps: int = 100) -> None:
    """The median norm of ds_T/ds_{T−k} over the untrained nets of chapter 10, on one sequence."""
    rng = np.random.default_rng(0)
    xs = np.stack([rng.uniform(-1, 1, steps), np.zeros(steps)], axis=1)
    for row in catalogue.chosen(["adding"], settings=["modern"]):
        norms = []
        for seed in range(nets):
            layer = row.net(seed).layer.double()
            params = layer.cell.params_type(*(p.detach().numpy() for p in layer.params()))
            norms.append(jacobian.log10_norms(jacobian.through_time(layer.cell, params, xs).steps))
        ax.plot(np.median(norms, axis=0)[::-1], color=plotting.COLORS[NETS[row.cell]])
    ax.text(48, -7.5, "RNN", color=plotting.COLORS["RNN"])
    for place, name in zip((28, 56, 72), ("LSTM-1997", "LSTM", "GRU"), strict=True):
        ax.text(place, -2, name, color=plotting.COLORS[name])
    ticks = range(-20, 1, 5)
    ax.set_yticks(ticks, ["1" if tick == 0 else f"$10^{{{tick}}}$" for tick in ticks])
    ax.set(xlabel="steps back", title="untrained: how much of an error reaches back", ylim=(-23, 2))


def draw_learned(ax: Axes) -> None:
    """A dot for each net that was trained, filled if it learned to add."""
    found = table(results.stored("experiments_1997")["results"])
    found = found[(found.experiment == "adding") & (found.setting == "modern")]
    for place, row in enumerate(found.itertuples()):
        name = NETS[row.cell]
        filled = np.arange(row.seeds) < row.solved
        ax.scatter(
            range(row.seeds),
            np.full(row.seeds, place),
            s=42,
            edgecolors=plotting.COLORS[name],
            facecolors=np.where(filled, plotting.COLORS[name], "white"),
        )
        ax.text(-1.5, place, name, ha="right", va="center", color=plotting.COLORS[name])
        ax.text(row.seeds + 0.5, place, f"{row.solved} of {row.seeds}", va="center")
    ax.set(title="trained: which of them learn to add", ylim=(len(found) - 0.4, -0.6))
    ax.axis("off")


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


FIGURES = {
    "error_reaching_back.svg": error_reaching_back,
    "learning_to_add.svg": learning_to_add,
    "immediate_and_total.svg": immediate_and_total,
    "speed.svg": speed,
}


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


def draw_card(path: Path) -> None:
    """Write the card as PNG, which is what other sites show."""
    with plt.rc_context():
        plotting.use_style()
        figure = card()
        figure.savefig(path, dpi=125, bbox_inches=figure.bbox_inches, metadata={"Software": None})
        plt.close(figure)


def write_tables(folder: Path) -> None:
    """Write every table as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speed.txt").write_text(speed_table(), encoding="utf-8")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    draw_all(IMAGES)
    draw_card(CARD)
    write_tables(TABLES)
