"""Do updates at every step explain what the paper of 1997 reports? Experiments 1 and 2a, written anew.

    python benchmarks/updates_1997.py     about 10 CPU minutes; stored in
                                          lstm_course/results/updates_1997.json

The nets of `lstm_course.experiments` change their weights once for each sequence. These here can also
do so at every step, as the paper's "on-line learning" may mean. They are a second, independent program:
plain loops, the truncated gradient carried forward with the state (1997, appendix A.1), nothing of the
package but the strings of the Reber grammar. So they also are a check of the package's nets.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numba import njit

import lstm_course
from lstm_course.tasks import reber

RESULT = Path(lstm_course.__file__).parent / "results" / "updates_1997.json"
REBER = {"seeds": 8, "blocks": 3, "size": 2, "rate": 0.5, "limit": 60_000}
LAG = {"seeds": 10, "p": 100, "rate": 1.0, "limit": 50_000, "added_after": 2_000}


@njit
def sigmoid(a):
    return 1 / (1 + np.exp(-a))


@njit
def reber_string(W_i, W_g, W_o, V, size, symbols, following, rate, every_step, outputs):
    """Read a string; write the outputs of its steps into ``outputs``; learn if the rate is above 0."""
    blocks, cells = len(W_i), len(W_g)
    sources = W_i.shape[1]  # 7 symbols, all gates and cells one step before, and a bias
    y, c, source = np.zeros(cells + 2 * blocks), np.zeros(cells), np.zeros(sources)
    c_by_i, c_by_g = np.zeros((cells, sources)), np.zeros((cells, sources))
    dW_i, dW_g, dW_o = np.zeros_like(W_i), np.zeros_like(W_g), np.zeros_like(W_o)
    dV = np.zeros_like(V)
    for t in range(len(symbols)):
        source[:] = 0
        source[symbols[t]] = source[-1] = 1
        source[7:-1] = y
        i, g, o = sigmoid(W_i @ source), 4 * sigmoid(W_g @ source) - 2, sigmoid(W_o @ source)
        psi = np.empty(cells)
        h = np.empty(cells)
        for j in range(cells):
            c[j] += i[j // size] * g[j]
            psi[j] = 2 * sigmoid(c[j]) - 1
            h[j] = o[j // size] * psi[j]
        outputs[t] = sigmoid(V @ h)
        if rate > 0:
            error = -outputs[t].copy()
            error[following[t]] += 1
            error *= outputs[t] * (1 - outputs[t])
            dh = V.T @ error
            dV += np.outer(error, h)
            for j in range(cells):
                b = j // size
                c_by_i[j] += g[j] * i[b] * (1 - i[b]) * source
                c_by_g[j] += i[b] * (1 - g[j] ** 2 / 4) * source
                on_c = dh[j] * o[b] * (1 - psi[j] ** 2) / 2
                dW_i[b] += on_c * c_by_i[j]
                dW_g[j] += on_c * c_by_g[j]
                dW_o[b] += dh[j] * psi[j] * o[b] * (1 - o[b]) * source
            if every_step or t == len(symbols) - 1:
                dW_g[:, -1] = 0  # cells have no bias
                W_i += rate * dW_i
                W_g += rate * dW_g
                W_o += rate * dW_o
                V += rate * dV
                dW_i[:], dW_g[:], dW_o[:], dV[:] = 0, 0, 0, 0
        y[:blocks], y[blocks : blocks + cells], y[blocks + cells :] = i, h, o


def reber_trial(seed, every_step, blocks, size, rate, limit):
    """After how many strings experiment 1 is solved; None if not within the limit."""
    training, test = reber.pair(seed % 3)
    rng = np.random.default_rng(seed)
    cells, sources = blocks * size, 7 + blocks * (size + 2) + 1
    shapes = ((blocks, sources), (cells, sources), (blocks, sources), (7, cells))
    W_i, W_g, W_o, V = weights = [rng.uniform(-0.2, 0.2, shape) for shape in shapes]
    W_g[:, -1], W_o[:, -1] = 0, -1 - np.arange(blocks)
    outputs = np.zeros((500, 7))

    def read(strings, j, rate):
        n = strings.lengths[j]
        symbols, following = strings.symbols[:n, j], strings.complete[1 : n + 1, j]
        steps = symbols.copy(), following.copy()
        reber_string(*weights, size, *steps, rate, every_step, outputs)
        return outputs[:n]

    def right(strings):
        for j in range(len(strings.lengths)):
            found = read(strings, j, 0.0)
            possible = strings.possible[: len(found), j]
            least = np.where(possible, found, np.inf).min(1)
            if not (least > np.where(possible, -np.inf, found).max(1)).all():
                return False
        return True

    for n in range(1, limit + 1):
        read(training, rng.integers(256), rate)
        if n % 256 == 0 and right(training) and right(test):
            return n
    return None


@njit
def lag_right(U, v, w_i, w_g):
    """Whether both sequences of experiment 2a are right, all outputs within 0.25 at every step."""
    p = len(U) - 1
    for first in (p - 1, p):
        c = 0.0
        for t in range(p):
            x, following = first if t == 0 else t - 1, first if t == p - 1 else t
            c += sigmoid(w_i[x]) * sigmoid(w_g[x])
            error = -sigmoid(U[x] + v * c)
            error[following] += 1
            if np.abs(error).max() >= 0.25:
                return False
    return True


@njit
def lag_trial(seed, every_step, p, rate, limit, added_after):
    """After how many sequences experiment 2a is solved; 0 if not within the limit."""
    np.random.seed(seed)
    K = p + 1
    U, w_i, w_g = np.random.uniform(-0.2, 0.2, (K, K)), np.zeros(K), np.zeros(K)
    for k in range(K):
        w_i[k], w_g[k] = np.random.uniform(-0.2, 0.2), np.random.uniform(-0.2, 0.2)
    v = np.zeros(K)
    dU, dv, dw_i, dw_g = np.zeros((K, K)), np.zeros(K), np.zeros(K), np.zeros(K)
    for n in range(1, limit + 1):
        first = p - 1 + np.random.randint(2)
        added, c = n > added_after, 0.0
        c_by_i, c_by_g = np.zeros(K), np.zeros(K)
        for t in range(p):
            x, following = first if t == 0 else t - 1, first if t == p - 1 else t
            i, g = sigmoid(w_i[x]), sigmoid(w_g[x])
            c += i * g
            c_by_i[x] += i * (1 - i) * g
            c_by_g[x] += i * g * (1 - g)
            y = sigmoid(U[x] + v * c)
            error = -y
            error[following] += 1
            error *= y * (1 - y)
            dU[x] += error
            if added:
                on_c = error @ v
                dv += error * c
                dw_i += on_c * c_by_i
                dw_g += on_c * c_by_g
            if every_step:
                U[x] += rate * dU[x]
                dU[x] = 0
            elif t == p - 1:
                U += rate * dU
                dU[:] = 0
            if every_step or t == p - 1:
                v += rate * dv
                w_i += rate * dw_i
                w_g += rate * dw_g
                dv[:], dw_i[:], dw_g[:] = 0, 0, 0
        if n % 100 == 0 and lag_right(U, v, w_i, w_g):
            return n
    return 0


def main() -> None:
    """Run both experiments in both ways, print and store."""
    found = {"command": "python benchmarks/updates_1997.py", "reber": {}, "lag": {}}
    for name, every_step in {"every sequence": False, "every step": True}.items():
        settings = dict(REBER)
        seeds = range(settings.pop("seeds"))
        found["reber"][name] = [reber_trial(seed, every_step, **settings) for seed in seeds]
        settings = dict(LAG)
        seeds = range(settings.pop("seeds"))
        found["lag"][name] = [lag_trial(seed, every_step, **settings) or None for seed in seeds]
        print(name, found["reber"][name], found["lag"][name], flush=True)
    settings = {"settings": {"reber": REBER, "lag": LAG}}
    RESULT.write_text(json.dumps(found | settings, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
