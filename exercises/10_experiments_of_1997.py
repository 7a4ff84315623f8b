"""What the grader asks of exercise 10: arguments for each answer, drawn from its generator."""

import numpy as np

_REBER = [
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": 7},
]


def adding_sequence(rng):
    T = int(rng.integers(3, 40))
    places = rng.permutation(T - 1)[:2]
    if rng.uniform() < 0.7 and 0 not in places:
        places[rng.integers(2)] = 0
    return rng.uniform(-1, 1, T), places


def may_come_next(rng):
    """Beginnings of strings, up to whole ones, and some that are spoilt at a place."""
    beginnings = []
    for _ in range(8):
        string, node = "", 0
        while node != 7:
            symbol = str(rng.choice(sorted(_REBER[node])))
            string, node = string + symbol, _REBER[node][symbol]
        around = str(rng.choice(["T", "P"]))
        string = "B" + around + string + around + "E"
        place = int(rng.integers(len(string)))
        spoilt = string[:place] + str(rng.choice(list("BTPSXVE"))) + string[place + 1 :]
        ends = [-3, -2, -1, len(string), int(rng.integers(len(string)))]
        beginnings += [string[:end] for end in ends]
        beginnings += [
            spoilt[: place + 1],
            spoilt[: int(rng.integers(len(string))) + 1],
            string + "E",
        ]
    order = rng.permutation(len(beginnings))
    return ([beginnings[k] for k in order],)


def solved_after(rng):
    """Wrong, then right but coarse, then fine, with a wrong one here and there at first."""
    K, recent = int(rng.integers(2, 6)), int(rng.integers(5, 16))
    counts = rng.integers(5, 40, 3) + [20, recent, 2 * recent]
    if rng.uniform() < 0.15:
        counts[2] = 0
    limits = np.repeat([0.8, 0.28, 0.1], counts)[:, None]
    errors = limits * rng.uniform(0.75, 1, (len(limits), K)) * rng.choice([-1, 1], (len(limits), K))
    slip = counts[0] + counts[1] + int(rng.integers(0, 4))
    classes = rng.integers(K, size=len(limits))
    if slip < len(limits):  # the largest output is still the class's
        errors[slip] = np.where(np.arange(K) == classes[slip], 0.35, 0.0)
    outputs = np.eye(K)[classes] + errors
    if rng.uniform() < 0.35:  # the run ends with the sequence that solves it
        for n in range(recent, len(errors) + 1):
            last = abs(errors[n - recent : n])
            if last.max() < 0.3 and last.mean() < 0.1:
                return outputs[:n], classes[:n], recent
    return outputs, classes, recent


def adding_by_hand(rng):
    return float(rng.uniform(-2, 2)), float(rng.choice([-1, 1]) * rng.uniform(0.1, 2))


def judge_adding_by_hand(args, value, reference):
    """Whether the weights add, over short and over long sequences."""
    p, q = args
    try:
        W, R, b, v, v_0 = (np.asarray(part, dtype=float) for part in value)
        if (W.shape, R.shape, b.shape) != ((4, 2), (4, 1), (4,)) or v.size != 1 or v_0.size != 1:
            return False
        parts = np.concatenate([part.ravel() for part in (W, R, b, v, v_0)])
        if not (np.isfinite(parts).all() and abs(parts).max() < 1e4):
            return False
        return all(_adds(T, p, q, W, R[:, 0], b, v.item(), v_0.item()) for T in (11, 110, 1100))
    except (TypeError, ValueError, OverflowError):
        return False


def _adds(T, p, q, W, R, b, v, v_0):
    rng, B = np.random.default_rng(T), 64
    xs, each = np.zeros((T, B, 2)), np.arange(B)
    xs[..., 0] = rng.uniform(-1, 1, (T, B))
    xs[[0, -1], :, 1] = -1
    first = rng.integers(0, min(10, T - 2), B)
    second = (first + 1 + rng.integers(0, T - 3, B)) % (T - 1)
    second = np.where(second == first, (first + 1) % (T - 1), second)
    xs[first, each, 1] = xs[second, each, 1] = 1
    xs[0, xs[0, :, 1] == 1, 0] = 0
    # All the unmarked alike: they add up where a gate leaks.
    xs[:, :2, 0] = np.where(xs[:, :2, 1] == 1, xs[:, :2, 0], [1, -1])
    wanted = p + q * (xs[first, each, 0] + xs[second, each, 0])
    h = c = np.zeros(B)
    for x in xs:
        a = x @ W.T + h[:, None] * R + b
        i, f, o = (0.5 + 0.5 * np.tanh(a[:, k] / 2) for k in (0, 1, 3))
        c = f * c + i * np.tanh(a[:, 2])
        h = o * np.tanh(c)
    return bool((abs(v * h + v_0 - wanted) < 0.01).all())


def failures_allowed(rng):
    if rng.uniform() < 0.15:
        return int(rng.integers(1, 4)), 0.9, float(rng.uniform(1, 3))
    return int(rng.integers(20, 400)), float(rng.uniform(0.2, 0.9)), float(rng.uniform(0.8, 3))
