"""Step Jacobians, products, bounds and the terms of a gradient by lag."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from cases import D, H, T
from finite_differences import central_difference

from lstm_course import initialize, jacobian, ops, unroll
from lstm_course.cells import RNN, Params


def test_step_equals_formula_autograd_and_finite_differences(case, backend):
    x, h = case.xs[0, 0], case.h0[0]
    params = case.params
    found = ops.to_numpy(
        jacobian.step(case.cell, backend.params(params), backend.array(x), backend.array(h))
    )
    assert found.shape == (H, H)

    new = case.cell.phi.function(params.W @ x + params.R @ h + params.b)
    formula = np.diag(np.ones(H) * case.cell.phi.slope(new)) @ params.R
    np.testing.assert_allclose(found, formula, rtol=0, atol=1e-14)

    in_torch = Params(*map(torch.tensor, params))

    def step(h):
        return unroll.forward(case.cell, in_torch, torch.tensor(x)[None, None], h[None]).last[0]

    by_autograd = torch.autograd.functional.jacobian(step, torch.tensor(h))
    np.testing.assert_allclose(found, by_autograd, rtol=0, atol=1e-12)
    for i in range(H):
        numeric = central_difference(lambda h, i=i: float(step(torch.tensor(h))[i]), h)
        np.testing.assert_allclose(found[i], numeric, rtol=0, atol=1e-8)


def test_products_equal_autograd(case, backend):
    xs, h = case.xs[:, 0], case.h0[0]
    found = jacobian.through_time(
        case.cell, backend.params(case.params), backend.array(xs), backend.array(h)
    )
    assert found.steps.shape == (T, H, H)
    assert found.products.shape == (T + 1, H, H)
    in_torch = Params(*map(torch.tensor, case.params))
    states = unroll.forward(case.cell, case.params, xs[:, None], h[None]).states[0][:, 0]
    for k in range(T):

        def from_k(h, k=k):
            return unroll.forward(case.cell, in_torch, torch.tensor(xs[k:, None]), h[None]).last[0]

        expected = torch.autograd.functional.jacobian(from_k, torch.tensor(states[k]))
        np.testing.assert_allclose(
            ops.to_numpy(found.products[k]), expected, rtol=0, atol=1e-12, err_msg=f"k = {k}"
        )
    np.testing.assert_array_equal(ops.to_numpy(found.products[T]), np.eye(H))


def test_log10_norms_equal_the_norms_of_the_products(case, backend):
    params = backend.params(case.params)
    found = jacobian.through_time(case.cell, params, backend.array(case.xs[:, 0]))
    expected = np.log10(np.linalg.norm(ops.to_numpy(found.products), 2, axis=(1, 2)))
    logs = jacobian.log10_norms(found.steps)
    np.testing.assert_allclose(ops.to_numpy(logs), expected, rtol=0, atol=1e-12)


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
def test_bound_holds_and_is_reached(case, backend, radius):
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
    with pytest.raises(TypeError, match="cell: got str, expected RNN"):
        jacobian.bound("LSTM", params)


def test_spectral_radius(backend):
    R = backend.array(np.array([[0.0, -2.0], [2.0, 0.0]]))  # eigenvalues ±2i
    assert jacobian.spectral_radius(R) == pytest.approx(2.0, rel=1e-14)


def test_terms_by_lag_sum_to_the_gradient(case, backend):
    params = backend.params(case.params)
    run = unroll.forward(case.cell, params, backend.array(case.xs), backend.array(case.h0))
    dhs = backend.array(case.dhs)
    whole = unroll.backward(case.cell, params, run, dhs).params
    terms = jacobian.gradient_by_lag(case.cell, params, run, dhs)
    assert [term.shape for term in terms] == [(T, H, D), (T, H, H), (T, H)]
    for term, gradient in zip(terms, whole, strict=True):
        np.testing.assert_allclose(
            ops.to_numpy(term.sum(0)), ops.to_numpy(gradient), rtol=0, atol=1e-13
        )


def test_each_lag_is_the_gradient_of_a_private_copy(case):
    """An oracle that knows nothing of lags: autograd with one copy of the weights for every step."""
    W, R, b = ([torch.tensor(part, requires_grad=True) for _ in range(T)] for part in case.params)
    expected = [np.zeros((T, *part.shape)) for part in case.params]
    for t in range(T):
        h = torch.tensor(case.h0)
        for k in range(t + 1):
            h = case.cell.phi.function(torch.tensor(case.xs[k]) @ W[k].T + h @ R[k].T + b[k])
        loss = (h * torch.tensor(case.dhs[t])).sum()
        for part, copies in zip(expected, (W, R, b), strict=True):
            by_use = torch.autograd.grad(loss, copies[: t + 1], retain_graph=True)
            for k, gradient in enumerate(by_use):
                part[t - k] += gradient.numpy()
    run = unroll.forward(case.cell, case.params, case.xs, case.h0)
    terms = jacobian.gradient_by_lag(case.cell, case.params, run, case.dhs)
    for term, part in zip(terms, expected, strict=True):
        np.testing.assert_allclose(term, part, rtol=0, atol=1e-13)


def test_share(backend):
    terms = backend.array(np.array([[3.0, 4.0], [0.0, 0.0], [0.0, -5.0]]))
    np.testing.assert_allclose(ops.to_numpy(jacobian.share(terms)), [0.5, 0.0, 0.5])


@pytest.mark.parametrize("value", [0.0, np.inf, np.nan])
def test_share_of_nothing_or_of_infinity_is_refused(backend, value):
    with pytest.raises(ValueError, match="terms: got norms that sum to .*, expected a finite sum"):
        jacobian.share(backend.array(np.full((T, H), value)))
