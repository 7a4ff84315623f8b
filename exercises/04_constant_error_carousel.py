"""What the grader asks of exercise 4: arguments for each answer, drawn from its generator."""

import numpy as np


def _away_from_zero(rng):
    return float(rng.choice([-1, 1]) * rng.uniform(0.3, 3))


def linear_unit(rng):
    w, C, w_in, b, h0, y = (_away_from_zero(rng) for _ in range(6))
    return w, C, w_in, b, rng.standard_normal(rng.integers(1, 12)), h0, y


def steady_bias(rng):
    w, C, w_in, m = (_away_from_zero(rng) for _ in range(4))
    return w, C, w_in, m, float(rng.uniform(0.1, 2)), int(rng.integers(2, 200))


def mean_gradients(rng):
    return *(_away_from_zero(rng) for _ in range(3)), int(rng.integers(2, 30))


def store_floors(rng):
    q = rng.uniform(0.1, 1, rng.integers(2, 7))
    return q / q.sum(), _away_from_zero(rng), float(rng.uniform(0.2, 3))


def arriving(rng):
    T = rng.integers(2, 12)
    return rng.uniform(0.1, 1.2, T), rng.uniform(0.1, 1, T)


def diagnosis(rng):
    T = rng.integers(4, 7)
    i = np.where(rng.random(T) < 0.4, rng.uniform(0.5, 1, T), rng.uniform(0.02, 0.4, T))
    i[-rng.integers(1, 4)] = rng.uniform(0.5, 0.7)
    return rng.uniform(0.55, 1, T), i


def gate_weights(rng):
    T = int(rng.integers(2, 50))
    return T, float(T / 8 * 10 ** rng.uniform(-6, -0.5))
