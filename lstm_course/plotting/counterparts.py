"""The LSTM and the GRU in one diagram, what does the same work in the same column."""

from __future__ import annotations

from dataclasses import replace

from lstm_course.plotting.cell_diagrams import RIGHT, gru_cell, lstm_cell
from lstm_course.plotting.diagram import Diagram, Edge, Node, Parts, Route
from lstm_course.plotting.sketch import LEFT, TOP, edges_of
from lstm_course.plotting.style import COLORS

COUNTERPARTS = {  # part: its edges in the LSTM; in the GRU
    "memory line": ("c_old>f*c_old f*c_old>c c>c_new", "h_old>z*h_old z*h_old>h h>h_new"),
    "keep": ("x>f h_old>f f>f*c_old", "x>z h_old>z z>z*h_old"),
    "write": ("x>i h_old>i i>i*g", "x>z h_old>z z>1-z 1-z>(1-z)*n"),
    "candidate": ("x>g h_old>g g>i*g", "x>n h_old>r_n r_n>r*r_n r*r_n>n n>(1-z)*n"),
    "state update": (
        "c_old>f*c_old f>f*c_old f*c_old>c i>i*g g>i*g i*g>c c>c_new",
        "h_old>z*h_old z>z*h_old z*h_old>h z>1-z 1-z>(1-z)*n n>(1-z)*n (1-z)*n>h h>h_new",
    ),
    "read": ("x>o h_old>o o>h c>squashed squashed>h h>h_new", "x>r h_old>r r>r*r_n"),
}


def lstm_and_gru() -> Diagram:
    """Return the LSTM above the GRU, counterparts in the same columns, each in its own colour.

    Nodes are named "LSTM f", "GRU z" and so on. Parts are what both do in their ways; "read" is how
    much of the memory is seen: by all outside the cell in the LSTM, by the candidate in the GRU.
    """
    nodes, edges, routes = {}, {}, {}
    for name, cell, up in (("LSTM", lstm_cell(), TOP + 0.6), ("GRU", gru_cell(), 0)):
        nodes[name] = Node(LEFT, TOP + 0.2 + up, name, "title", COLORS[name])
        nodes |= {f"{name} {n}": replace(node, y=node.y + up) for n, node in cell.nodes.items()}
        edges |= {_named(name, edge): label for edge, label in cell.edges.items()}
        routes |= {_named(name, edge): _raised(route, up) for edge, route in cell.routes.items()}
    parts = {
        part: tuple(
            _named(name, edge)
            for name, edges in zip(("LSTM", "GRU"), both, strict=True)
            for edge in edges_of(edges)
        )
        for part, both in COUNTERPARTS.items()
    }
    return Diagram(nodes, edges, Parts(parts), routes, (RIGHT + LEFT, 2 * TOP + 1.0))


def _named(cell: str, edge: Edge) -> Edge:
    return f"{cell} {edge[0]}", f"{cell} {edge[1]}"


def _raised(route: Route, up: float) -> Route:
    via = tuple((x, y + up) for x, y in route.via)
    return replace(route, via=via, label=route.label and (route.label[0], route.label[1] + up))
