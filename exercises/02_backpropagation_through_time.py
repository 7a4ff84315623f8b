"""What the grader asks of exercise 2: arguments for each answer, drawn from its generator."""

import numpy as np


def _net(rng):
    T, D, H, M = rng.integers(1, 8), *rng.integers(2, 6, 3)
    W, R, b = rng.standard_normal((H, D)), rng.standard_normal((H, H)), rng.standard_normal(H)
    V, h0 = rng.standard_normal((M, H)), rng.standard_normal(H)
    return W, R, b, V, h0, rng.standard_normal((T, D)), rng.standard_normal((T, M))


def logistic_states(rng):
    W, R, b, _, h0, xs, _ = _net(rng)
    return W, R, b, xs, h0


def logistic_gradients(rng):
    W, R, b, V, h0, xs, ys = _net(rng)
    hs = [h0]
    for x in xs:
        hs.append(1 / (1 + np.exp(-(W @ x + R @ hs[-1] + b))))
    return W, R, b, V, xs, ys, np.array(hs)


def outside_bias_gradient(rng):
    W, R, b, V, h0, xs, ys = _net(rng)
    hs = [h0]
    for x in xs:
        hs.append(np.tanh(W @ x + R @ hs[-1]) + b)
    return W, R, b, V, xs, ys, np.array(hs)


def sliding_gradient(rng):
    T, H = rng.integers(3, 12), rng.integers(2, 6)
    R, hs = rng.standard_normal((H, H)), rng.uniform(-0.9, 0.9, (T + 1, H))
    return R, hs, rng.standard_normal((T, H)), int(rng.integers(1, T + 2))
