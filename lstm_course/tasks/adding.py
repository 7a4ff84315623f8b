"""The adding problem, experiment 4 of Hochreiter & Schmidhuber (1997, §5.4).

Each step brings a value from [−1, 1] and a mark. Two steps are marked with 1, one among the first ten
and one among the first T/2 − 1 that are still unmarked; the first and the last step carry −1, all others
0. At the end the sum X1 + X2 of the two marked values is wanted, as 0.5 + (X1 + X2)/4, which lies in
[0, 1]::

    value   −0.3   0.7   0.1  −0.4   0.9  −0.2
    mark     −1     1     0     1     0    −1
    target                                0.575        0.5 + (0.7 − 0.4)/4

Lengths are uniform between T and T + T/10. If the first step gets marked, its value is set to 0, and 1
stands in place of its −1. (The paper says it of X1; as the second mark may fall there too, it is done
for either.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course import checks
from lstm_course.arguments import number, whole
from lstm_course.ops import Array

Seed = int | np.random.Generator


class Sequences(NamedTuple):
    """B sequences; T is the longest length, and shorter ones end with zeros that count for nothing."""

    xs: np.ndarray  #: (T, B, 2): value, mark
    targets: np.ndarray  #: (B,): 0.5 + (X1 + X2)/4
    lengths: np.ndarray  #: (B,)

    def at_end(self, outputs: Array) -> Array:
        """Each sequence's output at its own last step, (..., B), of outputs (..., T, B)."""
        checks.array("outputs", outputs, ("...", *self.xs.shape[:2]))
        return outputs[..., self.lengths - 1, np.arange(len(self.lengths))]

    def right(self, ends: np.ndarray, *, within: float = 0.04) -> np.ndarray:
        """Whether each final output (B,) is off by less than 0.04, the paper's margin."""
        within = number("within", within, low=0)
        if np.shape(ends) != self.targets.shape:
            raise ValueError(f"ends: got shape {np.shape(ends)}, expected {self.targets.shape}")
        return abs(np.asarray(ends) - self.targets) < within

    def text(self, sequence: int) -> str:
        """One sequence as two lines and its target. Raises IndexError if there is no such sequence."""
        steps = self.xs[: self.lengths[sequence], sequence]
        values = " ".join(f"{value:5.2f}" for value in steps[:, 0])
        marks = " ".join(f"{mark:5.0f}" for mark in steps[:, 1])
        return f"value  {values}\nmark   {marks}\ntarget {self.targets[sequence]:5.2f}"


def draw(count: int, seed: Seed, *, shortest: int = 100) -> Sequences:
    """Draw ``count`` sequences of T to T + T/10 steps, T = ``shortest``.

    Both marks are in the first half if T is at least 20: T/2 steps or more lie between them and the end.
    Raises TypeError or ValueError for a count below 1, and for T below 11, where the last step would be
    among the first ten.
    """
    B, T = whole("count", count), whole("shortest", shortest, at_least=11)
    rng = np.random.default_rng(seed)
    lengths = rng.integers(T, T + T // 10 + 1, size=B)
    here, longest = np.arange(B), T + T // 10
    first = rng.integers(10, size=B)
    second = rng.integers(T // 2 - 1, size=B)
    second += second >= first  # among those still unmarked
    xs = np.zeros((longest, B, 2))
    xs[..., 0] = rng.uniform(-1, 1, size=(longest, B))
    xs[0, :, 1] = -1.0
    xs[lengths - 1, here, 1] = -1.0
    xs[first, here, 1] = 1.0
    xs[second, here, 1] = 1.0
    xs[0, (first == 0) | (second == 0), 0] = 0.0
    xs[np.arange(longest)[:, None] >= lengths] = 0.0
    targets = 0.5 + (xs[first, here, 0] + xs[second, here, 0]) / 4
    return Sequences(xs, targets, lengths)


def solved(task: Sequences, ends: np.ndarray, *, mean_error: float = 0.01) -> bool:
    """Whether every final output (B,) is right and the mean absolute error is below 0.01.

    The paper stops when its mean training error is below 0.01 and the last 2000 sequences were right:
    this is that criterion for B = 2000 new ones.
    """
    mean_error = number("mean_error", mean_error, low=0)
    right = task.right(ends)
    return bool(right.all() and abs(np.asarray(ends) - task.targets).mean() < mean_error)
