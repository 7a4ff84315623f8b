"""What the grader asks of exercise 9: arguments for each answer, drawn from its generator."""

import numpy as np

TOLERANCE = {"best_update": 1e-5}


def _sizes(rng):
    return int(rng.integers(1, 4)), int(rng.integers(1, 6))  # D, H


def single_gate_jacobian(rng):
    H = int(rng.integers(2, 6))
    return rng.uniform(0.1, 0.9, H), rng.standard_normal((H, H))


def units_that_agree(rng):
    """Units of all kinds, in random order: some agree, and look as if they did not; or the reverse."""
    D, H = int(rng.integers(1, 4)), 10
    W, R = rng.standard_normal((H, D)), rng.standard_normal((H, H))
    u, r = rng.uniform(0.1, 0.9, H), rng.uniform(0.1, 0.9, H)
    u[[0, 1, 2, 3]] = 1  # 0: agrees
    r[[0, 4]] = 1
    R[2] = 0  # agrees, 1 does not
    W[3] = 0
    W[[5, 6, 7]] = 0
    R[5], R[5, 5] = 0, (1 - u[5]) / (1 - u[5] * r[5])  # agrees
    R[6], R[6, 6] = 0, 1
    u[7], R[7], R[7, 7] = 0, 0, 1  # agrees
    u[8] = 0
    R[9], R[9, 9] = 0, (1 - u[9]) / (1 - u[9] * r[9])  # as 5, but the input weighs differently
    order = rng.permutation(H)
    order = order if rng.uniform() < 0.7 else order[:6]
    return u[order], r[order], W[order], R[np.ix_(order, order)]


def largest_safe_update(rng):
    H, r = int(rng.integers(1, 7)), rng.uniform(0.3, 1)
    R = rng.standard_normal((H, H))
    radius = abs(np.linalg.eigvals(R)).max()
    kind = rng.integers(5)
    if kind == 0:  # any gate will do
        return R * 0.8 / (r * radius), r
    R *= rng.uniform(2, 4) / (r * radius)
    if kind > 1:  # and otherwise, with many units, none
        R -= (np.linalg.eigvals(R).real.max() - rng.uniform(0.1, 0.9) / r) * np.eye(H)
    return R, r


def reset_first_parts(rng):
    D, H = _sizes(rng)
    W, R = rng.standard_normal((3 * H, D)), rng.standard_normal((3 * H, H))
    return W, R, rng.standard_normal(3 * H), rng.standard_normal(D), rng.standard_normal(H)


def reach(rng):
    D, H = int(rng.integers(1, 4)), int(rng.integers(2, 6))
    u, r = rng.uniform(0.1, 0.9, H), rng.uniform(0.1, 0.9, H)
    W, R = rng.standard_normal((H, D)), rng.standard_normal((H, H))
    return u, r, W, R, int(rng.integers(0, 7))


def best_update(rng):
    lag = int(rng.integers(0, 12))
    kind = rng.integers(3)
    m = (rng.uniform(-0.6, 0.6), rng.uniform(0.8, 0.99), rng.uniform(-0.99, -0.7))[kind]
    return lag, float(m)
