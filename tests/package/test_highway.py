"""Highway and rest, and the simplified GRU's closed form."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cases import CELLS, Backend, D, H, T, make_case

from lstm_course import initialize, jacobian, ops, unroll
from lstm_course.cells import GRU, LSTM, LSTM1997, Carousel, SimplifiedGRU

WITH_MEMORY = [name for name, cell in CELLS.items() if cell.memory]


def split(case, backend):
    state = backend.state(tuple(part[0] for part in case.state))
    return jacobian.highway(
        case.cell, backend.params(case.params), backend.array(case.xs[:, 0]), state
    )


@pytest.mark.parametrize("name", WITH_MEMORY)
def test_highway_and_rest_make_the_whole(name, backend):
    case = make_case(name)
    found = split(case, backend)
    total, keep, along, rest = map(ops.to_numpy, found)
    m = along.shape[1]
    assert keep.shape == (T, m)
    assert total.shape == rest.shape == (T + 1, m, m)
    diagonal = np.array([np.diag(row) for row in along])
    np.testing.assert_allclose(diagonal + rest, total, rtol=1e-13, atol=1e-13)
    for k in range(T + 1):
        np.testing.assert_allclose(along[k], keep[k:].prod(0), rtol=1e-13, atol=0)


@pytest.mark.parametrize("name", [n for n in WITH_MEMORY if "gru" not in n and "carousel" not in n])
def test_highway_is_what_is_left_when_r_and_peepholes_are_cut(name):
    """Autograd, with the state h detached at every step: nothing but c → c remains."""
    case = make_case(name)
    own = [0 * part for part in case.params[3:]]
    params = case.params._make(map(torch.tensor, (*case.params[:3], *own)))
    start = [torch.tensor(part[:1]) for part in case.state]
    run = unroll.forward(case.cell, params, torch.tensor(case.xs[:, :1]), tuple(start))
    c = run.states[1][0].clone().requires_grad_()
    carried = c
    for t in range(T):
        state = (run.states[0][t], carried)
        carried = unroll.forward(case.cell, params, torch.tensor(case.xs[[t], :1]), state).last[1]
    (gradient,) = torch.autograd.grad(carried.sum(), c)
    without = case._replace(params=case.params._make((*case.params[:3], *own)))
    found = jacobian.highway(
        case.cell, without.params, case.xs[:, 0], tuple(part[0] for part in case.state)
    )
    np.testing.assert_allclose(found.highway[0], gradient[0], rtol=1e-12, atol=1e-15)


def test_in_1997_the_highway_is_exactly_one():
    for name in ("lstm1997", "lstm1997-blocks", "lstm1997-net"):
        found = split(make_case(name), Backend("numpy"))
        np.testing.assert_array_equal(found.highway, np.ones_like(found.highway))


@pytest.mark.parametrize("bias", [-60.0, -2.0, 0.0, 2.0, 60.0])
def test_any_regime_of_the_forget_gate(bias):
    cell = LSTM()
    params = initialize.forget_bias(cell, initialize.uniform(cell, D, H, seed=0), bias)
    xs = np.random.default_rng(1).standard_normal((T, D))
    found = jacobian.highway(cell, params, xs)
    share = found.share
    assert np.isfinite(found.total).all()
    assert ((share[:-1] >= 0) & (share[:-1] <= 1)).all()
    assert share[-1] == 1  # no step: the identity, and nothing beside it
    expected = 1 / (1 + np.exp(-bias))
    assert abs(np.log(found.keep[0] / expected)).max() < 1.7  # the other terms of a_f are small
    if bias == 60:
        np.testing.assert_allclose(found.highway, 1, rtol=0, atol=1e-12)


def test_without_recurrent_weights_there_is_no_rest():
    cell = LSTM()
    params = initialize.uniform(cell, D, H, seed=0)
    params = params._replace(R=0 * params.R)
    found = jacobian.highway(cell, params, np.random.default_rng(1).standard_normal((T, D)))
    np.testing.assert_allclose(found.rest, 0, rtol=0, atol=1e-15)
    np.testing.assert_allclose(found.share, 1, rtol=0, atol=1e-12)


def test_an_exploding_memory_is_said_once_and_has_no_share(backend):
    cell = Carousel(3.0)
    params = backend.params(initialize.orthogonal(cell, D, H, seed=0, gain=0.1))
    with pytest.warns(RuntimeWarning, match="beyond the range") as caught:
        found = jacobian.highway(cell, params, backend.array(np.zeros((1000, D))))
    assert len(caught) == 1
    share = ops.to_numpy(found.share)
    assert np.isnan(share[0])
    assert share[-1] == 1


def test_a_cell_without_memory_is_refused():
    case = make_case("rnn")
    with pytest.raises(TypeError, match=r"cell: got RNN\(.*expected one that carries a state over"):
        jacobian.highway(case.cell, case.params, case.xs[:, 0])


@pytest.mark.parametrize("name", ["simplified-gru", "simplified-gru-by-unit"])
def test_closed_form_is_the_simplified_gru(name, backend):
    case = make_case(name)
    R = case.params.R
    u, r = (
        np.broadcast_to(np.array(gate), H).copy() for gate in (case.cell.update, case.cell.reset)
    )
    formula = jacobian.simplified_gru(backend.array(u), backend.array(r), backend.array(R))
    expected = np.eye(H) - np.diag(u) @ (np.eye(H) - np.diag(r) @ R)
    np.testing.assert_allclose(ops.to_numpy(formula), expected, rtol=0, atol=1e-15)
    steps = jacobian.through_time(case.cell, case.params, case.xs[:, 0]).steps
    for step in steps:
        np.testing.assert_allclose(step, expected, rtol=0, atol=1e-14)


def test_three_cases_of_the_closed_form():
    R = np.random.default_rng(0).standard_normal((H, H))
    zero, one = np.zeros(H), np.ones(H)
    np.testing.assert_array_equal(jacobian.simplified_gru(zero, one, R), np.eye(H))
    np.testing.assert_array_equal(jacobian.simplified_gru(one, zero, R), np.zeros((H, H)))
    np.testing.assert_allclose(jacobian.simplified_gru(one, one, R), R, rtol=0, atol=1e-15)


def test_eigenvalues_between_the_cases():
    """With one u and one r for all units: 1 − u (1 − r λ)."""
    R = np.random.default_rng(0).standard_normal((H, H))
    u, r = 0.3, 0.7
    found = jacobian.spectrum(jacobian.simplified_gru(np.full(H, u), np.full(H, r), R))
    expected = 1 - u * (1 - r * np.linalg.eigvals(R))
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(expected), atol=1e-13)


@pytest.mark.parametrize("name", ["gru", "gru-before"])
def test_distance_of_the_full_gru(name, backend):
    case = make_case(name)
    found = jacobian.distance_from_simplified(
        case.cell, backend.params(case.params), backend.array(case.xs[:, 0])
    )
    full, simplified, relative = map(ops.to_numpy, found)
    expected = np.linalg.norm(full - simplified, 2, axis=(1, 2))
    expected /= np.linalg.norm(full, 2, axis=(1, 2))
    np.testing.assert_allclose(relative, expected, rtol=1e-12)
    assert (relative > 0.01).all()


@pytest.mark.parametrize("reset", ["after", "before"])
def test_the_distance_is_zero_where_the_formula_is_exact(reset):
    """No R in the gates, and a candidate near zero, where tanh is the identity."""
    cell = GRU(reset)
    params = initialize.uniform(cell, D, H, seed=0)
    zeros = {field: 0 * getattr(params, field) for field in params._fields[2:]}
    small = params._replace(W=1e-8 * params.W, **zeros)
    small.R[: 2 * H] = 0
    small.b[: 2 * H] = params.b[: 2 * H]
    found = jacobian.distance_from_simplified(cell, small, np.ones((T, D)))
    assert found.relative.max() < 1e-7


def test_distance_is_for_the_gru():
    case = make_case("simplified-gru")
    with pytest.raises(TypeError, match="expected a GRU: SimplifiedGRU has distance 0"):
        jacobian.distance_from_simplified(case.cell, case.params, case.xs[:, 0])


def test_keep_of_every_cell_is_in_its_documented_range():
    for cell, low, high in (
        (LSTM(), 0, 1),
        (GRU(), 0, 1),
        (LSTM1997(), 1, 1),
        (SimplifiedGRU(0.3), 0.7, 0.7),
    ):
        params = initialize.uniform(cell, D, H, seed=0)
        keep = jacobian.highway(cell, params, np.ones((T, D))).keep
        assert (keep >= low - 1e-15).all()
        assert (keep <= high + 1e-15).all()
