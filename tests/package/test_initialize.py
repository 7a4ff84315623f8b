"""Starting weights: the right spectra, the right shapes, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from cases import D, H

from lstm_course import initialize, jacobian
from lstm_course.cells import RNN

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
