"""Starting weights: the right spectra, the right shapes, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from cases import CELLS, WIDER, D, H

from lstm_course import checks, initialize, jacobian, unroll
from lstm_course.cells import LSTM1997, RNN

KINDS = {
    "uniform": initialize.uniform,
    "orthogonal": initialize.orthogonal,
    "spectral_radius": lambda *a, **k: initialize.spectral_radius(*a, radius=0.9, **k),
}


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_and_seeds(kind):
    first, again, other = (KINDS[kind](RNN(), D, H, seed=seed) for seed in (0, 0, 1))
    assert [part.shape for part in first] == [(H, D), (H, H), (H,)]
    assert {part.dtype for part in first} == {np.dtype("float64")}
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.allclose(first.R, other.R)


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_gets_weights_that_fit(name):
    cell, hidden = CELLS[name], WIDER.get(name, H)
    for draw in KINDS.values():
        if draw is not KINDS["uniform"] and set(cell.block_sizes(hidden)) != {hidden}:
            continue
        checks.params(cell, draw(cell, D, hidden, seed=0))


@pytest.mark.parametrize("bias", [0.0, 1.0, -3.0])
@pytest.mark.parametrize(
    ("name", "block", "sign"), [("lstm", 1, 1), ("lstm-coupled", 0, -1), ("gru", 1, 1)]
)
def test_forget_bias(name, block, sign, bias):
    cell = CELLS[name]
    params = initialize.uniform(cell, D, H, seed=0)
    before = params.b.copy()
    found = initialize.forget_bias(cell, params, bias)
    blocks = found.b.reshape(-1, H)
    np.testing.assert_array_equal(blocks[block], sign * bias)
    others = [i for i in range(len(blocks)) if i != block]
    np.testing.assert_array_equal(blocks[others], before.reshape(-1, H)[others])
    np.testing.assert_array_equal(params.b, before)  # what came is left alone
    start = unroll.forward(cell, found._replace(W=0 * found.W), np.zeros((1, 1, D)))
    keep = cell.keep(start.trace)[0, 0]
    np.testing.assert_allclose(keep, 1 / (1 + np.exp(-bias)), rtol=1e-12)


@pytest.mark.parametrize("name", ["lstm", "lstm-coupled", "lstm-peepholes", "gru", "gru-before"])
def test_chrono(name):
    cell, hidden, longest = CELLS[name], 4000, 50
    params = initialize.chrono(cell, initialize.uniform(cell, D, hidden, seed=0), longest, seed=1)
    start = unroll.forward(cell, params._replace(W=0 * params.W), np.zeros((1, 1, D)))
    keep = cell.keep(start.trace)[0, 0]
    steps = 1 / (1 - keep) - 1  # keep = U / (1 + U)
    assert steps.min() >= 1 - 1e-9
    assert steps.max() <= longest - 1 + 1e-9
    quarters = np.quantile(steps, [0.25, 0.5, 0.75])
    np.testing.assert_allclose(quarters, 1 + np.array([0.25, 0.5, 0.75]) * 48, rtol=0.06)
    if "f" in cell.block_names:
        i, f, *_ = params.b.reshape(-1, hidden)
        np.testing.assert_array_equal(i, -f)


def test_torch_params_stay_torch(backend):
    cell = CELLS["lstm"]
    params = backend.params(initialize.uniform(cell, D, H, seed=0))
    for found in (
        initialize.forget_bias(cell, params, 1.0),
        initialize.chrono(cell, params, 20, seed=0),
    ):
        assert type(found.b) is type(params.b)
        assert found.b.dtype == params.b.dtype
        assert found.W is params.W


def test_gate_biases_of_1997():
    cell = LSTM1997(3)
    params = initialize.uniform(cell, D, H, seed=0)
    found = initialize.gate_bias_1997(cell, params, input_gates=[-3, -6])
    np.testing.assert_array_equal(found.b[:2], [-3, -6])
    np.testing.assert_array_equal(found.b[2:], params.b[2:])
    found = initialize.gate_bias_1997(cell, params, output_gates=[-1, -2])
    np.testing.assert_array_equal(found.b[-2:], [-1, -2])
    np.testing.assert_array_equal(found.b[:-2], params.b[:-2])


def test_uniform_fills_its_range():
    params = initialize.uniform(RNN(), 30, 400, seed=0)
    for part in params:
        assert abs(part).max() <= 1 / 20
        assert abs(part).max() > 0.049
        assert abs(part.mean()) < 0.01
    assert jacobian.spectral_radius(params.R) == pytest.approx(3**-0.5, rel=0.05)
    assert abs(initialize.uniform(RNN(), D, H, seed=0, limit=0.0).R).max() == 0


@pytest.mark.parametrize("gain", [0.0, 0.5, 1.0, 3.0])
def test_orthogonal(gain):
    R = initialize.orthogonal(RNN(), D, H, seed=0, gain=gain).R
    np.testing.assert_allclose(R.T @ R, gain**2 * np.eye(H), rtol=0, atol=1e-14)


def test_orthogonal_is_uniform_over_the_group():
    """Without the sign correction of QR, the diagonal of Q would be biased to one sign."""
    rng = np.random.default_rng(0)
    traces = [np.trace(initialize.orthogonal(RNN(), 1, 4, rng).R) for _ in range(4000)]
    assert abs(np.mean(traces)) < 4 / np.sqrt(4000)  # a trace has mean 0 and variance 1
    assert np.var(traces) == pytest.approx(1.0, rel=0.1)


@pytest.mark.parametrize("radius", [0.0, 0.9, 1.0, 2.5])
def test_spectral_radius(radius):
    R = initialize.spectral_radius(RNN(), D, H, seed=0, radius=radius).R
    assert abs(np.linalg.eigvals(R)).max() == pytest.approx(radius, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: initialize.spectral_radius(RNN(), D, H, 0, radius=-0.5),
            ValueError,
            "radius: got -0.5",
        ),
        (
            lambda: initialize.spectral_radius(RNN(), D, H, 0, radius=np.nan),
            ValueError,
            "radius: got nan",
        ),
        (
            lambda: initialize.spectral_radius(RNN(), D, H, 0, radius="1"),
            TypeError,
            "radius: got '1'",
        ),
        (lambda: initialize.orthogonal(RNN(), D, H, 0, gain=-1), ValueError, "gain: got -1"),
        (lambda: initialize.uniform(RNN(), D, H, 0, limit=np.inf), ValueError, "limit: got inf"),
        (
            lambda: initialize.uniform(RNN(), 0, H, 0),
            ValueError,
            "input_size: got 0, expected at least 1",
        ),
        (
            lambda: initialize.uniform(RNN(), D, 2.5, 0),
            TypeError,
            "hidden_size: got 2.5, expected a whole",
        ),
        (lambda: initialize.orthogonal(RNN(), D, True, 0), TypeError, "hidden_size: got True"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
