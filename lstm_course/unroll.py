"""Any cell through time, forward and backward, in plain steps: the version to read.

Letters: T steps, B sequences side by side, D inputs, H hidden units, N stacked blocks.
"""

from __future__ import annotations

from typing import NamedTuple

from lstm_course import checks, ops
from lstm_course.cells import Cell, Params
from lstm_course.ops import Array


class Trajectory(NamedTuple):
    """A forward run: what went in, every state on the way, and what the backward run needs."""

    xs: Array  # (T, B, D)
    states: tuple[Array, ...]  # one (T+1, B, H) per state of the cell; index 0 is the initial one
    trace: tuple[Array, ...]  # the cell's own notes, (T, B, ...) each

    @property
    def hs(self) -> Array:
        """The outputs h_1 … h_T, (T, B, H)."""
        return self.states[0][1:]

    @property
    def last(self) -> Array | tuple[Array, ...]:
        """The state after the last step, as ``forward`` takes it: bare if it is one array."""
        last = tuple(state[-1] for state in self.states)
        return last if len(last) > 1 else last[0]


class Gradients(NamedTuple):
    """Total derivatives of the loss, each in the shape of what it is the derivative of."""

    params: Params  # dL/dW, dL/dR, dL/db
    xs: Array  # (T, B, D)
    state: tuple[Array, ...]  # with respect to the initial state, (B, H) each
    deltas: Array  # (T, B, N·H): δ_t = dL/d(R h_{t−1}); for the RNN that is dL/da_t


def forward(
    cell: Cell, params: Params, xs: Array, state: Array | tuple[Array, ...] | None = None
) -> Trajectory:
    """Run a cell over a batch of sequences xs (T, B, D), from ``state`` (default: zeros).

    Raises TypeError or ValueError, before any computation, for arrays of a wrong shape, kind, dtype
    or device and for an empty sequence.
    """
    checks.params(cell, params)
    checks.sequence(params, xs)
    state = checks.state(cell, params, state, (xs.shape[1],))
    W, R, b = params
    from_xs = xs @ W.T + b  # (T, B, N·H): all the input products at once
    states, traces = [state], []
    for from_x in from_xs:
        from_h = state[0] @ R.T  # (B, N·H)
        state, trace = cell.step(from_x, from_h, *state)
        states.append(state)
        traces.append(trace)
    return Trajectory(xs, _stacked(states), _stacked(traces))


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
    Raises TypeError or ValueError for arrays that do not fit the trajectory.
    """
    xs, states, traces = trajectory
    T, B, D = xs.shape
    W, R, b = params
    checks.params(cell, params)
    checks.array("dhs", dhs, (T, B, R.shape[1]), like=W)
    d_state = checks.state(cell, params, d_last, (B,))
    d_from_xs, d_from_hs = [], []
    for t in reversed(range(T)):
        trace = tuple(part[t] for part in traces)
        d_from_x, d_from_h, direct = cell.step_backward(trace, d_state[0] + dhs[t], *d_state[1:])
        d_state = (d_from_h @ R + direct[0], *direct[1:])  # (B, H): back through R, and around it
        d_from_xs.append(d_from_x)
        d_from_hs.append(d_from_h)
    d_from_xs, d_from_hs = ops.stack(d_from_xs[::-1]), ops.stack(d_from_hs[::-1])  # (T, B, N·H)
    d_params = Params(
        W=sum_of_outer_products(d_from_xs, xs),
        R=sum_of_outer_products(d_from_hs, states[0][:-1]),
        b=d_from_xs.sum((0, 1)),
    )
    return Gradients(d_params, d_from_xs @ W, d_state, d_from_hs)


def _stacked(steps: list[tuple[Array, ...]]) -> tuple[Array, ...]:
    return tuple(ops.stack(parts) for parts in zip(*steps, strict=True))


def sum_of_outer_products(deltas: Array, inputs: Array) -> Array:
    """Σ_t Σ_b δ_tb inputs_tbᵀ, in one matrix product: (T, B, M), (T, B, K) → (M, K)."""
    return deltas.reshape(-1, deltas.shape[-1]).T @ inputs.reshape(-1, inputs.shape[-1])
