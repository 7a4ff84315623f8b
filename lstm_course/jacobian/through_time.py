"""How states depend on earlier states: step Jacobians, their products, norms, spectra and bounds.

Everything here follows from a cell's own ``step_backward``, the hand-derived one, so that a Jacobian
and the gradient that a net is trained with can't disagree.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from lstm_course import checks, ops
from lstm_course.cells import RNN, Cell, Params
from lstm_course.ops import Array
from lstm_course.unroll import Trajectory, forward, step_backward


class ThroughTime(NamedTuple):
    """Jacobians along one sequence; S is the size of the state, all its parts together."""

    steps: Array  #: (T, S, S): steps[t−1] = ∂s_t / ∂s_{t−1}
    products: Array  #: (T+1, S, S): products[k] = J_{T←k} = ds_T / ds_k, the last one the identity


def step(
    cell: Cell, params: Params, x: Array, state: Array | tuple[Array, ...] | None = None
) -> Array:
    """Return ∂(new state)/∂(old state), (S, S), for one input x (D,) and one state (H,).

    A cell with two states takes a tuple; the default is zeros.

    Row i says what the i-th new unit takes from each old one. For the RNN it is diag(φ′(a)) R; for the
    LSTM it has 2H rows and columns, h first, then c: :func:`part` cuts it. It is the true Jacobian for a
    cell with truncated gradients too. Raises TypeError or ValueError for arrays that do not fit.
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
        largest = float(ops.stop_gradient(abs(product).max()))
        if 0 < largest < float("inf"):
            product, log_scale = product / largest, log_scale + np.log10(largest)
        products.append(product)
        log_scales.append(log_scale)
    sizes = norms(ops.stack(products[::-1]))
    with np.errstate(divide="ignore"):
        return xp.log10(sizes) + ops.constant(tuple(log_scales[::-1]), sizes)


def part(cell: Cell, matrices: Array, new: str, old: str) -> Array:
    """Cut ∂(new)/∂(old), such as ∂c/∂h, out of Jacobians (..., S, S).

    Raises ValueError for names that are no states of the cell, and for matrices of a wrong shape.
    """
    for name, value in (("new", new), ("old", old)):
        if value not in cell.state_names:
            raise ValueError(
                f"{name}: got {value!r}, expected one of {', '.join(cell.state_names)}"
            )
    checks.check_cell(cell)
    checks.array("matrices", matrices, ("...", "S", "S"))
    sizes = _sizes(cell, matrices.shape[-1])
    if sizes is None:
        raise ValueError(
            f"matrices: got shape {tuple(matrices.shape)}, expected (..., S, S) for {cell}"
        )
    index = cell.state_names.index
    below = ops.split(matrices, sizes, axis=-2)[index(new)]
    return ops.split(below, sizes, axis=-1)[index(old)]


def norms(matrices: Array) -> Array:
    """Spectral norms, the largest singular values, of matrices (..., S, S): (...).

    nan for a matrix with an entry that is not finite.
    """
    checks.array("matrices", matrices, ("...", "S", "S"))
    xp, (finite, safe) = ops.namespace(matrices), _finite(matrices)
    return xp.where(finite, xp.linalg.matrix_norm(safe, ord=2), float("nan"))


def spectrum(matrices: Array) -> Array:
    """Eigenvalues of matrices (..., S, S), by falling absolute value: complex (..., S).

    nan for a matrix with an entry that is not finite.
    """
    checks.array("matrices", matrices, ("...", "S", "S"))
    xp, (finite, safe) = ops.namespace(matrices), _finite(matrices)
    values = xp.where(finite[..., None], xp.linalg.eigvals(safe), float("nan"))
    order = xp.argsort(-abs(values), -1)
    return xp.take_along_axis(values, order, -1) if xp is np else values.gather(-1, order)


def spectral_radius(R: Array) -> float:
    """The largest absolute value among the eigenvalues of a square matrix."""
    checks.array("R", R, ("H", "H"))
    return float(abs(spectrum(R)).max()) if len(R) else 0.0


def half_life(factor: Array | float) -> Array:
    """Steps after which a factor per step has come down to one half: ln ½ / ln(factor).

    A NumPy array in the shape of ``factor``. Infinite for factors of 1 and above, 0 for 0. Raises
    TypeError for what is no number, ValueError for negative factors and nan.
    """
    try:
        factor = np.asarray(ops.to_numpy(factor) if hasattr(factor, "detach") else factor, float)
    except (TypeError, ValueError):
        raise TypeError(f"factor: got {factor!r}, expected numbers, 0 or above") from None
    if not (factor >= 0).all():
        raise ValueError(f"factor: got {factor.min()}, expected 0 or above")
    with np.errstate(divide="ignore"):
        return np.where(factor < 1, np.log(0.5) / np.log(np.minimum(factor, 1)), np.inf)


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
    return cell.phi.steepest * float(norms(params.R))


def _steps(cell: Cell, params: Params, run: Trajectory) -> Array:
    """All step Jacobians of a run of one sequence, (T, S, S): row i is eᵢᵀ carried back one step."""
    sizes = cell.state_sizes(params.R.shape[1])
    rows = ops.eye(sum(sizes), params.R)  # (S, S)
    xp = ops.namespace(rows)
    rows = xp.broadcast_to(rows, (len(run.xs), *rows.shape))  # at every step alike
    errors = ops.split(rows, sizes)  # (T, S, H) each
    carried = step_backward(cell, params, run.trace, errors, truncated=False)[-1]
    return ops.concat(carried, axis=-1)


def _sizes(cell: Cell, S: int) -> tuple[int, ...] | None:
    """The state sizes that add up to S, if there are any."""
    for H in range(1, S + 1):
        with suppress(ValueError):
            if sum(sizes := cell.state_sizes(H)) == S:
                return sizes
    return None


def _finite(matrices: Array) -> tuple[Array, Array]:
    """Which matrices are finite, (...), and the matrices with zeros in place of the others."""
    xp = ops.namespace(matrices)
    finite = xp.isfinite(matrices).reshape(*matrices.shape[:-2], -1).all(-1)
    return finite, xp.where(finite[..., None, None], matrices, 0.0)


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
