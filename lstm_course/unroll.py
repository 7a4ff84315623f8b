"""Any cell through time, forward and backward, in plain steps: the version to read.

Letters: T steps, B sequences side by side, D inputs, H hidden units, N stacked blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lstm_course import checks, ops
from lstm_course.cells import Cell, Params
from lstm_course.cells.cell import Blocks
from lstm_course.ops import Array


class Trajectory(NamedTuple):
    """A forward run: what went in, every state on the way, and what the backward run needs."""

    cell: Cell  #: what ran
    xs: Array  #: (T, B, D); zero after a sequence's end
    states: tuple[Array, ...]  #: one (T+1, B, H) per state of the cell; index 0 is the initial one
    trace: tuple[Array, ...]  #: the cell's own notes, (T, B, ...) each
    alive: Array | None = None  #: (T, B, 1): whether a sequence has this step; None: all have all

    @property
    def hs(self) -> Array:
        """The outputs h_1 … h_T, (T, B, H); after a sequence's end they repeat its last one."""
        return self.states[0][1:]

    @property
    def last(self) -> Array | tuple[Array, ...]:
        """The state after the last step, as ``forward`` takes it: bare if it is one array."""
        last = tuple(state[-1] for state in self.states)
        return last if len(last) > 1 else last[0]


class Gradients(NamedTuple):
    """Total derivatives of the loss, each in the shape of what it is the derivative of."""

    params: Params  #: dL/dW, dL/dR, dL/db, and those of the cell's own weights
    xs: Array  #: (T, B, D)
    state: tuple[Array, ...]  #: with respect to the initial state, (B, H) each
    deltas: Array  #: (T, B, N·H): δ_t = dL/d(R h_{t−1}); for the RNN that is dL/da_t


def forward(
    cell: Cell,
    params: Params,
    xs: Array,
    state: Array | tuple[Array, ...] | None = None,
    lengths: Sequence[int] | None = None,
) -> Trajectory:
    """Run a cell over a batch of sequences xs (T, B, D), from ``state`` (default: zeros).

    ``lengths``, B numbers from 1 to T, says how many steps each sequence has: after its end its state
    stays as it is, and what xs holds there does not matter. If the cell is truncated, no gradient flows
    back through R (torch: it is detached there). Raises TypeError or ValueError, before any computation,
    for arrays of a wrong shape, kind, dtype or device, for an empty sequence and for lengths that are not
    possible.
    """
    checks.params(cell, params)
    checks.sequence(params, xs)
    state = checks.state(cell, params, state, (xs.shape[1],))
    alive = None
    if lengths is not None:
        alive = _alive(xs, checks.lengths(xs, lengths))
        xs = ops.where(alive, xs, ops.zeros(tuple(xs.shape), xs))  # nan there would spread
    own = own_blocks(cell, params)
    from_xs = xs @ params.W.T + params.b  # (T, B, N·H): all the input products at once
    states, traces = [state], []
    for t, from_x in enumerate(from_xs):
        from_x = _split(cell, from_x, params)
        from_h = _from_h(cell, params, from_x, state[0])
        new, trace = cell.step(from_x, from_h, state, own)
        if alive is not None:
            new = tuple(ops.where(alive[t], n, old) for n, old in zip(new, state, strict=True))
        state = new
        states.append(state)
        traces.append(trace)
    return Trajectory(cell, xs, _stacked(states), _stacked(traces), alive)


def backward(
    cell: Cell,
    params: Params,
    trajectory: Trajectory,
    dhs: Array,
    d_last: Array | tuple[Array, ...] | None = None,
) -> Gradients:
    """Backpropagate through time (Werbos 1990): from ∂L/∂h_t at every step to total derivatives.

    ``dhs`` (T, B, H) holds the *immediate* derivatives: how the loss depends on each h_t directly,
    not through later steps. ``d_last``, in the form of a state, adds a dependence on the last state.
    A truncated cell gives the truncated gradient. Raises TypeError or ValueError for arrays that do
    not fit the trajectory.
    """
    checks.params(cell, params)
    checks.trajectory(cell, params, trajectory)
    _, xs, _, traces, alive = trajectory
    T, B, D = xs.shape
    checks.array("dhs", dhs, (T, B, params.R.shape[1]), like=params.W)
    d_state = checks.state(cell, params, d_last, (B,))
    steps = []
    for t in reversed(range(T)):
        d_state = (d_state[0] + dhs[t], *d_state[1:])
        trace = tuple(part[t] for part in traces)
        if alive is None:
            *d_step, d_state = step_backward(cell, params, trace, d_state)
        else:  # a sequence that has ended makes no step: its errors pass by
            passing = tuple(d * ~alive[t] for d in d_state)
            *d_step, d_state = step_backward(
                cell, params, trace, tuple(d * alive[t] for d in d_state)
            )
            d_state = tuple(d + by for d, by in zip(d_state, passing, strict=True))
        steps.append(d_step)
    d_from_xs, d_from_hs, *d_own = _stacked([(dx, dh, *own) for dx, dh, own in steps[::-1]])
    d_params = params_gradient(cell, params, trajectory, d_from_xs, d_from_hs, d_own)
    return Gradients(d_params, d_from_xs @ params.W, d_state, d_from_hs)


def step_backward(
    cell: Cell, params: Params, trace: Blocks, d_state: Blocks, *, truncated: bool | None = None
) -> tuple[Array, Array, Blocks, Blocks]:
    """Carry errors back over one whole step, R included.

    Returns the derivatives with respect to W x_t + b and R h_{t−1}, (..., N·H) each, to the cell's own
    weights, and to the old state. ``truncated`` overrides the cell's.
    """
    d_from_x, d_from_h, direct, d_own = cell.step_backward(trace, d_state, own_blocks(cell, params))
    R_early, R_late = _early_and_late(cell, params.R)
    if cell.late_blocks:
        d_source = ops.concat(d_from_h[-cell.late_blocks :], axis=-1) @ R_late
        d_early, d_h = cell.late_source_backward(trace, d_source)
        d_from_x = _plus(d_from_x, d_early)
        d_from_h = _plus(d_from_h, d_early)
        direct = (direct[0] + d_h, *direct[1:])
    d_from_x, d_from_h = (ops.concat(blocks, axis=-1) for blocks in (d_from_x, d_from_h))
    if not (cell.truncated if truncated is None else truncated):
        direct = (d_from_h[..., : len(R_early)] @ R_early + direct[0], *direct[1:])
    return d_from_x, d_from_h, d_own, direct


def params_gradient(
    cell: Cell,
    params: Params,
    trajectory: Trajectory,
    d_from_xs: Array,
    d_from_hs: Array,
    d_own: Sequence[Array],
) -> Params:
    """Sum what each use of the weights contributes, over steps and sequences.

    Derivatives are (K, B, ...) for the first K steps of the trajectory.
    """
    _, xs, states, traces, _ = trajectory
    K, rows = len(d_from_xs), len(_early_and_late(cell, params.R)[0])
    dR = sum_of_outer_products(d_from_hs[..., :rows], states[0][:K])
    if cell.late_blocks:
        sources = cell.late_source_of(tuple(part[:K] for part in traces))
        dR = ops.concat((dR, sum_of_outer_products(d_from_hs[..., rows:], sources)))
    own, blocks = [], [d.sum((0, 1)) for d in d_own]
    for count in cell.own_blocks.values():
        own.append(ops.concat(blocks[:count]))
        blocks = blocks[count:]
    return type(params)(sum_of_outer_products(d_from_xs, xs[:K]), dR, d_from_xs.sum((0, 1)), *own)


def own_blocks(cell: Cell, params: Params) -> Blocks:
    """The cell's own weights, beside W, R and b, cut into blocks of H."""
    fields = zip(params[3:], cell.own_blocks.values(), strict=True)
    H = params.R.shape[1]
    return tuple(block for p, count in fields for block in ops.split(p, (H,) * count))


def sum_of_outer_products(deltas: Array, inputs: Array) -> Array:
    """Σ_t Σ_b δ_tb inputs_tbᵀ, in one matrix product: (T, B, M), (T, B, K) → (M, K)."""
    return deltas.reshape(-1, deltas.shape[-1]).T @ inputs.reshape(-1, inputs.shape[-1])


def _from_h(cell: Cell, params: Params, from_x: Blocks, h: Array) -> Blocks:
    """The blocks of R h; late blocks multiply what the cell makes of h (GRU, reset before)."""
    h = ops.stop_gradient(h) if cell.truncated else h
    R_early, R_late = _early_and_late(cell, params.R)
    sizes = cell.block_sizes(h.shape[-1])
    if not cell.late_blocks:
        return ops.split(h @ R_early.T, sizes)
    early = ops.split(h @ R_early.T, sizes[: -cell.late_blocks])
    source = cell.late_source(from_x, early, h)
    return early + ops.split(source @ R_late.T, sizes[-cell.late_blocks :])


def _early_and_late(cell: Cell, R: Array) -> tuple[Array, Array]:
    rows = len(R) - cell.late_blocks * R.shape[1]
    return R[:rows], R[rows:]


def _split(cell: Cell, from_x: Array, params: Params) -> Blocks:
    return ops.split(from_x, cell.block_sizes(params.R.shape[1]))


def _plus(blocks: Blocks, first: Blocks) -> Blocks:
    """Add ``first`` to the first blocks."""
    added = tuple(a + b for a, b in zip(blocks, first, strict=False))
    return added + tuple(blocks[len(first) :])


def _alive(xs: Array, lengths: Sequence[int]) -> Array:
    alive = np.arange(len(xs))[:, None, None] < np.array(lengths, int)[:, None]  # (T, B, 1)
    return ops.booleans(alive, like=xs)


def _stacked(steps: list[tuple[Array, ...]]) -> tuple[Array, ...]:
    return tuple(ops.stack(parts) for parts in zip(*steps, strict=True))
