"""What the grader asks of exercise 5: arguments for each answer, drawn from its generator."""

import numpy as np

TOLERANCE = {"best_gate": 1e-4, "mended_biases": 1e-4}


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def cell_errors(rng):
    T = rng.integers(1, 12)
    a = 1.5 * rng.standard_normal((3, T))
    i, g, o = _sigmoid(a[0]), 4 * _sigmoid(a[1]) - 2, _sigmoid(a[2])
    return i, g, o, np.cumsum(i * g), rng.standard_normal(T)


def _blocks(rng):
    S, blocks = rng.integers(2, 4, 2)
    if rng.random() < 0.2:  # single cells, or a single block
        S, blocks = rng.permutation([1, 3])
    T, D = rng.integers(2, 8), rng.integers(1, 4)
    rows, H = blocks * (S + 2), S * blocks
    W, R = rng.standard_normal((rows, D)), rng.standard_normal((rows, H))
    b = rng.standard_normal(rows)
    return W, R, b, rng.standard_normal((T, D)), int(S)


def block_states(rng):
    return _blocks(rng)


def block_gradients(rng):
    W, R, b, xs, S = _blocks(rng)
    return W, R, b, xs, rng.standard_normal((len(xs), R.shape[1])), S


def weakest_factor(rng):
    T = rng.integers(1, 10)
    i, o = _sigmoid(rng.normal(1, 1, (2, T)))
    g = 4 * _sigmoid(rng.normal(0.3, 0.7, T)) - 2
    weak = rng.integers(4)
    if weak == 0:
        i[0] *= 0.1
    elif weak == 1:
        o[-1] *= 0.1
    elif weak == 2:
        g[0] = rng.choice([-1, 1]) * rng.uniform(1.92, 1.99)
    else:
        i, g, o = (np.append(part, [end] * 3) for part, end in ((i, 0.9), (g, 1.6), (o, 0.8)))
    return i, g, o


def best_gate(rng):
    if rng.random() < 0.5:  # the best is a gate that is wide open
        return int(rng.integers(1, 4)), float(rng.uniform(0.1, 0.4))
    return int(rng.integers(10, 500)), float(rng.choice([-1, -1, 1]) * rng.uniform(0.3, 1.8))


def mended_biases(rng):
    H, D = rng.integers(2, 6), rng.integers(1, 4)
    W_i, W_g = rng.standard_normal((2, H, D))
    T = int(rng.integers(2, 5) if rng.random() < 0.6 else rng.integers(8, 200))
    return W_i, W_g, rng.uniform(0.5, 1.5, H), rng.standard_normal(D), T
