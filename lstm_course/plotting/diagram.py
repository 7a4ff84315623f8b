"""Diagrams of nets as data: nodes and arrows are declared, then drawn, and can be tested as declared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from lstm_course.plotting.style import COLORS, FAINT, INK

Edge = tuple[str, str]  # source and target, by the names of their nodes


@dataclass(frozen=True)
class Node:
    """Something that has a value: where it stands, and how it is written."""

    x: float
    y: float
    label: str  # matplotlib's mathtext
    shape: str = "circle"  # or "square", for what a weight is used in


@dataclass(frozen=True)
class Diagram:
    """A net's data flow: every edge says that the target is computed from the source."""

    nodes: Mapping[str, Node]
    edges: Mapping[Edge, str]  # what each arrow is labelled with, "" for nothing

    def __post_init__(self) -> None:
        unknown = {name for edge in self.edges for name in edge} - set(self.nodes)
        if unknown:
            raise ValueError(f"edges: got {sorted(unknown)}, expected names of nodes")


def draw_diagram(
    diagram: Diagram,
    *,
    highlight: Collection[Edge] = (),
    notes: Mapping[Edge, str] | None = None,
    color: str = COLORS["RNN"],
    ax: Axes | None = None,
) -> Axes:
    """Draw a diagram; with ``highlight`` those edges and their nodes stand out, all else recedes.

    ``notes`` replaces the labels of single edges, by a factor's value, say. Raises ValueError for an
    edge that the diagram does not have.
    """
    notes = notes or {}
    missing = [edge for edge in (*highlight, *notes) if edge not in diagram.edges]
    if missing:
        raise ValueError(f"highlight: got {missing}, expected edges of the diagram")
    lit = {name for edge in highlight for name in edge}
    if ax is None:
        width = 1.5 + max(node.x for node in diagram.nodes.values())
        height = 0.9 + max(node.y for node in diagram.nodes.values())
        ax = plt.figure(figsize=(6.4, 6.4 * height / width)).gca()
    for edge, label in diagram.edges.items():
        _draw_edge(
            ax, diagram, edge, notes.get(edge, label), _ink(edge in highlight, highlight, color)
        )
    for name, node in diagram.nodes.items():
        ink = _ink(name in lit, highlight, color)
        box = "circle" if node.shape == "circle" else "round"
        style = {
            "boxstyle": f"{box},pad=0.28",
            "facecolor": "white",
            "edgecolor": ink,
            "linewidth": 1.4,
        }
        ax.text(
            node.x, node.y, node.label, ha="center", va="center", color=ink, bbox=style, zorder=3
        )
    xs, ys = zip(*((node.x, node.y) for node in diagram.nodes.values()), strict=True)
    ax.set(xlim=(min(xs) - 0.5, max(xs) + 0.5), ylim=(min(ys) - 0.25, max(ys) + 0.25))
    ax.set_axis_off()
    return ax


def _ink(lit: bool, highlight: Collection[Edge], color: str) -> str:
    return color if lit else FAINT if highlight else INK


def _draw_edge(ax: Axes, diagram: Diagram, edge: Edge, label: str, ink: str) -> None:
    source, target = (diagram.nodes[name] for name in edge)
    arrow = FancyArrowPatch(
        (source.x, source.y),
        (target.x, target.y),
        arrowstyle="-|>",
        mutation_scale=11,
        color=ink,
        linewidth=2.2 if ink not in (INK, FAINT) else 1.1,
        shrinkA=15,
        shrinkB=15,
        zorder=2,
    )
    ax.add_patch(arrow)
    x, y = (source.x + target.x) / 2, (source.y + target.y) / 2
    level = source.y == target.y
    ax.text(
        x if level else x + 0.07,
        y + 0.07 if level else y,
        label,
        ha="center" if level else "left",
        va="bottom" if level else "center",
        color=ink,
        fontsize=9.5,
        zorder=3,
    )
