"""The forward run against torch.nn.RNN, and against itself cut in two."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cases import B, D, H, T
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_course import initialize, ops, unroll
from lstm_course.cells import RNN


def torch_rnn(cell: RNN, params) -> torch.nn.RNN:
    D, H = params.W.shape[1], params.R.shape[1]
    reference = torch.nn.RNN(D, H, nonlinearity=cell.nonlinearity, dtype=params.W.dtype)
    weights = (params.W, params.R, params.b, torch.zeros_like(params.b))
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    reference.load_state_dict(dict(zip(names, weights, strict=True)))
    return reference.to(params.W.device)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_equals_torch_nn(backend, nonlinearity, dtype):
    cell = RNN(nonlinearity)
    rng = np.random.default_rng(0)
    of_dtype = "float64" if dtype is torch.float64 else "float32"
    params = backend.params(
        type(p := initialize.uniform(cell, D, H, seed=1))(*(part.astype(of_dtype) for part in p))
    )
    xs = backend.array(rng.standard_normal((T, B, D)).astype(of_dtype))
    h0 = backend.array(rng.standard_normal((B, H)).astype(of_dtype))
    run = unroll.forward(cell, params, xs, h0)

    in_torch = type(params)(*map(torch.as_tensor, params))
    with torch.no_grad():
        hs, last = torch_rnn(cell, in_torch)(torch.as_tensor(xs), torch.as_tensor(h0)[None])
    tolerance = 1e-14 if dtype is torch.float64 else 1e-6
    np.testing.assert_allclose(ops.to_numpy(run.hs), hs.cpu(), rtol=0, atol=tolerance)
    np.testing.assert_allclose(ops.to_numpy(run.last), last[0].cpu(), rtol=0, atol=tolerance)
    assert run.hs.dtype == xs.dtype


def test_documented_shapes(backend, case):
    run = unroll.forward(case.cell, backend.params(case.params), backend.array(case.xs))
    assert run.hs.shape == (T, B, H)
    assert [state.shape for state in run.states] == [(T + 1, B, H)]
    assert [part.shape for part in run.trace] == [(T, B, H)]
    assert run.last.shape == (B, H)
    assert (ops.to_numpy(run.states[0][0]) == 0).all()


@settings(deadline=None, max_examples=40)
@given(
    T=st.integers(1, 9),
    B=st.integers(1, 4),
    D=st.integers(1, 4),
    H=st.integers(1, 6),
    seed=st.integers(0, 2**16),
    data=st.data(),
)
def test_two_pieces_and_single_sequences_give_the_same(T, B, D, H, seed, data):
    rng = np.random.default_rng(seed)
    cell = RNN()
    params = initialize.uniform(cell, D, H, rng)
    xs = rng.standard_normal((T, B, D))
    whole = unroll.forward(cell, params, xs)
    for b in range(B):
        alone = unroll.forward(cell, params, xs[:, b : b + 1])
        np.testing.assert_allclose(alone.hs[:, 0], whole.hs[:, b], rtol=0, atol=1e-13)
    if T > 1:
        cut = data.draw(st.integers(1, T - 1))
        first = unroll.forward(cell, params, xs[:cut])
        second = unroll.forward(cell, params, xs[cut:], first.last)
        np.testing.assert_allclose(second.last, whole.last, rtol=0, atol=1e-13)


def test_non_finite_input_gives_non_finite_output(backend):
    params = backend.params(initialize.uniform(RNN(), D, H, seed=0))
    xs = np.zeros((T, B, D))
    xs[2, 1] = np.nan
    hs = ops.to_numpy(unroll.forward(RNN(), params, backend.array(xs)).hs)
    assert np.isnan(hs[2:, 1]).all()
    assert np.isfinite(hs[:, [0, 2]]).all()
