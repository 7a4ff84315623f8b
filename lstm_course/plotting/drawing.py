"""A diagram becomes a picture: in ink, or a part of it in colour and the rest faint."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from lstm_course.plotting.diagram import Diagram, Edge
from lstm_course.plotting.style import FAINT, INK
from lstm_course.plotting.wiring import draw_in_inches


def draw_diagram(
    diagram: Diagram,
    *,
    highlight: str | Collection[Edge] = (),
    notes: Mapping[Edge, str] | None = None,
    color: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a diagram; with ``highlight`` those edges and their nodes stand out, all else recedes.

    ``highlight`` is edges or the name of a part. ``notes`` replaces the labels of single edges, by a
    factor's value, say. ``color`` replaces the nodes' own colours. A diagram that has a size wants
    ``ax`` to be as large. Raises ValueError for an edge that the diagram does not have, KeyError for a
    part.
    """
    notes = notes or {}
    lit = diagram.parts[highlight] if isinstance(highlight, str) else highlight
    diagram.check("highlight", lit)
    diagram.check("notes", notes)
    nodes_lit = {name for edge in lit for name in edge}
    rest = FAINT if lit else INK
    inks = {
        name: (color or node.color) if name in nodes_lit else rest
        for name, node in diagram.nodes.items()
    }
    inks |= {edge: inks[edge[0]] if edge in lit else rest for edge in diagram.edges}
    labels = {**diagram.edges, **notes}
    if diagram.size:
        return draw_in_inches(diagram, labels, inks, {*lit, *nodes_lit}, ax)
    return _draw(diagram, labels, inks, ax)


def _draw(
    diagram: Diagram, labels: Mapping[Edge, str], inks: Mapping[str | Edge, str], ax: Axes | None
) -> Axes:
    """Boxes that fit their labels, straight arrows."""
    if ax is None:
        width = 1.5 + max(node.x for node in diagram.nodes.values())
        height = 0.9 + max(node.y for node in diagram.nodes.values())
        ax = plt.figure(figsize=(6.4, 6.4 * height / width)).gca()
    for edge in diagram.edges:
        _draw_edge(ax, diagram, edge, labels[edge], inks[edge])
    for name, node in diagram.nodes.items():
        box = "circle" if node.shape == "circle" else "round"
        style = {
            "boxstyle": f"{box},pad=0.28",
            "facecolor": "white",
            "edgecolor": inks[name],
            "linewidth": 1.4,
        }
        ax.text(
            node.x,
            node.y,
            node.label,
            ha="center",
            va="center",
            color=inks[name],
            bbox=style,
            zorder=3,
        )
    xs, ys = zip(*((node.x, node.y) for node in diagram.nodes.values()), strict=True)
    ax.set(xlim=(min(xs) - 0.5, max(xs) + 0.5), ylim=(min(ys) - 0.25, max(ys) + 0.25))
    ax.set_axis_off()
    return ax


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
