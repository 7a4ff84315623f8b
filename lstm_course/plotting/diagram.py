"""Diagrams of nets as data: nodes and arrows are declared, then drawn, and can be tested as declared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from lstm_course.plotting.style import COLORS

Edge = tuple[str, str]  # source and target, by the names of their nodes
Point = tuple[float, float]


@dataclass(frozen=True)
class Node:
    """Something that has a value: where it stands, and how it is written.

    The shape is "circle", or "square" for what a weight is used in; in a diagram that has a size it is
    one of those in wiring.SIZES.
    """

    x: float
    y: float
    label: str  # matplotlib's mathtext
    shape: str = "circle"
    color: str = COLORS["RNN"]  # when it is lit


@dataclass(frozen=True)
class Route:
    """The way of an arrow through corners, from box to box, and the place of its label."""

    via: tuple[Point, ...] = ()
    label: Point | None = None  # None: the middle of the last stretch
    side: str = ""  # where of that point the text stands: "left", "right", "above", "below"


class Parts(dict[str, tuple[Edge, ...]]):
    """The edges of each named part; a KeyError for another name lists those that there are."""

    def __missing__(self, name: str) -> tuple[Edge, ...]:
        raise KeyError(f"part: got {name!r}, expected one of {', '.join(self) or 'none'}")


@dataclass(frozen=True)
class Diagram:
    """A net's data flow: every edge says that the target is computed from the source.

    With a ``size``, width and height, all is in inches: boxes have fixed sizes, and ``routes`` may lead
    arrows round corners. Without, boxes fit their labels and arrows are straight. Raises ValueError for
    edges between unknown nodes, and for routes and parts of unknown edges.
    """

    nodes: Mapping[str, Node]
    edges: Mapping[Edge, str]  # what each arrow is labelled with, "" for nothing
    parts: Mapping[str, tuple[Edge, ...]] = field(default_factory=Parts)
    routes: Mapping[Edge, Route] = field(default_factory=dict)
    size: Point | None = None

    def __post_init__(self) -> None:
        unknown = {name for edge in self.edges for name in edge} - set(self.nodes)
        if unknown:
            raise ValueError(f"edges: got {sorted(unknown)}, expected names of nodes")
        self.check("routes", self.routes)
        for name, edges in self.parts.items():
            self.check(f"part {name!r}", edges)

    def check(self, name: str, edges: Collection[Edge]) -> None:
        """Raise ValueError, naming the argument ``name``, if any of the edges is not the diagram's."""
        if missing := [edge for edge in edges if edge not in self.edges]:
            raise ValueError(f"{name}: got {missing}, expected edges of the diagram")
