"""A cell's diagram, put down node by node on the places that all the cell diagrams share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lstm_course.plotting.diagram import Diagram, Edge, Node, Parts, Point, Route

# heights, in inches: x_t and h_{t−1} come in below, the memory runs above, the gates lie between
X_BUS, H_BUS, GATES, MIDDLE, MEMORY, TOP = 0.3, 0.75, 1.85, 2.75, 3.85, 4.2
LEFT = 0.36  # where what comes in is written
PORT = 0.12  # how far right of a layer's middle the arrow from x_t comes in, and left that from h_{t−1}


class Sketch:
    """Nodes, arrows and parts on their way to becoming a diagram."""

    def __init__(self, color: str) -> None:
        self.color = color
        self.nodes: dict[str, Node] = {}
        self.edges: dict[Edge, str] = {}
        self.routes: dict[Edge, Route] = {}

    def node(self, name: str, x: float, y: float, label: str, shape: str = "sign") -> None:
        """Put a node down; one sign in a circle, if nothing else is said."""
        self.nodes[name] = Node(x, y, label, shape, self.color)

    def arrow(
        self,
        source: str,
        target: str,
        label: str = "",
        *,
        via: Sequence[Point] = (),
        at: Point | None = None,
        side: str = "",
    ) -> None:
        """Draw an arrow through the points ``via``, with its label on a side of the point ``at``."""
        self.edges[source, target] = label
        self.routes[source, target] = Route(tuple(via), at, side)

    def layer(self, name: str, x: float, label: str, *, h_via: Sequence[Point] = ()) -> None:
        """Put down a layer, a function of W x_t + R h_{t−1} + b, and the arrows from x_t and h_{t−1}."""
        self.node(name, x, GATES, label, "layer")
        self.from_x(name, x + PORT)
        at = (x - PORT, H_BUS + 0.58)
        via = (*h_via, (x - PORT, H_BUS))
        self.arrow("h_old", name, f"$R_{name}$", via=via, at=at, side="left")

    def from_x(self, name: str, x: float) -> None:
        """Draw the arrow from x_t up into a layer."""
        at = (x, H_BUS + 0.33)
        self.arrow("x", name, f"$W_{name}$", via=[(x, X_BUS)], at=at, side="right")

    def diagram(self, size: Point, parts: Mapping[str, str]) -> Diagram:
        """Return the diagram; the edges of a part are written "source>target source>target …"."""
        return Diagram(
            self.nodes,
            self.edges,
            Parts({name: edges_of(part) for name, part in parts.items()}),
            self.routes,
            size,
        )


def edges_of(part: str) -> tuple[Edge, ...]:
    """Read "source>target source>target …"."""
    return tuple((source, target) for source, target in (edge.split(">") for edge in part.split()))
