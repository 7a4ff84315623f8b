"""Fractional noise, against Gamma functions, statsmodels, a moving average, and its own statistics."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import toeplitz
from scipy.special import gammaln
from statsmodels.tsa.stattools import levinson_durbin

from lstm_course.tasks import fractional_noise as noise

ORDERS = (0.1, 0.25, 0.4, 0.49)


@pytest.mark.parametrize("d", ORDERS)
def test_autocovariance_is_that_of_the_gamma_functions(d):
    k = np.arange(50)
    logs = gammaln(1 - 2 * d) + gammaln(k + d) - gammaln(d) - gammaln(1 - d) - gammaln(k + 1 - d)
    np.testing.assert_allclose(noise.autocovariance(49, d), np.exp(logs), rtol=1e-12)


def test_autocovariance_is_that_of_the_moving_average():
    """(1 − L)^(−d) = Σ ψⱼ Lʲ, ψⱼ = ψⱼ₋₁ (j − 1 + d)/j; for a small d the sum is soon complete."""
    d, j = 0.1, np.arange(1, 200_000)
    psi = np.cumprod(np.concatenate(([1.0], (j - 1 + d) / j)))
    found = [psi[: len(psi) - k] @ psi[k:] for k in range(4)]
    np.testing.assert_allclose(noise.autocovariance(3, d), found, rtol=1e-4)


def test_decay_is_a_power():
    d = 0.3
    row = noise.autocovariance(20_000, d)
    assert row[20_000] / row[10_000] == pytest.approx(2 ** (2 * d - 1), rel=1e-4)


def test_white_noise():
    np.testing.assert_array_equal(noise.autocovariance(3, 0.0), [1, 0, 0, 0])
    np.testing.assert_array_equal(noise.predictor(3, 0.0), [0, 0, 0])
    np.testing.assert_array_equal(noise.best_errors(2, 0), [1, 1, 1])


@pytest.mark.parametrize("d", ORDERS)
def test_predictor_is_statsmodels(d):
    row = noise.autocovariance(30, d)
    _, coefficients, partial, errors, _ = levinson_durbin(row, nlags=30, isacov=True)
    np.testing.assert_allclose(noise.predictor(30, d), coefficients, rtol=1e-9)
    np.testing.assert_allclose(noise.best_errors(30, d)[1:], errors[1:], rtol=1e-10)
    np.testing.assert_allclose(partial[1:], d / (np.arange(1, 31) - d), rtol=1e-9)
    best = noise.best_errors(30, d)
    assert best[0] == row[0]
    assert best[30] == pytest.approx(row[0] - noise.predictor(30, d) @ row[1:], rel=1e-10)
    assert (np.diff(best) < 0).all()
    assert 1 < best[-1] < 1.02


def test_covariances_of_what_is_drawn():
    """The full covariance matrix of short series, which holds only if the embedding is exact."""
    d, n, B = 0.4, 6, 60_000
    values = noise.draw(B, seed=0, length=n, d=d).values
    found = values @ values.T / B
    np.testing.assert_allclose(found, toeplitz(noise.autocovariance(n - 1, d)), atol=0.05)
    assert abs(values.mean()) < 0.02


def test_real_and_imaginary_paths_are_independent():
    values = noise.draw(2000, seed=0, length=50, d=0.45).values
    one, other = values[:, :1000], values[:, 1000:]
    together = (one * other).mean()
    assert abs(together) < 0.15  # the variance is 3.6


@pytest.mark.parametrize("n", [2, 3, 100])
def test_embedding_has_no_negative_eigenvalues(n):
    for d in (0.0, *ORDERS, 0.4999):
        row = noise.autocovariance(n - 1, d)
        eigenvalues = np.fft.fft(np.concatenate((row, row[-2:0:-1]))).real
        assert eigenvalues.min() > -1e-9 * row[0]


def test_the_best_predictor_has_the_best_error():
    d, seen = 0.4, 20
    values = noise.draw(20_000, seed=1, length=seen + 1, d=d).values
    forecast = noise.predictor(seen, d) @ values[seen - 1 :: -1]
    assert ((values[seen] - forecast) ** 2).mean() == pytest.approx(
        noise.best_errors(seen, d)[seen], rel=0.03
    )


def test_shapes_and_what_a_net_reads():
    task = noise.draw(3, seed=0, length=8, d=0.2)
    assert task.every_step is True
    assert task.d == 0.2
    assert task.values.shape == (8, 3)
    assert task.xs.shape == task.targets.shape == (7, 3, 1)
    np.testing.assert_array_equal(task.lengths, [7, 7, 7])
    np.testing.assert_array_equal(task.xs[1:], task.targets[:-1])
    np.testing.assert_array_equal(task.targets[-1, :, 0], task.values[-1])


def test_text():
    assert noise.Sequences(np.array([[0.5], [-1.25]]), 0.4).text(0) == " 0.50 -1.25"


def test_the_seed_decides():
    one, same, other = (noise.draw(5, seed=s, length=9).values for s in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert (one != other).all()
    np.testing.assert_array_equal(noise.draw(5, np.random.default_rng(3), length=9).values, one)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: noise.draw(0, 0), ValueError, "count: got 0, expected at least 1"),
        (lambda: noise.draw(3, 0, length=1), ValueError, "length: got 1, expected at least 2"),
        (lambda: noise.draw(3, 0, d=0.5), ValueError, "d: got 0.5, expected a number below 0.5"),
        (lambda: noise.draw(3, 0, d=-0.1), ValueError, "d: got -0.1, expected a finite number"),
        (lambda: noise.draw(3, 0, d="x"), TypeError, "d: got 'x', expected a number"),
        (lambda: noise.autocovariance(-1, 0.1), ValueError, "lags: got -1, expected at least 0"),
        (lambda: noise.predictor(0, 0.1), ValueError, "seen: got 0, expected at least 1"),
        (lambda: noise.best_errors(1.5, 0.1), TypeError, "seen: got 1.5, expected a whole number"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
