"""What the grader asks of exercise 11: arguments for each answer, drawn from its generator."""

import numpy as np


def _chain(rng):
    states = int(rng.integers(2, 5))
    P = rng.uniform(0.05, 1, (states, states)) + np.diag(rng.uniform(0, 3, states))
    return P / P.sum(1, keepdims=True), rng.uniform(0.2, 0.99, states)


def fractional_difference(rng):
    return rng.standard_normal(int(rng.integers(5, 40))), float(rng.uniform(-0.8, 1.4))


def mean_product(rng):
    return *_chain(rng), int(rng.integers(0, 25))


def typical_half_life(rng):
    return _chain(rng)


def largest_noise(rng):
    return (float(rng.uniform(0.3, 1) if rng.uniform() < 0.2 else rng.uniform(1.1, 6)),)


def _products(rng):
    """E[g_t g_{t+k}] of a sum of two autoregressions and a constant, over 1 to 30 steps."""
    lags, parts = np.arange(int(rng.integers(1, 31))), rng.uniform(0.1, 0.5, 3)
    signs, slow = rng.uniform(-0.9, 0.9), rng.uniform(0.5, 0.95)
    return parts[0] * signs**lags + parts[1] * slow**lags + 0.2 * parts[2]


def memory_size(rng):
    H = int(rng.integers(1, 6))
    return rng.uniform(-1, 4, H), rng.uniform(-4, 1, H), _products(rng)


def mended_input_bias(rng):
    H, products = int(rng.integers(1, 6)), _products(rng)
    return rng.uniform(-1, 4, H), products, float(rng.uniform(0.2, 0.6) * products[0] ** 0.5)
