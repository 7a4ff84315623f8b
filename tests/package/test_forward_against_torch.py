"""The forward run against torch.nn, and what it says of shapes and of values that are not finite."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cases import B, D, H, T, make_case

from lstm_course import convert, ops, unroll

TORCH = {
    "rnn": lambda **k: torch.nn.RNN(D, H, **k),
    "rnn-relu": lambda **k: torch.nn.RNN(D, H, nonlinearity="relu", **k),
    "lstm": lambda **k: torch.nn.LSTM(D, H, **k),
    "gru": lambda **k: torch.nn.GRU(D, H, **k),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", TORCH)
def test_equals_torch_nn(backend, name, dtype):
    case = make_case(name)
    params = backend.params(case.params._make(p.astype(dtype) for p in case.params))
    xs = backend.array(case.xs.astype(dtype))
    state = backend.state(tuple(part.astype(dtype) for part in case.state))
    run = unroll.forward(case.cell, params, xs, state)

    reference = TORCH[name](dtype=getattr(torch, dtype))
    weights = convert.to_torch(case.cell, case.params._make(map(torch.as_tensor, params)))
    reference.load_state_dict(weights)
    reference.to(torch.as_tensor(xs).device)
    start = tuple(
        torch.as_tensor(s)[None] for s in (state if isinstance(state, tuple) else (state,))
    )
    with torch.no_grad():
        hs, last = reference(torch.as_tensor(xs), start if len(start) > 1 else start[0])
    tolerance = 1e-14 if dtype == "float64" else 2e-6
    np.testing.assert_allclose(ops.to_numpy(run.hs), hs.cpu(), rtol=0, atol=tolerance)
    ours = run.last if isinstance(run.last, tuple) else (run.last,)
    for a, b in zip(ours, last if isinstance(last, tuple) else (last,), strict=True):
        np.testing.assert_allclose(ops.to_numpy(a), b[0].cpu(), rtol=0, atol=tolerance)
    assert run.hs.dtype == xs.dtype


def test_documented_shapes(backend, case):
    run = unroll.forward(case.cell, backend.params(case.params), backend.array(case.xs))
    assert run.hs.shape == (T, B, case.size)
    sizes = case.cell.state_sizes(case.size)
    assert [state.shape for state in run.states] == [(T + 1, B, size) for size in sizes]
    assert all(part.shape[:2] == (T, B) for part in run.trace)
    assert all((ops.to_numpy(state[0]) == 0).all() for state in run.states)
    assert len(case.params.W) == sum(case.cell.block_sizes(case.size))


def test_non_finite_input_gives_non_finite_output(case, backend):
    xs = case.xs.copy()
    xs[2, 1] = np.nan
    run = unroll.forward(case.cell, backend.params(case.params), backend.array(xs))
    hs = ops.to_numpy(run.hs)
    stays = [0, 2]
    if case.cell != make_case("simplified-gru-by-unit").cell:  # its first unit has u = 0
        assert not np.isfinite(hs[2:, 1]).all(-1).any()
    assert np.isfinite(hs[:, stays]).all()
    assert np.isfinite(hs[:2]).all()


def test_infinite_state_gives_what_torch_gives():
    """An optional term that is multiplied by zero would turn inf into nan."""
    case = make_case("lstm")
    state = (case.state[0], np.full((B, H), np.inf))
    found = unroll.forward(case.cell, case.params, case.xs, state).last
    reference = torch.nn.LSTM(D, H, dtype=torch.float64)
    weights = case.params._make(map(torch.tensor, case.params))
    reference.load_state_dict(convert.to_torch(case.cell, weights))
    start = tuple(torch.tensor(part)[None] for part in state)
    with torch.no_grad():
        _, last = reference(torch.tensor(case.xs), start)
    for a, b in zip(found, last, strict=True):
        np.testing.assert_allclose(a, b[0], rtol=0, atol=1e-13)
