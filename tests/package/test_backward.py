"""Backpropagation through time: hand-derived = autograd = finite differences, in float64."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from cases import B, Backend, D, T, bare, make_case
from finite_differences import central_difference

from lstm_course import initialize, ops, unroll
from lstm_course.cells import LSTM1997, RNN

LENGTHS = [4, T, 1]


def by_hand(case, backend, lengths=None) -> dict[str, np.ndarray]:
    params = backend.params(case.params)
    state, xs = backend.state(case.state), backend.array(case.xs)
    run = unroll.forward(case.cell, params, xs, state, lengths)
    found = unroll.backward(
        case.cell, params, run, backend.array(case.dhs), backend.state(case.d_last)
    )
    return {name: ops.to_numpy(a) for name, a in named(found.params, found.xs, found.state).items()}


def named(params, xs, state) -> dict:
    return {**params._asdict(), "xs": xs, **{f"s{i}": part for i, part in enumerate(state)}}


def loss(case, given: dict, lengths=None):
    """Σ dhs · hs + Σ d_last · last, in whichever arrays are given."""
    fields = case.params._fields
    params = case.params._make(given[name] for name in fields)
    state = bare(tuple(given[f"s{i}"] for i in range(len(case.state))))
    run = unroll.forward(case.cell, params, given["xs"], state, lengths)
    array = np.asarray if ops.namespace(run.hs) is np else torch.tensor
    last = run.last if isinstance(run.last, tuple) else (run.last,)
    total = (run.hs * array(case.dhs)).sum()
    return total + sum((a * array(b)).sum() for a, b in zip(last, case.d_last, strict=True))


def by_autograd(case, lengths=None) -> dict[str, np.ndarray]:
    at = named(case.params, case.xs, case.state)
    given = {name: torch.tensor(a, requires_grad=True) for name, a in at.items()}
    loss(case, given, lengths).backward()
    # where a truncated cell lets nothing through, autograd leaves no gradient at all
    return {n: np.zeros(a.shape) if a.grad is None else a.grad.numpy() for n, a in given.items()}


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["all", "lengths"])
def test_equals_autograd(case, backend, lengths):
    expected = by_autograd(case, lengths)
    for name, found in by_hand(case, backend, lengths).items():
        np.testing.assert_allclose(found, expected[name], rtol=0, atol=1e-12, err_msg=name)


def test_equals_finite_differences(case):
    if case.cell.truncated:
        pytest.skip("a truncated gradient is not the loss's; see the test below")
    at = named(case.params, case.xs, case.state)
    for name, found in by_hand(case, Backend("numpy")).items():
        numeric = central_difference(lambda a, name=name: loss(case, {**at, name: a}), at[name])
        np.testing.assert_allclose(found, numeric, rtol=0, atol=1e-7, err_msg=name)


def test_the_truncated_gradient_is_not_the_gradient():
    truncated = make_case("lstm1997-blocks")
    full = truncated._replace(cell=replace(truncated.cell, truncated=False))
    run = [loss(c, named(c.params, c.xs, c.state)) for c in (truncated, full)]
    assert run[0] == run[1]  # truncation changes nothing on the way forward
    a, b = (by_hand(c, Backend("numpy")) for c in (truncated, full))
    for name in ("W", "R", "b", "xs"):
        difference = np.linalg.norm(a[name] - b[name]) / np.linalg.norm(b[name])
        assert difference > 0.05, name
    # the error of a cell's own state passes unchanged, and nothing else reaches back
    np.testing.assert_array_equal(a["s0"], 0)


def test_errors_reach_a_truncated_cell_only_through_its_own_state():
    cell = LSTM1997()
    params = initialize.uniform(cell, D, 4, seed=0)
    run = unroll.forward(cell, params, np.random.default_rng(0).standard_normal((T, B, D)))
    d_c = np.random.default_rng(1).standard_normal((B, 4))
    found = unroll.backward(cell, params, run, np.zeros((T, B, 4)), (np.zeros((B, 4)), d_c))
    np.testing.assert_array_equal(found.state[1], d_c)  # a factor of exactly 1, T times


def test_two_pieces_give_the_gradient_of_the_whole(case):
    cut = 3
    first = unroll.forward(case.cell, case.params, case.xs[:cut], bare(case.state))
    second = unroll.forward(case.cell, case.params, case.xs[cut:], first.last)
    later = unroll.backward(case.cell, case.params, second, case.dhs[cut:], bare(case.d_last))
    earlier = unroll.backward(case.cell, case.params, first, case.dhs[:cut], bare(later.state))
    whole = by_hand(case, Backend("numpy"))
    for name, a, b in zip(case.params._fields, earlier.params, later.params, strict=True):
        np.testing.assert_allclose(a + b, whole[name], rtol=0, atol=1e-12, err_msg=name)
    for i, part in enumerate(earlier.state):
        np.testing.assert_allclose(part, whole[f"s{i}"], rtol=0, atol=1e-12)


def test_after_its_end_a_sequence_gives_and_gets_nothing(case):
    run = unroll.forward(case.cell, case.params, case.xs, bare(case.state), LENGTHS)
    found = unroll.backward(case.cell, case.params, run, 0 * case.dhs, bare(case.d_last))
    for b, length in enumerate(LENGTHS):
        alone = unroll.forward(
            case.cell, case.params, case.xs[:length, [b]], bare(tuple(s[[b]] for s in case.state))
        )
        last = run.last if isinstance(run.last, tuple) else (run.last,)
        own = alone.last if isinstance(alone.last, tuple) else (alone.last,)
        for x, y in zip(last, own, strict=True):
            np.testing.assert_allclose(x[b], y[0], rtol=1e-13, atol=1e-13)
        assert (found.xs[length:, b] == 0).all()


def test_what_lies_after_the_end_does_not_matter(case, backend):
    xs = case.xs.copy()
    for b, length in enumerate(LENGTHS):
        xs[length:, b] = np.nan
    expected = by_hand(case, Backend("numpy"), LENGTHS)
    for name, found in by_hand(case._replace(xs=xs), backend, LENGTHS).items():
        np.testing.assert_allclose(found, expected[name], rtol=1e-12, atol=1e-12, err_msg=name)


def test_no_sequences_at_all(case, backend):
    params, xs = backend.params(case.params), backend.array(case.xs[:, :0])
    for lengths in (None, []):
        run = unroll.forward(case.cell, params, xs, None, lengths)
        found = unroll.backward(case.cell, params, run, run.hs)
        assert all((ops.to_numpy(part) == 0).all() for part in found.params)


def test_documented_shapes(case, backend):
    params = backend.params(case.params)
    run = unroll.forward(case.cell, params, backend.array(case.xs))
    found = unroll.backward(case.cell, params, run, backend.array(case.dhs))
    assert [part.shape for part in found.params] == [part.shape for part in case.params]
    assert found.xs.shape == (T, B, D)
    assert found.deltas.shape == (T, B, len(case.params.b))
    assert [part.shape for part in found.state] == [part.shape for part in case.state]


def test_float32_stays_float32(case, backend):
    params = backend.params(case.params._make(part.astype("float32") for part in case.params))
    xs = backend.array(case.xs.astype("float32"))
    run = unroll.forward(case.cell, params, xs, None, LENGTHS)
    found = unroll.backward(case.cell, params, run, run.hs)
    for part in (*run.states, *found.params, found.xs, *found.state, found.deltas):
        assert part.dtype == params.W.dtype


@pytest.mark.parametrize("nonlinearity", ["tanh", "sigmoid", "relu", "identity"])
def test_slope_is_the_derivative_and_steepest_its_maximum(nonlinearity):
    phi = RNN(nonlinearity).phi
    a = torch.linspace(-5, 5, 1001, dtype=torch.float64, requires_grad=True)
    h = phi.function(a)
    (slope,) = torch.autograd.grad(h.sum(), a)
    assert torch.allclose(torch.ones_like(a) * phi.slope(h), slope, rtol=0, atol=1e-15)
    assert slope.max() == phi.steepest
