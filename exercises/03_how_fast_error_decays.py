"""What the grader asks of exercise 3: arguments for each answer, drawn from its generator."""

import numpy as np


def _orthogonal(rng, H):
    return np.linalg.qr(rng.standard_normal((H, H)))[0]


def _sheared(rng, H, eigenvalues):
    """A matrix with these eigenvalues (real) and a norm well above their sizes."""
    turn = _orthogonal(rng, H)
    return turn @ (np.diag(eigenvalues) + np.triu(rng.uniform(1, 4, (H, H)), 1)) @ turn.T


def error_and_bound(rng):
    T, H = rng.integers(1, 10), rng.integers(2, 6)
    hs = rng.uniform(-0.95, 0.95, (T, H))
    return rng.standard_normal((H, H)), hs, rng.standard_normal(H)


def linear_input_gradient(rng):
    T, D, H = rng.integers(2, 9), *rng.integers(1, 6, 2)
    return rng.standard_normal((H, H)), rng.standard_normal((T, D)), rng.standard_normal(H)


def long_run(rng):
    kind, H = rng.choice(4, p=[0.2, 0.45, 0.2, 0.15]), rng.integers(2, 6)
    if kind == 0:  # loud at first, then gone
        return (_sheared(rng, H, rng.uniform(-0.9, 0.9, H)),)
    if kind == 1:
        return (_sheared(rng, H, np.append(rng.uniform(-0.9, 0.9, H - 1), -1.1)),)
    if kind == 2:  # a turn, seen in a basis that is not orthogonal
        stretch = rng.uniform(1, 3, H)
        return (stretch[:, None] * _orthogonal(rng, H) / stretch,)
    turn = _orthogonal(rng, 2)  # grows like n
    return (turn @ np.array([[1.0, 2.0], [0.0, 1.0]]) @ turn.T,)


def transient(rng):
    H = rng.integers(1, 5)
    if rng.random() < 0.6:  # comes back at every second power
        high, low = rng.uniform(4, 9), rng.uniform(0.02, 0.1)
        return (np.array([[0.0, high], [low, 0.0]]),)
    return (_sheared(rng, H, rng.uniform(0.3, 0.85, H)),)


def lag_shares(rng):
    T, D, H = rng.integers(1, 9), *rng.integers(1, 6, 2)
    R, hs = 3 * rng.standard_normal((H, H)), rng.uniform(0.05, 0.95, (T, H))
    return R, hs, rng.standard_normal((T, D)), rng.standard_normal(H)


def hearing_start(rng):
    return (_orthogonal(rng, rng.integers(1, 7)),)
