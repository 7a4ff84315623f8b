"""The gradient's two kinds of path: along the memory alone, and all the others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course import checks, ops
from lstm_course.arguments import choice
from lstm_course.cells import GRU, Cell, Params, SimplifiedGRU
from lstm_course.jacobian.through_time import norms, part, through_time
from lstm_course.ops import Array
from lstm_course.unroll import forward


class Highway(NamedTuple):
    """dm_T/dm_k for the cell's memory m (c, or h where there is no c), k = 0 … T, and its parts.

    With a c, h_k is held still and everything after step k moves along: a block of J_{T←k}.
    """

    total: Array  #: (T+1, H, H)
    keep: Array  #: (T, H): the factor of each step, for an LSTM the forget gates f_1 … f_T
    highway: Array  #: (T+1, H): the product of the factors after step k; the diagonal of a matrix
    rest: Array  #: (T+1, H, H): total − diag(highway), all the paths that leave the memory

    @property
    def share(self) -> Array:
        """‖highway‖ / (‖highway‖ + ‖rest‖), spectral norms, (T+1,): 1 if nothing leaves the memory.

        Norms, so it says how loud each of the two is; they may cancel. nan where both are zero,
        or one has overflowed.
        """
        along = ops.namespace(self.highway).amax(abs(self.highway), -1)
        with np.errstate(invalid="ignore"):
            return along / (along + norms(self.rest))


def highway(
    cell: Cell, params: Params, xs: Array, state: Array | tuple[Array, ...] | None = None
) -> Highway:
    """Split dm_T/dm_k along one sequence xs (T, D) into highway and rest.

    m is what the cell carries over by itself: c in an LSTM, where a step's factor is the forget gate
    (1 in 1997), h in a GRU, where it is z. A peephole is a path that leaves the highway. Raises
    TypeError for a cell without such a memory (the RNN), and TypeError or ValueError for arrays that do
    not fit; warns (RuntimeWarning) if a product overflows.
    """
    checks.check_cell(cell)
    if cell.memory is None:
        raise TypeError(f"cell: got {cell}, expected one that carries a state over by itself")
    chain = through_time(cell, params, xs, state)
    total = part(cell, chain.products, cell.memory, cell.memory)
    start = None if state is None else _batch_of_one(state)
    keep = cell.keep(forward(cell, params, xs[:, None], start).trace)[:, 0]
    factors = [ops.ones(tuple(keep[0].shape), keep)]
    with np.errstate(over="ignore", invalid="ignore"):  # through_time has warned
        for factor in reversed([*keep]):
            factors.append(factors[-1] * factor)
        along = ops.stack(factors[::-1])
        rest = total - along[:, None] * ops.eye(along.shape[-1], along)
    return Highway(total, keep, along, rest)


def simplified_gru(update: Array, reset: Array, R: Array, *, when: str = "after") -> Array:
    """The Jacobian of the simplified GRU, I − D_u (I − D_r R); u and r are (..., H): (..., H, H).

    That is for a reset ``"after"`` the product with R; ``"before"`` it, I − D_u (I − R D_r).
    """
    choice("when", when, ("after", "before"))
    checks.array("R", R, ("H", "H"))
    for name, gate in (("update", update), ("reset", reset)):
        checks.array(name, gate, ("...", len(R)), like=R)
    eye = ops.eye(len(R), R)
    gated = reset[..., None] * R if when == "after" else R * reset[..., None, :]
    return eye - update[..., None] * (eye - gated)


class Distance(NamedTuple):
    """How far the GRU's step Jacobians are from the formula for constant gates."""

    full: Array  #: (T, H, H)
    simplified: Array  #: (T, H, H), with u = 1 − z_t and r = r_t as they were at that step
    relative: Array  #: (T,): ‖full − simplified‖ / ‖full‖, spectral norms


def distance_from_simplified(
    cell: Cell, params: Params, xs: Array, h: Array | None = None
) -> Distance:
    """Compare a GRU's Jacobians along xs (T, D) with I − D_u (I − D_r R_n), its own gates put in.

    With the reset before the product, R_n D_r stands for D_r R_n. The formula leaves out the gates' own
    derivatives and the slope of tanh. Raises TypeError for any other cell, and TypeError or ValueError
    for arrays that do not fit.
    """
    if not isinstance(cell, GRU):
        raise TypeError(
            f"cell: got {cell}, expected a GRU: {SimplifiedGRU.__name__} has distance 0"
        )
    full = through_time(cell, params, xs, h).steps
    start = None if h is None else _batch_of_one(h)
    r, z, *_ = forward(cell, params, xs[:, None], start).trace
    R_n = params.R[2 * params.R.shape[1] :]
    simplified = simplified_gru(1 - z[:, 0], r[:, 0], R_n, when=cell.reset)
    return Distance(full, simplified, norms(full - simplified) / norms(full))


def _batch_of_one(state: Array | tuple[Array, ...]) -> Array | tuple[Array, ...]:
    return tuple(s[None] for s in state) if isinstance(state, tuple | list) else state[None]
