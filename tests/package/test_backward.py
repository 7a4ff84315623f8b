"""Backpropagation through time: hand-derived = autograd = finite differences, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cases import B, Backend, D, H, T
from finite_differences import central_difference

from lstm_course import initialize, ops, unroll
from lstm_course.cells import RNN, Params


def by_hand(case, backend, d_last=None) -> dict[str, np.ndarray]:
    params = backend.params(case.params)
    run = unroll.forward(case.cell, params, backend.array(case.xs), backend.array(case.h0))
    d_last = None if d_last is None else backend.array(d_last)
    found = unroll.backward(case.cell, params, run, backend.array(case.dhs), d_last)
    named = {**found.params._asdict(), "xs": found.xs, "h0": found.state[0]}
    return {name: ops.to_numpy(value) for name, value in named.items()}


def inputs(case) -> dict[str, np.ndarray]:
    return {**case.params._asdict(), "xs": case.xs, "h0": case.h0}


def loss(case, given: dict, d_last=0.0):
    params = Params(given["W"], given["R"], given["b"])
    run = unroll.forward(case.cell, params, given["xs"], given["h0"])
    dhs = case.dhs if ops.namespace(run.hs) is np else torch.tensor(case.dhs)
    return (run.hs * dhs).sum() + (run.last * d_last).sum()


def test_equals_autograd(case, backend):
    given = {name: torch.tensor(a, requires_grad=True) for name, a in inputs(case).items()}
    loss(case, given).backward()
    for name, found in by_hand(case, backend).items():
        np.testing.assert_allclose(found, given[name].grad, rtol=0, atol=1e-13, err_msg=name)


def test_equals_finite_differences(case):
    at = inputs(case)
    for name, found in by_hand(case, Backend("numpy")).items():
        numeric = central_difference(lambda a, name=name: loss(case, {**at, name: a}), at[name])
        np.testing.assert_allclose(found, numeric, rtol=0, atol=1e-7, err_msg=name)


def test_a_loss_on_the_last_state_enters_through_d_last(case, backend):
    d_last = np.random.default_rng(3).standard_normal((B, H))
    given = {name: torch.tensor(a, requires_grad=True) for name, a in inputs(case).items()}
    loss(case, given, torch.tensor(d_last)).backward()
    for name, found in by_hand(case, backend, d_last).items():
        np.testing.assert_allclose(found, given[name].grad, rtol=0, atol=1e-13, err_msg=name)


def test_two_pieces_give_the_gradient_of_the_whole(case):
    cut = 3
    first = unroll.forward(case.cell, case.params, case.xs[:cut], case.h0)
    second = unroll.forward(case.cell, case.params, case.xs[cut:], first.last)
    later = unroll.backward(case.cell, case.params, second, case.dhs[cut:])
    earlier = unroll.backward(case.cell, case.params, first, case.dhs[:cut], later.state[0])
    whole = by_hand(case, Backend("numpy"))
    for name, a, b in zip("WRb", earlier.params, later.params, strict=True):
        np.testing.assert_allclose(a + b, whole[name], rtol=0, atol=1e-13, err_msg=name)
    np.testing.assert_allclose(earlier.state[0], whole["h0"], rtol=0, atol=1e-13)


def test_linear_in_the_incoming_gradient(case):
    run = unroll.forward(case.cell, case.params, case.xs, case.h0)
    other = np.random.default_rng(4).standard_normal((T, B, H))
    a, b, both = (
        unroll.backward(case.cell, case.params, run, dhs).params.R
        for dhs in (case.dhs, other, 2 * case.dhs - 3 * other)
    )
    np.testing.assert_allclose(both, 2 * a - 3 * b, rtol=0, atol=1e-12)


def test_documented_shapes(case, backend):
    params = backend.params(case.params)
    run = unroll.forward(case.cell, params, backend.array(case.xs))
    found = unroll.backward(case.cell, params, run, backend.array(case.dhs))
    assert [part.shape for part in found.params] == [(H, D), (H, H), (H,)]
    assert found.xs.shape == (T, B, D)
    assert found.deltas.shape == (T, B, H)
    assert [part.shape for part in found.state] == [(B, H)]


def test_float32_stays_float32(backend):
    params = initialize.uniform(RNN("relu"), D, H, seed=0)
    params = backend.params(Params(*(part.astype("float32") for part in params)))
    run = unroll.forward(RNN("relu"), params, backend.array(np.ones((T, B, D), "float32")))
    found = unroll.backward(RNN("relu"), params, run, run.hs)
    for part in (*found.params, found.xs, *found.state, found.deltas):
        assert part.dtype == params.W.dtype


@pytest.mark.parametrize("nonlinearity", ["tanh", "sigmoid", "relu", "identity"])
def test_slope_is_the_derivative_and_steepest_its_maximum(nonlinearity):
    phi = RNN(nonlinearity).phi
    a = torch.linspace(-5, 5, 1001, dtype=torch.float64, requires_grad=True)
    h = phi.function(a)
    (by_autograd,) = torch.autograd.grad(h.sum(), a)
    assert torch.allclose(torch.ones_like(a) * phi.slope(h), by_autograd, rtol=0, atol=1e-15)
    assert by_autograd.max() == phi.steepest
