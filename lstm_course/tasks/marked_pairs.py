"""Pairs of a value and a mark, two of them marked: what adding and multiplication have in common.

Hochreiter & Schmidhuber (1997, §5.4 and §5.5). Two steps are marked with 1, one among the first ten and
one among the first T/2 − 1 that are still unmarked; the first and the last step carry −1, all others 0.
Lengths are uniform between T and T + T/10. Something is made of the two marked values, and wanted at the
end.

If the first step gets marked, its value is set to one that changes nothing (0 in a sum, 1 in a product),
and 1 stands in place of its −1. The paper says it of X1; as the second mark may fall there too, it is
done for either.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arguments import number, whole
from lstm_course.ops import Array
from lstm_course.tasks import outputs as of

Seed = int | np.random.Generator


class Sequences(NamedTuple):
    """B sequences; T is the longest length, and shorter ones end with zeros that count for nothing."""

    xs: np.ndarray  #: (T, B, 2): value, mark
    targets: np.ndarray  #: (B,): what is wanted of X1 and X2
    lengths: np.ndarray  #: (B,)

    def at_end(self, outputs: Array) -> Array:
        """Each sequence's output at its own last step, (..., B), of outputs (..., T, B)."""
        return of.at_end(outputs, self.lengths, self.xs.shape[:2])

    def right(self, ends: np.ndarray, *, within: float = 0.04) -> np.ndarray:
        """Whether each final output (B,) is off by less than 0.04, the paper's margin."""
        within = number("within", within, low=0)
        return of.errors("ends", ends, self.targets) < within

    def text(self, sequence: int) -> str:
        """One sequence as two lines and its target. Raises IndexError if there is no such sequence."""
        steps = self.xs[: self.lengths[sequence], sequence]
        values = " ".join(f"{value:5.2f}" for value in steps[:, 0])
        marks = " ".join(f"{mark:5.0f}" for mark in steps[:, 1])
        return f"value  {values}\nmark   {marks}\ntarget {self.targets[sequence]:5.2f}"


class Drawn(NamedTuple):
    """What is there before anything is wanted of it."""

    xs: np.ndarray  #: (T, B, 2): value, mark
    marked: np.ndarray  #: (2, B): X1 and X2
    lengths: np.ndarray  #: (B,)


def draw_pairs(count: int, seed: Seed, shortest: int, *, low: float, neutral: float) -> Drawn:
    """Draw ``count`` sequences of T to T + T/10 pairs, T = ``shortest``, values uniform in [low, 1].

    ``neutral`` is the value of a first step that is marked. Raises TypeError or ValueError for a count
    below 1, and for T below 11, where the last step would be among the first ten.
    """
    B, T = whole("count", count), whole("shortest", shortest, at_least=11)
    rng = np.random.default_rng(seed)
    lengths = rng.integers(T, T + T // 10 + 1, size=B)
    here, longest = np.arange(B), T + T // 10
    first = rng.integers(10, size=B)
    second = rng.integers(T // 2 - 1, size=B)
    second += second >= first  # among those still unmarked
    xs = np.zeros((longest, B, 2))
    xs[..., 0] = rng.uniform(low, 1, size=(longest, B))
    xs[0, :, 1] = -1.0
    xs[lengths - 1, here, 1] = -1.0
    xs[first, here, 1] = 1.0
    xs[second, here, 1] = 1.0
    xs[0, (first == 0) | (second == 0), 0] = neutral
    xs[np.arange(longest)[:, None] >= lengths] = 0.0
    return Drawn(xs, xs[(first, second), here, 0], lengths)
