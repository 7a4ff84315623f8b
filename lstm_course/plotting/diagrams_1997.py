"""The constant error carousel and the LSTM of 1997 as diagrams."""

from __future__ import annotations

from lstm_course.arguments import whole
from lstm_course.plotting.cell_diagrams import RIGHT, SIGMA, TIMES, add_memory
from lstm_course.plotting.diagram import Diagram
from lstm_course.plotting.sketch import GATES, H_BUS, LEFT, MEMORY, TOP, X_BUS, Sketch
from lstm_course.plotting.style import COLORS

SQUASHED_INPUT, SQUASH = r"$4\sigma\!-\!2$", r"$2\sigma\!-\!1$"
COLOR = COLORS["LSTM-1997"]
ROW = 1.42  # from one cell of a block to the next, in inches


def carousel(steps: int = 3) -> Diagram:
    """Return the data flow of h_t = W x_t + 1.0 h_{t−1}, the carousel unrolled for t = 1 … steps.

    Nodes are named h0, x1, a1, h1, x2 and so on. Raises TypeError or ValueError for steps that are no
    whole number above 0.
    """
    whole("steps", steps)
    sketch, level, pitch = Sketch(COLOR), X_BUS + 0.9, 1.89
    sketch.node("h0", LEFT, level, "$h_0$", "variable")
    parts = {"carousel": "", "input": ""}
    for t in range(1, steps + 1):
        here = LEFT + pitch * t
        sketch.node(f"a{t}", here - 0.85, level, "$+$")
        sketch.node(f"h{t}", here, level, f"$h_{{{t}}}$", "variable")
        sketch.node(f"x{t}", here - 0.85, X_BUS, f"$x_{{{t}}}$", "variable")
        sketch.arrow(f"h{t - 1}", f"a{t}", "1.0")
        sketch.arrow(f"a{t}", f"h{t}")
        sketch.arrow(f"x{t}", f"a{t}", "$W$")
        parts["carousel"] += f" h{t - 1}>a{t} a{t}>h{t}"
        parts["input"] += f" x{t}>a{t}"
    return sketch.diagram((2 * LEFT + pitch * steps, level + 0.35), parts)


def memory_cell_1997() -> Diagram:
    """Return the data flow of one step of :class:`lstm_course.cells.lstm1997.LSTM1997` with one cell.

    It is the drawing of today's LSTM without the forget gate. Nodes: what comes in, x, h_old, c_old; the
    layers i, g, o; i*g, c, squashed, h; what goes out, c_new, h_new.
    """
    sketch = Sketch(COLOR)
    add_memory(sketch, candidate=SQUASHED_INPUT, squash=SQUASH)
    sketch.arrow("c_old", "c", "1.0")
    parts = {
        "input gate": "x>i h_old>i i>i*g",
        "squashed input": "x>g h_old>g g>i*g",
        "carousel": "c_old>c i*g>c c>c_new",
        "output gate": "x>o h_old>o o>h",
        "output": "c>squashed squashed>h o>h h>h_new",
    }
    return sketch.diagram((RIGHT + LEFT, TOP), parts)


def memory_block_1997(cells: int = 2) -> Diagram:
    """Return the data flow of a block of memory cells, which share an input gate and an output gate.

    Nodes are named x, h_old, i, o; for the first cell c_old1, g1, i*g1, c1, squashed1, h1, c_new1,
    h_new1, and so on. h_old stands for the outputs of all cells. Raises TypeError or ValueError for
    cells that are no whole number above 0.
    """
    whole("cells", cells)
    sketch, i, o = Sketch(COLOR), 2.535, 4.95
    sketch.node("x", LEFT, X_BUS, "$x_t$", "variable")
    sketch.node("h_old", LEFT, H_BUS, "$h_{t-1}$", "past")
    sketch.layer("i", i, SIGMA)
    sketch.layer("o", o, SIGMA)
    parts = {
        "input gate": "x>i h_old>i",
        "squashed input": "",
        "carousel": "",
        "output gate": "x>o h_old>o",
        "output": "",
    }
    for k in range(1, cells + 1):
        _add_cell(sketch, k, GATES + 1.15 + ROW * (cells - k), (i, o))
        mine = {
            "input gate": f"i>i*g{k}",
            "squashed input": f"x>g{k} h_old>g{k} g{k}>i*g{k}",
            "carousel": f"c_old{k}>c{k} i*g{k}>c{k} c{k}>c_new{k}",
            "output gate": f"o>h{k}",
            "output": f"c{k}>squashed{k} squashed{k}>h{k} o>h{k} h{k}>h_new{k}",
        }
        for name, edges in mine.items():
            parts[name] += f" {edges}"
        parts[f"cell {k}"] = " ".join(mine.values())
    height = GATES + 1.15 + ROW * (cells - 1) + 0.55 + TOP - MEMORY
    return sketch.diagram((RIGHT + LEFT, height), parts)


def _add_cell(sketch: Sketch, k: int, level: float, gates: tuple[float, float]) -> None:
    """Put down one cell of a block, from left to right on one level, its memory in an arch above."""
    low, high, (i, o) = level - 0.38, level + 0.55, gates
    sketch.node(f"g{k}", 1.75, level, SQUASHED_INPUT, "layer")
    sketch.node(f"i*g{k}", 3.0, level, TIMES)
    sketch.node(f"c{k}", 3.65, level, "$+$")
    sketch.node(f"squashed{k}", 4.45, level, SQUASH, "function")
    sketch.node(f"h{k}", 5.45, level, TIMES)
    sketch.node(f"h_new{k}", RIGHT, level, f"$h_t^{k}$", "variable")
    sketch.node(f"c_old{k}", 2.87, high, f"$c_{{t-1}}^{k}$", "past")
    sketch.node(f"c_new{k}", 4.62, high, f"$c_t^{k}$", "variable")
    x_way, h_way = [(0.96, X_BUS), (0.96, level - 0.1)], [(0.77, H_BUS), (0.77, level + 0.1)]
    at = (1.2, level - 0.1), (1.2, level + 0.1)
    sketch.arrow("x", f"g{k}", f"$W_g^{k}$", via=x_way, at=at[0], side="below")
    sketch.arrow("h_old", f"g{k}", f"$R_g^{k}$", via=h_way, at=at[1], side="above")
    sketch.arrow(f"g{k}", f"i*g{k}", f"$g_t^{k}$", at=(2.302, level), side="above")
    sketch.arrow(f"i*g{k}", f"c{k}", at=(3.33, level - 0.16), side="below")
    sketch.arrow(f"c_old{k}", f"c{k}", "1.0", via=[(3.65, high)], at=(3.39, high), side="above")
    sketch.arrow(f"c{k}", f"c_new{k}", via=[(3.93, level), (3.93, high)])
    sketch.arrow(f"c{k}", f"squashed{k}", at=(3.95, level - 0.16), side="below")
    sketch.arrow(f"squashed{k}", f"h{k}", at=(5.2, level + 0.16), side="above")
    sketch.arrow(f"h{k}", f"h_new{k}", at=(5.76, level + 0.16), side="above")
    for name, x, product in (("i", i, f"i*g{k}"), ("o", o, f"h{k}")):
        end = sketch.nodes[product].x
        at = ((x + end) / 2, low)
        sketch.arrow(name, product, f"${name}_t$", via=[(x, low), (end, low)], at=at, side="below")
