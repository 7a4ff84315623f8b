"""The recurrent net unrolled: one copy of the cell per step, every copy with the same weights."""

from __future__ import annotations

from lstm_course.plotting.diagram import Diagram, Edge, Node


def unrolled_rnn(steps: int) -> Diagram:
    """Return the data flow of h_t = φ(W x_t + R h_{t−1} + b), o_t = V h_t, L_t for t = 1 … steps.

    Nodes are named x1, h0, h1, o1, L1 and so on. Raises ValueError for fewer than one step.
    """
    if steps < 1:
        raise ValueError(f"steps: got {steps}, expected at least 1")
    nodes, edges = {"h0": Node(0, 0.75, "$h_0$", "square")}, {}
    for t in range(1, steps + 1):
        nodes |= {
            f"x{t}": Node(t, 0, f"$x_{t}$"),
            f"h{t}": Node(t, 0.75, f"$h_{t}$", "square"),
            f"o{t}": Node(t, 1.5, f"$o_{t}$", "square"),
            f"L{t}": Node(t, 2.1, f"$L_{t}$"),
        }
        edges |= {
            (f"x{t}", f"h{t}"): "$W$",
            (f"h{t - 1}", f"h{t}"): "$R$",
            (f"h{t}", f"o{t}"): "$V$",
            (f"o{t}", f"L{t}"): "",
        }
    return Diagram(nodes, edges)


def path_back(loss_step: int, use: int) -> list[Edge]:
    """Return the one path from L_{loss_step} back to the input of step ``use``, edges in forward order.

    Empty if the input comes after the loss: it has no path to it.
    """
    if use > loss_step:
        return []
    across = [(f"h{t}", f"h{t + 1}") for t in range(use, loss_step)]
    up = [(f"h{loss_step}", f"o{loss_step}"), (f"o{loss_step}", f"L{loss_step}")]
    return [(f"x{use}", f"h{use}"), *across, *up]
