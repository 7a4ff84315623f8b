"""The LSTM of 1997: input and output gates, no forget gate (Hochreiter & Schmidhuber 1997, §4, A.1)::

    i_t = σ(W_i x_t + R_i y_{t−1} + b_i)          one input gate for all cells of a block
    g_t = 4 σ(W_g x_t + R_g y_{t−1} + b_g) − 2    in [−2, 2], the paper's g
    o_t = σ(W_o x_t + R_o y_{t−1} + b_o)          one output gate for all cells of a block
    c_t = c_{t−1} + i_t ∘ g_t
    h_t = o_t ∘ (2 σ(c_t) − 1)                    in [−1, 1] before the gate, the paper's h

The recurrent source y is h. In the paper's nets it may also hold the gates, and hidden units
u_t = σ(W_u x_t + R_u y_{t−1} + b_u): ``gates_recurrent`` and ``hidden_units`` add them.

The *truncated* gradient lets no error through R: an error stays in the cell, where the factor is
exactly 1. It is not the gradient of the loss, and costs O(number of weights) per step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lstm_course import ops
from lstm_course.arguments import flag, whole
from lstm_course.cells.cell import Blocks, Cell
from lstm_course.ops import Array, sigmoid


@dataclass(frozen=True)
class LSTM1997(Cell):
    """Memory-cell blocks of ``block_size`` cells, or of the sizes that a tuple lists.

    y has H entries, R's columns: the cells' outputs; with ``gates_recurrent`` i, h, o; then the hidden
    units. W, R and b stack i, g, o and the hidden units' u. Raises TypeError or ValueError for sizes
    that are no whole numbers above 0, and before the first step if they do not fit H.
    """

    state_names: ClassVar[tuple[str, ...]] = ("h", "c")
    memory: ClassVar[str] = "c"
    block_size: int | tuple[int, ...] = 1
    truncated: bool = True
    gates_recurrent: bool = False
    hidden_units: int = 0

    def __post_init__(self) -> None:
        sizes = self.block_size if isinstance(self.block_size, tuple) else (self.block_size,)
        for size in sizes or (0,):
            whole("block_size", size)
        whole("hidden_units", self.hidden_units, at_least=0)
        flag("truncated", self.truncated)
        flag("gates_recurrent", self.gates_recurrent)

    @property
    def block_names(self) -> tuple[str, ...]:
        return ("i", "g", "o", "u") if self.hidden_units else ("i", "g", "o")

    def cells_per_block(self, H: int) -> tuple[int, ...]:
        """The size of each memory-cell block, if y has H entries."""
        if isinstance(self.block_size, tuple):
            sizes = self.block_size
        else:
            of_one_block = self.block_size + 2 * self.gates_recurrent
            sizes = (self.block_size,) * ((H - self.hidden_units) // of_one_block)
        if sum(sizes) + 2 * len(sizes) * self.gates_recurrent + self.hidden_units != H or not sizes:
            raise ValueError(
                f"block_size: got {self.block_size}, expected one that divides H = {H}"
                if self == LSTM1997(self.block_size, self.truncated)
                else f"{self}: does not fit the H = {H} columns of R"
            )
        return sizes

    def block_sizes(self, H) -> tuple[int, ...]:
        sizes = self.cells_per_block(H)
        rows = (len(sizes), sum(sizes), len(sizes))
        return (*rows, self.hidden_units) if self.hidden_units else rows

    def state_sizes(self, H) -> tuple[int, ...]:
        return (H, sum(self.cells_per_block(H)))

    def step(self, from_x, from_h, state, own=()) -> tuple[Blocks, Blocks]:
        a_i, a_g, a_o, *a_u = (x + r for x, r in zip(from_x, from_h, strict=True))
        y, c_old = state
        sizes = self.cells_per_block(y.shape[-1])
        i, o = sigmoid(a_i), sigmoid(a_o)
        g = 4 * sigmoid(a_g) - 2
        c = c_old + ops.repeat(i, sizes) * g
        squashed = 2 * sigmoid(c) - 1
        h = ops.repeat(o, sizes) * squashed
        u = [sigmoid(a) for a in a_u]
        y = ops.concat((i, h, o, *u) if self.gates_recurrent else (h, *u), axis=-1)
        return (y, c), (i, g, o, squashed, *u)

    def step_backward(self, trace, d_state, own=()) -> tuple[Blocks, Blocks, Blocks, Blocks]:
        (i, g, o, squashed, *u), (dy, dc) = trace, d_state
        sizes = self.cells_per_block(dy.shape[-1])
        di, dh, do, *du = self._split(dy, sizes)
        do = do + ops.sum_groups(dh * squashed, sizes)
        dc = dc + dh * ops.repeat(o, sizes) * (1 - squashed * squashed) / 2
        di = di + ops.sum_groups(dc * g, sizes)
        da_i, da_o = di * i * (1 - i), do * o * (1 - o)
        da_g = dc * ops.repeat(i, sizes) * (4 - g * g) / 4
        da = (da_i, da_g, da_o, *(d * part * (1 - part) for d, part in zip(du, u, strict=True)))
        return da, da, (0 * dy, dc), ()

    def _split(self, dy: Array, sizes: tuple[int, ...]) -> Blocks:
        """The parts of y: i, h, o and the hidden units; 0 for gates that are no part of it."""
        hidden = (self.hidden_units,) if self.hidden_units else ()
        if self.gates_recurrent:
            return ops.split(dy, (len(sizes), sum(sizes), len(sizes), *hidden))
        dh, *du = ops.split(dy, (sum(sizes), *hidden))
        return 0, dh, 0, *du

    def keep(self, trace) -> Array:
        return 1 + 0 * trace[1]  # c_t = c_{t−1} + …
