"""Step Jacobians, their parts and products, norms, spectra and bounds."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from cases import D, H, T, bare, make_case
from finite_differences import central_difference

from lstm_course import initialize, jacobian, ops, unroll
from lstm_course.cells import RNN, Params


def last_state(case, xs):
    """(S,) -> (S,): the state after xs (steps, D), from a state, all its parts in one, in torch."""
    cell = replace(case.cell, truncated=False) if case.cell.truncated else case.cell
    params = case.params._make(map(torch.tensor, case.params))
    sizes = cell.state_sizes(case.size)

    def run(flat):
        start = bare(tuple(part[None] for part in flat.split(sizes)))
        last = unroll.forward(cell, params, torch.tensor(xs)[:, None], start).last
        return torch.cat([part[0] for part in (last if isinstance(last, tuple) else (last,))])

    return run


def of_one(case) -> tuple[np.ndarray, ...]:
    return tuple(part[0] for part in case.state)


def test_step_equals_autograd_and_finite_differences(case, backend):
    x, state = case.xs[0, 0], of_one(case)
    params = backend.params(case.params)
    found = jacobian.step(case.cell, params, backend.array(x), backend.state(state))
    found, flat = ops.to_numpy(found), np.concatenate(state)
    assert found.shape == (len(flat), len(flat))
    step = last_state(case, x[None])
    by_autograd = torch.autograd.functional.jacobian(step, torch.tensor(flat))
    np.testing.assert_allclose(found, by_autograd, rtol=0, atol=1e-12)
    for i in range(len(flat)):
        numeric = central_difference(lambda s, i=i: float(step(torch.tensor(s))[i]), flat)
        np.testing.assert_allclose(found[i], numeric, rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", ["rnn", "rnn-sigmoid", "rnn-relu", "rnn-identity"])
def test_step_of_the_rnn_is_the_formula(name):
    case = make_case(name)
    (h,) = of_one(case)
    new = case.cell.phi.function(case.params.W @ case.xs[0, 0] + case.params.R @ h + case.params.b)
    formula = np.diag(np.ones(H) * case.cell.phi.slope(new)) @ case.params.R
    found = jacobian.step(case.cell, case.params, case.xs[0, 0], h)
    np.testing.assert_allclose(found, formula, rtol=0, atol=1e-14)


def test_products_equal_autograd(case, backend):
    xs = case.xs[:, 0]
    found = jacobian.through_time(
        case.cell, backend.params(case.params), backend.array(xs), backend.state(of_one(case))
    )
    S = sum(case.cell.state_sizes(case.size))
    assert found.steps.shape == (T, S, S)
    assert found.products.shape == (T + 1, S, S)
    start = bare(tuple(part[:1] for part in case.state))
    states = unroll.forward(case.cell, case.params, xs[:, None], start).states
    for k in range(T):
        flat = torch.tensor(np.concatenate([part[k, 0] for part in states]))
        expected = torch.autograd.functional.jacobian(last_state(case, xs[k:]), flat)
        np.testing.assert_allclose(
            ops.to_numpy(found.products[k]), expected, rtol=1e-13, atol=1e-12, err_msg=f"k = {k}"
        )
    np.testing.assert_array_equal(ops.to_numpy(found.products[T]), np.eye(S))


@pytest.mark.parametrize(
    "name", ["lstm", "lstm-peepholes", "lstm1997-blocks", "lstm1997-net", "gru"]
)
def test_parts_put_together_are_the_whole(name, backend):
    case = make_case(name)
    steps = jacobian.through_time(
        case.cell, backend.params(case.params), backend.array(case.xs[:, 0])
    ).steps
    names = case.cell.state_names
    rows = [
        np.concatenate(
            [ops.to_numpy(jacobian.part(case.cell, steps, new, old)) for old in names], axis=-1
        )
        for new in names
    ]
    np.testing.assert_array_equal(np.concatenate(rows, axis=-2), ops.to_numpy(steps))


def test_parts_of_the_lstm_are_the_formulas():
    case = make_case("lstm")
    run = unroll.forward(case.cell, case.params, case.xs[:, :1])
    i, f, g, o, c_old, _, squashed = (part[0, 0] for part in run.trace)
    J = jacobian.through_time(case.cell, case.params, case.xs[:, 0]).steps[0]
    R_i, R_f, R_g, R_o = np.split(case.params.R, 4)
    dc_dh = (
        np.diag(f * (1 - f) * c_old) @ R_f
        + np.diag(i * (1 - i) * g) @ R_i
        + np.diag(i * (1 - g**2)) @ R_g
    )
    dh_dc = np.diag(o * (1 - squashed**2) * f)
    dh_dh = np.diag(o * (1 - o) * squashed) @ R_o + np.diag(o * (1 - squashed**2)) @ dc_dh
    for new, old, formula in (
        ("c", "c", np.diag(f)),
        ("c", "h", dc_dh),
        ("h", "c", dh_dc),
        ("h", "h", dh_dh),
    ):
        found = jacobian.part(case.cell, J, new, old)
        np.testing.assert_allclose(found, formula, rtol=0, atol=1e-15, err_msg=f"{new}, {old}")


def test_log10_norms_equal_the_norms_of_the_products(case, backend):
    params = backend.params(case.params)
    found = jacobian.through_time(case.cell, params, backend.array(case.xs[:, 0]))
    expected = np.log10(ops.to_numpy(jacobian.norms(found.products)))
    logs = jacobian.log10_norms(found.steps)
    np.testing.assert_allclose(ops.to_numpy(logs), expected, rtol=0, atol=1e-12)


def test_norms_and_spectrum_are_numpys(backend):
    matrices = np.random.default_rng(0).standard_normal((T, H, H))
    sizes = ops.to_numpy(jacobian.norms(backend.array(matrices)))
    np.testing.assert_allclose(sizes, np.linalg.norm(matrices, 2, axis=(1, 2)), rtol=1e-13)
    values = ops.to_numpy(jacobian.spectrum(backend.array(matrices)))
    assert (np.diff(abs(values), axis=1) <= 1e-12).all()
    for found, matrix in zip(values, matrices, strict=True):
        expected = np.linalg.eigvals(matrix)
        np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(expected), atol=1e-12)


def test_log10_norms_stay_where_and_what_they_were(backend):
    steps = backend.array(np.random.default_rng(0).standard_normal((T, H, H)).astype("float32"))
    logs = jacobian.log10_norms(steps)
    assert logs.dtype == steps.dtype
    assert getattr(logs, "device", None) == getattr(steps, "device", None)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # NumPy's, on some processors
def test_what_is_not_finite_stays_so(backend):
    matrices = np.random.default_rng(0).standard_normal((3, H, H))
    matrices[1, 0, 0] = np.inf
    found = ops.to_numpy(jacobian.norms(backend.array(matrices)))
    assert np.isnan(found).tolist() == [False, True, False]
    values = ops.to_numpy(jacobian.spectrum(backend.array(matrices)))
    assert np.isnan(values).all(1).tolist() == [False, True, False]
    logs = ops.to_numpy(jacobian.log10_norms(backend.array(matrices)))
    assert np.isnan(logs).tolist() == [True, True, False, False]


def test_half_life():
    found = jacobian.half_life(np.array([0.0, 0.5, 0.5**0.1, 1.0, 2.0]))
    np.testing.assert_allclose(found, [0, 1, 10, np.inf, np.inf], rtol=1e-12)
    with pytest.raises(ValueError, match="factor: got -0.1, expected 0 or above"):
        jacobian.half_life(-0.1)


@pytest.mark.parametrize("radius", [0.01, 100.0])
def test_log10_norms_far_outside_float64(backend, radius):
    steps = backend.array(np.repeat(radius * np.eye(3)[None], 400, axis=0))
    logs = ops.to_numpy(jacobian.log10_norms(steps))
    np.testing.assert_allclose(logs, np.log10(radius) * np.arange(400, -1, -1), rtol=1e-12)


def test_log10_norm_of_an_exact_zero_is_minus_infinity(backend):
    nilpotent = backend.array(np.repeat(np.array([[[2.0, 2.0], [-2.0, -2.0]]]), 3, axis=0))
    logs = ops.to_numpy(jacobian.log10_norms(nilpotent))
    assert np.isneginf(logs[:2]).all()
    assert np.isfinite(logs[2:]).all()


def test_overflow_is_said(backend):
    cell = RNN("identity")
    params = backend.params(initialize.orthogonal(cell, D, H, seed=0, gain=1e10))
    with pytest.warns(RuntimeWarning, match=r"beyond the range of .*float64 for k ≤ 69.* 31 steps"):
        found = jacobian.through_time(cell, params, backend.array(np.zeros((100, D))))
    products = ops.to_numpy(found.products)
    assert np.isfinite(products[70:]).all()
    assert not np.isfinite(products[69]).all()


def test_no_warning_without_overflow(case):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jacobian.through_time(case.cell, case.params, case.xs[:, 0])


@pytest.mark.parametrize("radius", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("name", ["rnn", "rnn-sigmoid", "rnn-relu", "rnn-identity"])
def test_bound_holds_and_is_reached(name, backend, radius):
    case = make_case(name)
    params = initialize.spectral_radius(case.cell, D, H, seed=3, radius=radius)
    bound = jacobian.bound(case.cell, backend.params(params))
    steps = jacobian.through_time(case.cell, params, case.xs[:, 0]).steps
    logs = jacobian.log10_norms(steps)
    lags = np.arange(T, -1, -1)
    assert (logs <= lags * np.log10(bound) + 1e-12).all()
    # at rest tanh and the logistic are steepest, and with a non-zero state there is nothing to lose
    at_rest = Params(0 * params.W, params.R, 0 * params.b)
    if case.cell.nonlinearity in ("tanh", "identity"):
        steepest = jacobian.step(case.cell, at_rest, np.zeros(D), np.zeros(H))
        assert np.linalg.norm(steepest, 2) == pytest.approx(bound, rel=1e-12)


def test_bound_is_for_one_recurrent_matrix():
    params = initialize.uniform(RNN(), D, H, seed=0)
    with pytest.raises(TypeError, match="cell: got LSTM, expected RNN"):
        jacobian.bound(make_case("lstm").cell, params)


def test_spectral_radius(backend):
    R = backend.array(np.array([[0.0, -2.0], [2.0, 0.0]]))  # eigenvalues ±2i
    assert jacobian.spectral_radius(R) == pytest.approx(2.0, rel=1e-14)
