"""What the grader asks of exercise 8: arguments for each answer, drawn from its generator."""

import numpy as np


def _sigmoid(a):
    return 0.5 * (1 + np.tanh(a / 2))


def writing_step(rng):
    D, H = rng.integers(1, 5), rng.integers(2, 6)
    W, R = rng.standard_normal((3 * H, D)), rng.standard_normal((3 * H, H))
    return W, R, rng.standard_normal(3 * H), rng.standard_normal(D), rng.uniform(-1, 1, H)


def translated(rng):
    H = int(rng.integers(1, 5))
    shape = (3 * H,) if rng.random() < 0.3 else (3 * H, int(rng.integers(1, 5)))
    return (rng.standard_normal(shape),)


def as_gru(rng):
    D, H = rng.integers(1, 4), rng.integers(1, 5)
    return rng.standard_normal((H, D)), rng.standard_normal((H, H)), rng.standard_normal(H)


def judge_as_gru(args, value, reference):
    """Many GRUs are right: run this one, and the RNN, on a few steps from a few starts."""
    W, R, b = (np.asarray(part, dtype=float) for part in args)
    (H, D), rng = W.shape, np.random.default_rng(0)
    try:
        W_all, R_all, b_all, b_nh = (np.asarray(part, dtype=float) for part in value)
    except (TypeError, ValueError, OverflowError):
        return False
    shapes = [part.shape for part in (W_all, R_all, b_all, b_nh)]
    if shapes != [(3 * H, D), (3 * H, H), (3 * H,), (H,)]:
        return False
    if not all(np.isfinite(part).all() for part in (W_all, R_all, b_all, b_nh)):
        return False
    with np.errstate(all="ignore"):
        for _ in range(20):
            x, h = 2 * rng.standard_normal(D), rng.uniform(-1, 1, H)
            from_x, from_h = (W_all @ x + b_all).reshape(3, H), (R_all @ h).reshape(3, H)
            r, z = _sigmoid(from_x[:2] + from_h[:2])
            n = np.tanh(from_x[2] + r * (from_h[2] + b_nh))
            wanted = np.tanh(W @ x + R @ h + b)
            if not np.allclose((1 - z) * n + z * h, wanted, rtol=0, atol=2e-9):
                return False
    return True


def order_matters(rng):
    H = int(rng.integers(3, 6))
    R_n = rng.standard_normal((H, H)) * (rng.random((H, H)) < 0.7)
    return R_n, rng.integers(0, 3, H)


def judge_order_matters(args, value, reference):
    """Truth values are as good as 1.0 and 0.0."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return False
    return found.shape == np.shape(reference) and np.array_equal(found, reference)


def shares(rng):
    T, H = rng.integers(1, 9), rng.integers(1, 5)
    return (rng.uniform(0.1, 0.95, (T, H)),)


def mended_bias(rng):
    return rng.standard_normal(3 * int(rng.integers(1, 5))), int(rng.integers(3, 200))
