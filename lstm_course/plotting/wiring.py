"""Diagrams measured in inches: boxes of fixed size, arrows that turn corners and pass over others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise, product
from math import copysign, dist

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Ellipse, FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path

from lstm_course.arguments import choice
from lstm_course.plotting.diagram import Diagram, Edge, Node, Point, Route
from lstm_course.plotting.style import INK

SIZES = {  # half the width and half the height
    "variable": (0.17, 0.19),  # a letter without a box
    "past": (0.28, 0.19),  # one with the index t−1, which needs room
    "sign": (0.16, 0.16),  # a circle: an operation written with one sign, ×, +
    "function": (0.36, 0.18),  # an oval: an operation with a name, tanh
    "layer": (0.32, 0.21),  # a box: a function of W x + R h + b
    "product": (0.21, 0.19),  # a small box: R h + b by itself
    "title": (0.36, 0.15),  # a word beside the drawing
}
BEND = 0.09  # the radius of an arrow's corners
CUT = 0.1  # how much of a line is missing where another crosses it
GAP = 0.06  # between an arrow and its label


def draw_in_inches(
    diagram: Diagram,
    labels: Mapping[Edge, str],
    inks: Mapping[str | Edge, str],
    lit: Collection[str | Edge],
    ax: Axes | None,
) -> Axes:
    """Draw a diagram that has a size, in the given colours; lit arrows lie over the others."""
    width, height = diagram.size
    if ax is None:
        ax = plt.figure(figsize=diagram.size).gca()
    sources = list(dict.fromkeys(source for source, _ in diagram.edges))
    edges = sorted(diagram.edges, key=lambda edge: (edge in lit, sources.index(edge[0])))
    ways = {edge: corners(diagram, edge) for edge in edges}
    for level, edge in enumerate(edges):
        below = [ways[other] for other in edges[:level] if other[0] != edge[0]]
        _draw_arrow(ax, ways[edge], below, inks[edge], edge in lit, 1 + level / len(edges))
        route = diagram.routes.get(edge, Route())
        _draw_label(ax, route, ways[edge], labels[edge], inks[edge])
    for name, node in diagram.nodes.items():
        _draw_node(ax, node, inks[name], name in lit)
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.set_axis_off()
    return ax


def corners(diagram: Diagram, edge: Edge) -> list[Point]:
    """The points of an arrow's way, from the border of its source to the border of its target.

    It meets a box at right angles, straight from the corner next to it. Raises ValueError for a node or
    a corner from which it can't.
    """
    source, target = (diagram.nodes[name] for name in edge)
    via = diagram.routes.get(edge, Route()).via
    first, last = (*via, (target.x, target.y))[0], ((source.x, source.y), *via)[-1]
    points = [_port(edge, source, first), *via, _port(edge, target, last)]
    if aslant := [(a, b) for a, b in pairwise(points) if a[0] != b[0] and a[1] != b[1]]:
        raise ValueError(f"routes: {edge} got {aslant[0]}, expected level or upright stretches")
    return points


def _port(edge: Edge, node: Node, toward: Point) -> Point:
    wide, high = SIZES[choice("shape", node.shape, tuple(SIZES))]
    x, y = toward[0] - node.x, toward[1] - node.y
    if abs(x) < wide and abs(y) > high:
        return toward[0], node.y + copysign(high, y)
    if abs(y) < high and abs(x) > wide:
        return node.x + copysign(wide, x), toward[1]
    raise ValueError(f"routes: {edge} got {toward}, expected a point beside or above {node}")


def _rounded(points: Sequence[Point]) -> Path:
    """The way through the points, its corners rounded."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(BEND, dist(before, corner) / 2, dist(corner, after) / 2)
        vertices += [
            _on_the_way(corner, before, radius),
            corner,
            _on_the_way(corner, after, radius),
        ]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])


def _on_the_way(start: Point, end: Point, length: float) -> Point:
    share = length / dist(start, end)
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _crossings(way: Sequence[Point], others: Sequence[Sequence[Point]]) -> set[Point]:
    """Where a way crosses others, each a chain of level and upright stretches."""
    found = set()
    stretches = [stretch for other in others for stretch in pairwise(other)]
    for one, two in product(pairwise(way), stretches):
        for (a, b), (c, d) in ((one, two), (two, one)):  # the first level, the second upright
            x, y = c[0], a[1]
            if min(a[0], b[0]) < x < max(a[0], b[0]) and min(c[1], d[1]) < y < max(c[1], d[1]):
                found.add((x, y))
    return found


def _draw_arrow(
    ax: Axes, way: Sequence[Point], below: Sequence[Sequence[Point]], ink: str, lit: bool, z: float
) -> None:
    """A line with a head; what it crosses is interrupted."""
    for x, y in sorted(_crossings(way, below)):
        corner = (x - CUT / 2, y - CUT / 2)
        ax.add_patch(Rectangle(corner, CUT, CUT, facecolor="white", linewidth=0, zorder=z))
    arrow = FancyArrowPatch(
        path=_rounded(way),
        arrowstyle="-|>,head_width=0.28,head_length=0.55",
        mutation_scale=12,
        color=ink,
        linewidth=2.2 if lit else 1.2,
        joinstyle="miter",
        zorder=z,
    )
    ax.add_patch(arrow)


def _draw_label(ax: Axes, route: Route, way: Sequence[Point], label: str, ink: str) -> None:
    (x, y), (x_end, y_end) = way[-2:]
    side = route.side or ("right" if x == x_end else "above")
    x, y = route.label or ((x + x_end) / 2, (y + y_end) / 2)
    across, up, ha, va = {
        "left": (-GAP, 0, "right", "center"),
        "right": (GAP, 0, "left", "center"),
        "above": (0, GAP / 2, "center", "bottom"),
        "below": (0, -GAP / 2, "center", "top"),
    }[side]
    size = 12 if label.startswith("$") else 10.5  # a letter has an index, which is smaller still
    ax.text(x + across, y + up, label, ha=ha, va=va, color=ink, fontsize=size, zorder=4)


def _draw_node(ax: Axes, node: Node, ink: str, lit: bool) -> None:
    wide, high = SIZES[node.shape]
    face = [1 - 0.14 * (1 - channel) for channel in to_rgb(ink)] if lit else "white"
    style = {"facecolor": face, "edgecolor": ink, "linewidth": 1.8 if lit else 1.3, "zorder": 3}
    if node.shape in ("sign", "function"):
        ax.add_patch(Ellipse((node.x, node.y), 2 * wide, 2 * high, **style))
    elif node.shape in ("layer", "product"):
        corner = (node.x - wide, node.y - high)
        box = "round,pad=0,rounding_size=0.07"
        ax.add_patch(FancyBboxPatch(corner, 2 * wide, 2 * high, boxstyle=box, **style))
    words = {"fontsize": 14 if node.shape in ("variable", "past") else 12.5, "color": ink}
    if node.shape == "title":
        words = {"fontsize": 12.5, "color": INK, "fontweight": "bold"}
    words |= {"ha": "center", "va": "center_baseline", "zorder": 4}
    ax.text(node.x, node.y, node.label, **words)
