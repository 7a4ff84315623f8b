"""The LSTM's and the GRU's cell as diagrams: an arrow for every operand in the package's equations."""

from __future__ import annotations

from lstm_course.arguments import choice, flag
from lstm_course.plotting.diagram import Diagram
from lstm_course.plotting.sketch import GATES, H_BUS, LEFT, MEMORY, MIDDLE, TOP, X_BUS, Sketch
from lstm_course.plotting.style import COLORS

KEEP, WRITE, CANDIDATE, READ, OUT, RIGHT = 1.4, 2.5, 3.85, 4.83, 5.54, 6.04  # columns, in inches
RESET = 2.17  # the GRU's, between two of them
FROM_MEMORY = [(0.74, MEMORY), (0.74, H_BUS)]  # the GRU's memory is h: from there to its gates
VALUE = MIDDLE - 0.25  # how high a gate's value is written
SIGMA, TIMES = r"$\sigma$", r"$\times$"


def lstm_cell(peepholes: bool = False, coupled: bool = False) -> Diagram:
    """Return the data flow of one step of :class:`lstm_course.cells.lstm.LSTM`, of each of its variants.

    Nodes: what comes in, x, h_old, c_old; the layers i, f, g, o; f*c_old, i*g, c, squashed, h; what goes
    out, c_new, h_new. Raises TypeError for variants that are not True or False.
    """
    flag("peepholes", peepholes)
    flag("coupled", coupled)
    sketch = Sketch(COLORS["LSTM"])
    add_memory(sketch, candidate="tanh", squash="tanh")
    sketch.node("f*c_old", KEEP, MEMORY, TIMES)
    sketch.arrow("c_old", "f*c_old")
    sketch.arrow("f*c_old", "c")
    if coupled:
        sketch.node("f", KEEP, MIDDLE, r"$1\!-$")
        sketch.arrow("i", "f", "$i_t$", via=[(WRITE, MIDDLE)])
        sketch.arrow("i", "i*g", "$i_t$", via=[(WRITE, MIDDLE)])
    else:
        sketch.layer("f", KEEP, SIGMA)
    sketch.arrow("f", "f*c_old", "$f_t$", at=(KEEP, MIDDLE + 0.55 if coupled else VALUE))
    into_f = "i>f" if coupled else "x>f h_old>f"
    parts = {
        "memory line": "c_old>f*c_old f*c_old>c c>c_new",
        "forget gate": f"{into_f} f>f*c_old",
        "input gate": "x>i h_old>i i>i*g",
        "candidate": "x>g h_old>g g>i*g",
        "cell update": "c_old>f*c_old f>f*c_old i>i*g g>i*g f*c_old>c i*g>c c>c_new",
        "output gate": "x>o h_old>o o>h",
        "output": "c>squashed squashed>h o>h h>h_new",
    }
    if peepholes:
        _add_peepholes(sketch, parts, coupled)
    return sketch.diagram((RIGHT + LEFT, TOP), parts)


def _add_peepholes(sketch: Sketch, parts: dict[str, str], coupled: bool) -> None:
    left, above = 0.74, GATES + 0.42
    sketch.arrow(
        "c_old",
        "i",
        "$p_i$",
        via=[(left, MEMORY), (left, above), (WRITE - 0.12, above)],
        at=(WRITE - 0.5, above),
        side="above",
    )
    sketch.arrow("c", "o", "$p_o$", via=[(READ - 0.15, MEMORY)])
    if not coupled:
        at = (left, GATES + 0.25)
        via = [(left, MEMORY), (left, GATES)]
        sketch.arrow("c_old", "f", "$p_f$", via=via, at=at, side="left")
    gates = {"input gate": "c_old>i", "output gate": "c>o"}
    gates |= {} if coupled else {"forget gate": "c_old>f"}
    for name, arrow in gates.items():
        parts[name] += f" {arrow}"
    parts["peepholes"] = " ".join(gates.values())


def add_memory(sketch: Sketch, candidate: str, squash: str) -> None:
    """Put down what the LSTMs of 1997 and of today share: all but what happens to c_{t−1}."""
    sketch.node("x", LEFT, X_BUS, "$x_t$", "variable")
    sketch.node("h_old", LEFT, H_BUS, "$h_{t-1}$", "past")
    sketch.node("c_old", LEFT, MEMORY, "$c_{t-1}$", "past")
    sketch.layer("i", WRITE, SIGMA)
    sketch.layer("g", CANDIDATE, candidate)
    sketch.layer("o", READ, SIGMA)
    sketch.node("i*g", CANDIDATE, MIDDLE, TIMES)
    sketch.node("c", CANDIDATE, MEMORY, "$+$")
    sketch.node("squashed", OUT, MEMORY - 0.55, squash, "function")
    sketch.node("h", OUT, MIDDLE - 0.1, TIMES)
    sketch.node("c_new", RIGHT, MEMORY, "$c_t$", "variable")
    sketch.node("h_new", RIGHT, H_BUS, "$h_t$", "variable")
    sketch.arrow("i", "i*g", "$i_t$", via=[(WRITE, MIDDLE)], at=(WRITE, VALUE), side="right")
    sketch.arrow("g", "i*g", "$g_t$", at=(CANDIDATE, VALUE - 0.18))
    sketch.arrow("i*g", "c")
    sketch.arrow("c", "c_new")
    sketch.arrow("c", "squashed", via=[(OUT, MEMORY)], at=(OUT, MEMORY - 0.2), side="left")
    sketch.arrow("squashed", "h", side="left")
    corner = (READ, MIDDLE - 0.1)
    sketch.arrow("o", "h", "$o_t$", via=[corner], at=(READ, VALUE - 0.18), side="right")
    sketch.arrow("h", "h_new", via=[(OUT, H_BUS)], at=(OUT, GATES), side="right")


def gru_cell(reset: str = "after") -> Diagram:
    """Return the data flow of one step of :class:`lstm_course.cells.gru.GRU`, ``reset`` as there.

    Nodes: what comes in, x, h_old; the layers r, z, n and the product r_n; r*r_n (reset before: r*h_old),
    z*h_old, 1-z, (1-z)*n, h; what goes out, h_new. Raises ValueError for another ``reset``.
    """
    choice("reset", reset, ("after", "before"))
    sketch, right = Sketch(COLORS["GRU"]), RIGHT - 1.0
    sketch.node("x", LEFT, X_BUS, "$x_t$", "variable")
    sketch.node("h_old", LEFT, MEMORY, "$h_{t-1}$", "past")
    sketch.node("h_new", right, MEMORY, "$h_t$", "variable")
    sketch.layer("z", KEEP, SIGMA, h_via=FROM_MEMORY)
    sketch.layer("r", RESET, SIGMA, h_via=FROM_MEMORY)
    sketch.node("n", CANDIDATE, GATES, "tanh", "layer")
    sketch.from_x("n", CANDIDATE)
    into_reset, into_n = _add_reset(sketch, reset)
    sketch.node("z*h_old", KEEP, MEMORY, TIMES)
    sketch.node("1-z", WRITE, MIDDLE, r"$1\!-$")
    sketch.node("(1-z)*n", CANDIDATE, MIDDLE, TIMES)
    sketch.node("h", CANDIDATE, MEMORY, "$+$")
    sketch.arrow("h_old", "z*h_old")
    sketch.arrow("z", "z*h_old", "$z_t$", at=(KEEP, MIDDLE + 0.55))
    sketch.arrow("z", "1-z", "$z_t$", via=[(KEEP, MIDDLE)])
    sketch.arrow("1-z", "(1-z)*n", r"$1\!-\!z_t$")
    sketch.arrow("n", "(1-z)*n", "$n_t$", at=(CANDIDATE, VALUE - 0.18))
    sketch.arrow("(1-z)*n", "h")
    sketch.arrow("z*h_old", "h")
    sketch.arrow("h", "h_new")
    line = "h_old>z*h_old z*h_old>h h>h_new"
    parts = {
        "memory line": line,
        "reset gate": f"x>r h_old>r {into_reset}",
        "update gate": "x>z h_old>z z>z*h_old z>1-z",
        "candidate": f"x>n {into_reset} {into_n} n>(1-z)*n",
        "state update": f"{line} z>z*h_old z>1-z 1-z>(1-z)*n n>(1-z)*n (1-z)*n>h",
    }
    return sketch.diagram((right + LEFT, TOP), parts)


def _add_reset(sketch: Sketch, reset: str) -> tuple[str, str]:
    """Put down the product with R_n and the reset, in their order; their arrows: from r, and the rest."""
    column, low, turn, above = 3.1, GATES - 0.6, 2.57, GATES + 0.45
    product_first = reset == "after"
    times = "r*r_n" if product_first else "r*h_old"
    sketch.node("r_n", column, low if product_first else GATES, "$R_n$", "product")
    sketch.node(times, column, GATES if product_first else low, TIMES)
    if product_first:
        way = {"via": [(RESET, above), (column, above)], "at": (turn, above), "side": "above"}
    else:
        way = {"via": [(turn, GATES), (turn, low)], "at": (turn, GATES - 0.32), "side": "right"}
    sketch.arrow("r", times, "$r_t$", **way)
    first, second = ("r_n", times) if product_first else (times, "r_n")
    sketch.arrow("h_old", first, via=[*FROM_MEMORY, (column, H_BUS)])
    sketch.arrow(first, second, side="left" if product_first else "right")
    sketch.arrow(second, "n", at=(column + 0.32, GATES + 0.19), side="above")
    return f"r>{times}", f"h_old>{first} {first}>{second} {second}>n"
