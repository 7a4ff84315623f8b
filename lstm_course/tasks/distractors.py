"""Very long lags and distractor symbols, experiment 2c of Hochreiter & Schmidhuber (1997, §5.2).

There are p + 4 symbols: the distractors a₁ … aₚ, and e, b, x, y. A sequence is b, then x or y with
probability 1/2 each, then q + k distractors drawn at random, then the trigger e, and then the second
symbol once more, which is to be predicted::

    b y a3 a1 a1 a4 a2 a2 e y          q = 5, k = 1

k is the number of further distractors: after the first q, each next symbol is one more distractor with
probability 9/10, or e with probability 1/10. Only at e is an output wanted, of two units, for x and for
y. The second symbol has to be kept for q + 1 steps or more.

Two slips of the paper. It lets the indices of the distractors in the two sets of sequences run from 1 to
q, where p must be meant, the number of distractors. And it has q + 14 for the expected number of symbols,
where its own sum, 4 + Σ 1/10 (9/10)ᵏ (q + k), is q + 13.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arguments import number, whole
from lstm_course.ops import Array
from lstm_course.tasks import outputs as of
from lstm_course.tasks.one_hot import one_hot

Seed = int | np.random.Generator


class Sequences(NamedTuple):
    """B sequences; T is the longest length, and in shorter ones the steps after the end are −1.

    a₁ has index 0, e has p, b p + 1, x p + 2, y p + 3. For many distractors ``xs`` is large; it is made
    each time it is asked for.
    """

    symbols: np.ndarray  #: (T, B): indices of b … e
    classes: np.ndarray  #: (B,): 0 for x, 1 for y
    lengths: np.ndarray  #: (B,): q + k + 3, the last symbol not counted
    p: int  #: how many distractors there are

    @property
    def xs(self) -> np.ndarray:
        """The symbols as a net reads them, one-hot, nothing after the end: (T, B, p + 4)."""
        return one_hot(self.symbols, self.p + 4)

    @property
    def targets(self) -> np.ndarray:
        """What comes after e, x or y, one-hot: (B, 2)."""
        return one_hot(self.classes, 2)

    def at_end(self, outputs: Array) -> Array:
        """Each sequence's outputs at its own last step, (..., B, 2), of outputs (..., T, B, 2)."""
        return of.at_end(outputs, self.lengths, (*self.symbols.shape, 2))

    def right(self, ends: np.ndarray, *, within: float = 0.2) -> np.ndarray:
        """Whether both of a sequence's final outputs (B, 2) are off by less than 0.2: (B,)."""
        within = number("within", within, low=0)
        return (of.errors("ends", ends, self.targets) < within).all(axis=1)

    def text(self, sequence: int) -> str:
        """One sequence in symbols, to the last. Raises IndexError if there is no such sequence."""
        names = [*(f"a{i}" for i in range(1, self.p + 1)), "e", "b", "x", "y"]
        steps = self.symbols[: self.lengths[sequence], sequence]
        return " ".join([*(names[s] for s in steps), "xy"[self.classes[sequence]]])


def draw(count: int, seed: Seed, *, q: int = 100, p: int = 100) -> Sequences:
    """Draw ``count`` sequences with ``q`` distractors or more of ``p`` kinds.

    Raises TypeError or ValueError for anything below 1.
    """
    B, q, p = whole("count", count), whole("q", q), whole("p", p)
    rng = np.random.default_rng(seed)
    e, b, x = p, p + 1, p + 2
    classes = rng.integers(2, size=B)
    lengths = 2 + q + rng.geometric(1 / 10, size=B)  # numpy counts the e as well: k + 1
    symbols = rng.integers(p, size=(lengths.max(), B))
    symbols[0], symbols[1], symbols[lengths - 1, np.arange(B)] = b, x + classes, e
    symbols[np.arange(len(symbols))[:, None] >= lengths] = -1
    return Sequences(symbols, classes, lengths, p)


def solved(task: Sequences, ends: np.ndarray) -> bool:
    """Whether every sequence is right, given final outputs (B, 2).

    The paper asks it of 10,000 random sequences in a row.
    """
    return bool(task.right(ends).all())
