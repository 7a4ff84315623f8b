"""What the grader asks of exercise 6: arguments for each answer, drawn from its generator."""

import numpy as np


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _order(rng):
    return "".join(rng.permutation(list("ifgo")).tolist())


def coupled_peephole_step(rng):
    D, H = rng.integers(1, 6, 2)
    W, R = rng.standard_normal((3 * H, D)), rng.standard_normal((3 * H, H))
    b, p = rng.standard_normal(3 * H), rng.standard_normal(2 * H)
    return W, R, b, p, rng.standard_normal(D), rng.uniform(-1, 1, H), rng.standard_normal(H)


def reordered(rng):
    H = int(rng.integers(1, 5))
    shape = (4 * H,) if rng.random() < 0.3 else (4 * H, int(rng.integers(1, 5)))
    return rng.standard_normal(shape), _order(rng)


def which_order(rng):
    D, H = rng.integers(1, 5), rng.integers(2, 5)
    W, R = rng.standard_normal((4, H, D)), rng.standard_normal((4, H, H))
    b, x = rng.standard_normal((4, H)), rng.standard_normal(D)
    h, c = rng.uniform(-1, 1, H), rng.standard_normal(H)
    order = _order(rng)
    a = dict(zip(order, W @ x + R @ h + b, strict=True))
    c_new = _sigmoid(a["f"]) * c + _sigmoid(a["i"]) * np.tanh(a["g"])
    h_new = _sigmoid(a["o"]) * np.tanh(c_new)
    stacked = W.reshape(4 * H, D), R.reshape(4 * H, H), b.reshape(4 * H)
    return *stacked, x, h, c, h_new, c_new


def leak_error(rng):
    lengths = rng.choice(np.arange(2, 20), int(rng.integers(1, 6)), replace=False)
    return float(rng.uniform(0.6, 0.97)), lengths


def forget_bias_slope(rng):
    T, H = rng.integers(2, 12), rng.integers(1, 5)
    a_f, a_i, a_g = rng.standard_normal((3, T, H))
    return _sigmoid(a_f), _sigmoid(a_i), np.tanh(a_g)


def diagnose(rng):
    T, H = int(rng.integers(20, 40)), int(rng.integers(2, 5))
    kinds = rng.choice([[-5.0, 9.0], [-5.0, 3.5], [-5.0, -4.0]], p=[0.4, 0.3, 0.3])
    middle = rng.choice(kinds, H)
    middle[:2] = kinds
    return _sigmoid(middle + 0.3 * rng.standard_normal((T, H))), int(rng.integers(10, T))
