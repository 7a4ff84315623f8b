"""Fractionally integrated noise, a series with long memory: ARFIMA(0, d, 0), 0 ≤ d < 1/2.

White noise εₜ of variance 1, summed "d times": (1 − L)ᵈ xₜ = εₜ, where L shifts by one step. The
autocovariance (Granger & Joyeux 1980; Hosking 1981, doi 10.1093/biomet/68.1.165)

.. math:: γ(k) = \\frac{Γ(1 − 2d)\\, Γ(k + d)}{Γ(d)\\, Γ(1 − d)\\, Γ(k + 1 − d)}

decays like :math:`k^{2d−1}`, a power and no exponential, so that its sum diverges for d > 0. For d = 0 it
is white noise. It is one of the series that Zhao et al. (2020, arXiv 2006.03860) give to recurrent nets.

At every step the next value is wanted. The series is Gaussian, so nothing predicts it better in the mean
square than the best linear predictor does, :func:`predictor`, whose errors :func:`best_errors` tells.
"""

from __future__ import annotations

from math import gamma
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_toeplitz

from lstm_course.arguments import number, whole

Seed = int | np.random.Generator


class Sequences(NamedTuple):
    """B series of T + 1 values; D = K = 1."""

    values: np.ndarray  #: (T + 1, B)
    d: float  #: the order of integration

    every_step = True  #: targets are (T, B, 1), and all count

    @property
    def xs(self) -> np.ndarray:
        """All values but the last: (T, B, 1)."""
        return self.values[:-1, :, None]

    @property
    def targets(self) -> np.ndarray:
        """At each step the next value: (T, B, 1)."""
        return self.values[1:, :, None]

    @property
    def lengths(self) -> np.ndarray:
        """How many steps each series has, T: (B,)."""
        return np.full(self.values.shape[1], len(self.values) - 1)

    def text(self, sequence: int) -> str:
        """The values of one series. Raises IndexError if there is no such series."""
        return " ".join(f"{value:5.2f}" for value in self.values[:, sequence])


def draw(count: int, seed: Seed, *, length: int = 1000, d: float = 0.4) -> Sequences:
    """Draw ``count`` independent series of ``length`` values, stationary from the first one on.

    Exact, by circulant embedding (Davies & Harte 1987): the autocovariances, there and back again, are
    the first row of a circulant matrix whose root a Fourier transform gives. For 0 ≤ d < 1/2 they fall
    and are convex, so none of its eigenvalues is negative. Raises TypeError or ValueError for a count
    below 1, a length below 2, and for d outside [0, 1/2).
    """
    B, n, d = whole("count", count), whole("length", length, at_least=2), _order(d)
    row = autocovariance(n - 1, d)
    row = np.concatenate((row, row[-2:0:-1]))
    eigenvalues = np.fft.fft(row).real.clip(min=0)  # the clip is for rounding
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((2, len(row), (B + 1) // 2))
    roots = np.sqrt(eigenvalues / len(row))[:, None]
    paths = np.fft.fft(roots * (noise[0] + 1j * noise[1]), axis=0)[:n]
    return Sequences(np.concatenate((paths.real, paths.imag), axis=1)[:, :B], d)


def autocovariance(lags: int, d: float) -> np.ndarray:
    """γ(0) … γ(lags), by γ(k) = γ(k − 1) (k − 1 + d) / (k − d): (lags + 1,).

    Raises TypeError or ValueError for lags below 0 and d outside [0, 1/2).
    """
    k, d = np.arange(1, whole("lags", lags, at_least=0) + 1), _order(d)
    ratios = (k - 1 + d) / (k - d)
    return gamma(1 - 2 * d) / gamma(1 - d) ** 2 * np.cumprod(np.concatenate(([1.0], ratios)))


def predictor(seen: int, d: float) -> np.ndarray:
    """Coefficients of the best linear predictor from ``seen`` values, the latest first: (seen,).

    Solves the Yule–Walker equations Σⱼ γ(i − j) φⱼ = γ(i) by Levinson's recursion. Raises TypeError or
    ValueError for fewer values than 1 and d outside [0, 1/2).
    """
    row = autocovariance(whole("seen", seen), d)
    return solve_toeplitz(row[:-1], row[1:])


def best_errors(seen: int, d: float) -> np.ndarray:
    """Mean square errors of the best predictors from 0, 1, … ``seen`` values: (seen + 1,).

    vₙ = γ(0) ∏ₖ (1 − (d/(k − d))²), k = 1 … n: d/(k − d) is the partial autocorrelation (Hosking 1981).
    They fall towards 1, the variance of the noise. Raises TypeError or ValueError for seen below 0 and d
    outside [0, 1/2).
    """
    k, d = np.arange(1, whole("seen", seen, at_least=0) + 1), _order(d)
    shrinkage = 1 - (d / (k - d)) ** 2
    return autocovariance(0, d) * np.cumprod(np.concatenate(([1.0], shrinkage)))


def _order(d: float) -> float:
    d = number("d", d, 0, 0.5)
    if d == 0.5:
        raise ValueError("d: got 0.5, expected a number below 0.5, or the variance is infinite")
    return d
