"""How states depend on earlier states: step Jacobians, their products, and what they do to gradients.

Everything here follows from a cell's own ``step_backward``, the hand-derived one, so that a Jacobian
and the gradient that a net is trained with can't disagree.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from lstm_course import checks, ops
from lstm_course.cells import RNN, Cell, Params
from lstm_course.ops import Array
from lstm_course.unroll import Trajectory, forward, sum_of_outer_products


class ThroughTime(NamedTuple):
    """Jacobians along one sequence; S is the size of the state, H times the number of its parts."""

    steps: Array  # (T, S, S): steps[t−1] = ∂s_t / ∂s_{t−1}
    products: Array  # (T+1, S, S): products[k] = J_{T←k} = ds_T / ds_k, the last one the identity


def step(cell: Cell, params: Params, x: Array, state: Array | tuple[Array, ...]) -> Array:
    """Return ∂(new state)/∂(old state), (S, S), for one input x (D,) and one state (H,) or a tuple.

    Row i says what the i-th new unit takes from each old one. For the RNN it is diag(φ′(a)) R.
    Raises TypeError or ValueError for arrays that do not fit.
    """
    checks.params(cell, params)
    checks.array("x", x, (params.W.shape[1],), like=params.W)
    return through_time(cell, params, x[None], state).steps[0]


def through_time(
    cell: Cell, params: Params, xs: Array, state: Array | tuple[Array, ...] | None = None
) -> ThroughTime:
    """Return all step Jacobians along one sequence xs (T, D), and their products J_{T←k}.

    Warns (RuntimeWarning) if a product leaves the range of its dtype, and says from which k on.
    Raises TypeError or ValueError for arrays that do not fit.
    """
    checks.params(cell, params)
    checks.array("xs", xs, ("T", params.W.shape[1]), like=params.W)
    state = checks.state(cell, params, state, ())
    run = forward(cell, params, xs[:, None], _bare(tuple(part[None] for part in state)))
    steps = _steps(cell, params, run)
    products = [ops.eye(steps.shape[-1], steps)]
    with np.errstate(over="ignore", invalid="ignore"):  # said below, and with the place
        for t in reversed(range(len(steps))):
            products.append(products[-1] @ steps[t])
    products = ops.stack(products[::-1])
    _warn_of_overflow(products, steps)
    return ThroughTime(steps, products)


def log10_norms(steps: Array) -> Array:
    """Return log10 ‖J_{T←k}‖₂ for k = 0 … T, (T+1,), from step Jacobians (T, S, S).

    Products are rescaled at every step, so nothing overflows or underflows however long the sequence;
    −inf means that the product is exactly zero.
    """
    checks.array("steps", steps, ("T", "S", "S"))
    xp = ops.namespace(steps)
    product, log_scale = ops.eye(steps.shape[-1], steps), 0.0
    products, log_scales = [product], [0.0]
    for t in reversed(range(len(steps))):
        product = product @ steps[t]
        largest = float(abs(product).max())
        if 0 < largest < float("inf"):
            product, log_scale = product / largest, log_scale + np.log10(largest)
        products.append(product)
        log_scales.append(log_scale)
    norms = xp.linalg.matrix_norm(ops.stack(products[::-1]), ord=2)
    with np.errstate(divide="ignore"):
        return xp.log10(norms) + xp.asarray(log_scales[::-1])


def spectral_radius(R: Array) -> float:
    """The largest absolute value among the eigenvalues of a square matrix."""
    checks.array("R", R, ("H", "H"))
    return float(abs(ops.namespace(R).linalg.eigvals(R)).max())


def bound(cell: RNN, params: Params) -> float:
    """Return β_φ ‖R‖₂, which no step Jacobian's norm exceeds; β_φ = max |φ′|.

    Hence ‖J_{T←k}‖ ≤ (β_φ ‖R‖₂)^(T−k) (Pascanu et al. 2013, section 2.1): below 1 the error must
    vanish; above 1 it may do anything.
    """
    if not isinstance(cell, RNN):
        raise TypeError(
            f"cell: got {type(cell).__name__}, expected RNN: the bound is for one matrix R"
        )
    checks.params(cell, params)
    return cell.phi.steepest * float(ops.namespace(params.R).linalg.matrix_norm(params.R, ord=2))


def gradient_by_lag(cell: Cell, params: Params, trajectory: Trajectory, dhs: Array) -> Params:
    """Take dL/dW, dL/dR and dL/db apart by lag: how many steps lie between a loss and a weight's use.

    For L = Σ_t L_t the term of lag ℓ is what every L_t contributes through the weights as used at step
    t − ℓ. Returns Params with a leading axis of T lags, whose sum over that axis is the gradient of
    :func:`lstm_course.unroll.backward`. ``dhs`` (T, B, H) holds ∂L_t/∂h_t. Costs O(T²) steps.
    """
    xs, states, traces = trajectory
    T, B, _ = xs.shape
    checks.params(cell, params)
    checks.array("dhs", dhs, (T, B, params.R.shape[1]), like=params.W)
    d_state = (dhs, *(0 * state[1:] for state in states[1:]))
    terms = []
    for lag in range(T):  # the errors of all losses go back together, each at its own place
        arrived = T - lag  # the error of step t has come to step t − lag: steps 0 … T−lag−1
        trace = tuple(part[:arrived] for part in traces)
        d_from_x, d_from_h, direct = cell.step_backward(trace, *d_state)
        dW = sum_of_outer_products(d_from_x, xs[:arrived])
        dR = sum_of_outer_products(d_from_h, states[0][:arrived])
        terms.append((dW, dR, d_from_x.sum((0, 1))))
        d_state = (d_from_h @ params.R + direct[0], *direct[1:])
        d_state = tuple(part[1:] for part in d_state)  # the first of them has left the sequence
    return Params(*(ops.stack(parts) for parts in zip(*terms, strict=True)))


def share(terms: Array) -> Array:
    """Weigh the terms of a sum: ‖term‖ / Σ ‖terms‖ along the first axis, (T, ...) → (T,).

    Norms are Frobenius's. The terms may cancel in the sum itself: a share says how loud each one is,
    not which way it pulls. Raises ValueError if a term is not finite or all are zero.
    """
    xp = ops.namespace(terms)
    norms = xp.linalg.norm(terms.reshape(terms.shape[0], -1), axis=1)
    total = float(norms.sum())
    if not 0 < total < float("inf"):
        raise ValueError(f"terms: got norms that sum to {total}, expected a finite sum above 0")
    return norms / total


def _steps(cell: Cell, params: Params, run: Trajectory) -> Array:
    """All step Jacobians of a run of one sequence, (T, S, S): row i is eᵢᵀ carried back one step."""
    parts = len(run.states)
    size = parts * params.R.shape[1]
    rows = ops.eye(size, params.R)  # (S, S)
    rows = ops.namespace(rows).broadcast_to(rows, (len(run.xs), size, size))  # at every step alike
    d_from_h, direct = cell.step_backward(run.trace, *ops.split(rows, parts))[1:]  # (T, S, N·H)
    return ops.concat((d_from_h @ params.R + direct[0], *direct[1:]), axis=-1)


def _bare(state: tuple[Array, ...]) -> Array | tuple[Array, ...]:
    return state if len(state) > 1 else state[0]


def _warn_of_overflow(products: Array, steps: Array) -> None:
    finite = ops.to_numpy(ops.namespace(products).isfinite(products)).all((1, 2))
    if finite.all() or not ops.namespace(steps).isfinite(steps).all():
        return
    k = int(np.flatnonzero(~finite).max())
    warnings.warn(
        f"J_(T←k) is beyond the range of {products.dtype} for k ≤ {k}, that is {len(steps) - k} steps "
        "back: entries are inf or nan; log10_norms stays finite",
        RuntimeWarning,
        stacklevel=3,
    )
