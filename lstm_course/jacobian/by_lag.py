"""A gradient taken apart by lag: how many steps lie between a loss and a weight's use."""

from __future__ import annotations

from lstm_course import checks, ops
from lstm_course.cells import Cell, Params
from lstm_course.ops import Array
from lstm_course.unroll import Trajectory, params_gradient, step_backward


def gradient_by_lag(cell: Cell, params: Params, trajectory: Trajectory, dhs: Array) -> Params:
    """Take dL/dW, dL/dR, dL/db (and those of the cell's own weights) apart by lag.

    For L = Σ_t L_t the term of lag ℓ is what every L_t contributes through the weights as used at step
    t − ℓ. Returns Params with a leading axis of T lags, whose sum over that axis is the gradient of
    :func:`lstm_course.unroll.backward`. ``dhs`` (T, B, H) holds ∂L_t/∂h_t. Costs O(T²) steps. Raises
    TypeError or ValueError for arrays that do not fit, and for a trajectory with ``lengths``.
    """
    checks.params(cell, params)
    checks.trajectory(cell, params, trajectory)
    _, xs, states, traces, alive = trajectory
    T, B, _ = xs.shape
    checks.array("dhs", dhs, (T, B, params.R.shape[1]), like=params.W)
    if alive is not None:
        raise ValueError("trajectory: got one with lengths, expected sequences of T steps each")
    d_state = (dhs, *(0 * state[1:] for state in states[1:]))
    terms = []
    for lag in range(T):  # the errors of all losses go back together, each at its own place
        arrived = T - lag  # the error of step t has come to step t − lag: steps 0 … T−lag−1
        trace = tuple(part[:arrived] for part in traces)
        d_from_x, d_from_h, d_own, d_state = step_backward(cell, params, trace, d_state)
        terms.append(params_gradient(cell, params, trajectory, d_from_x, d_from_h, d_own))
        d_state = tuple(part[1:] for part in d_state)  # the first of them has left the sequence
    return type(params)(*(ops.stack(parts) for parts in zip(*terms, strict=True)))


def share(terms: Array) -> Array:
    """Weigh the terms of a sum: ‖term‖ / Σ ‖terms‖ along the first axis, (T, ...) → (T,).

    Norms are Frobenius's. The terms may cancel in the sum itself: a share says how loud each one is,
    not which way it pulls. Raises ValueError if a term is not finite or all are zero.
    """
    checks.array("terms", terms, ("...", "K"))
    norms = ops.namespace(terms).linalg.norm(terms.reshape(len(terms), -1), axis=1)
    total = float(norms.sum())
    if not 0 < total < float("inf"):
        raise ValueError(f"terms: got norms that sum to {total}, expected a finite sum above 0")
    return norms / total
