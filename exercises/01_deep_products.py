"""What the grader asks of exercise 1: arguments for each answer, drawn from its generator."""

import numpy as np

TOLERANCE = {"extreme_factors": 1e-4}


def two_layer_gradients(rng):
    D, H, M = rng.integers(1, 6, 3)
    W1, W2 = rng.standard_normal((H, D)), rng.standard_normal((M, H))
    b1, b2, x, y = (rng.standard_normal(size) for size in (H, M, D, M))
    return W1, b1, W2, b2, x, y


def bypass_errors(rng):
    n, N = rng.integers(1, 8), rng.integers(2, 6)
    x, d_last = rng.standard_normal((2, N))
    return rng.standard_normal((n, N, N)), x, d_last, float(rng.uniform(-1.5, 1.5))


def extreme_factors(rng):
    N = rng.integers(2, 5)
    return (rng.standard_normal((rng.integers(2, 5), N, N)),)


def refutation(rng):
    return (int(rng.integers(2, 12)),)


def judge_refutation(args, value, reference):
    """Whether the three matrices do what was asked; there are many that do."""
    N = args[0]
    try:
        A, B, C = (np.array(matrix, dtype=float) for matrix in value)
        if any(m.shape != (N, N) or not (abs(m) < 1e6).all() for m in (A, B, C)):
            return False
        dets = [np.linalg.det(m) for m in (A, B, C)]
        if abs(dets[0]) > 0.5 + 1e-9 or min(dets[1:]) < 2 - 1e-9:
            return False
        grows = shrinks = np.eye(N)[0]
        for layer in range(1, 11):
            grows, shrinks = A.T @ grows, B.T @ shrinks
            if np.linalg.norm(grows) < (1 - 1e-9) * 2.0**layer:
                return False
            if np.linalg.norm(shrinks) > (1 + 1e-9) * 0.5**layer:
                return False
        return bool(np.linalg.norm(C, 2) <= 2 ** (1 / N) + 1e-9)
    except (TypeError, ValueError, OverflowError, np.linalg.LinAlgError):
        return False


def expected_factor(rng):
    return float(rng.uniform(0.05, 1)), int(rng.integers(1, 200)), float(rng.uniform(-0.9, 0.9))


def mended_limit(rng):
    return int(rng.integers(1, 200)), float(rng.uniform(-0.9, 0.9))
