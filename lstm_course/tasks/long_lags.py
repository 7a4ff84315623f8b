"""Long lags in regular and random sequences, experiments 2a, 2b of Hochreiter & Schmidhuber (1997, §5.2).

There are p + 1 symbols, a₁ … aₚ₋₁, x and y. A sequence begins with x or y, with probability 1/2 each, and
ends with the same. Between the two stand p − 1 others, in 2a always the same, in 2b any of a₁ … aₚ₋₁::

    2a    y a1 a2 a3 a4 y          p = 5
    2b    y a3 a1 a1 a4 y

At every step the next symbol is wanted. The net reads all but the last one, p steps, and has to keep the
first for p steps to predict the last. In 2a every target can be known, and a run succeeds if all outputs
are off by less than 0.25 at all steps. In 2b only the last can, and outputs have to be off by less than
0.25 there. The error that a net learns from is that of every step in both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arguments import choice, number, whole
from lstm_course.ops import Array
from lstm_course.tasks import outputs as of
from lstm_course.tasks.one_hot import one_hot

Seed = int | np.random.Generator

VARIANTS = ("2a", "2b")


class Sequences(NamedTuple):
    """B sequences of p + 1 symbols: T = p steps, D = K = p + 1 inputs and outputs."""

    complete: np.ndarray  #: (p + 1, B): indices, to the last; a₁ is 0, x is p − 1, y is p
    variant: str  #: "2a" or "2b"

    every_step = True  #: targets are (T, B, K), and all count

    @property
    def symbols(self) -> np.ndarray:
        """All symbols but the last, which the net reads: (T, B)."""
        return self.complete[:-1]

    @property
    def xs(self) -> np.ndarray:
        """The symbols as a net reads them, one-hot: (T, B, D)."""
        return one_hot(self.symbols, len(self.complete))

    @property
    def targets(self) -> np.ndarray:
        """At each step the next symbol, one-hot: (T, B, K)."""
        return one_hot(self.complete[1:], len(self.complete))

    @property
    def lengths(self) -> np.ndarray:
        """How many steps each sequence has, p: (B,)."""
        return np.full(self.symbols.shape[1], len(self.symbols))

    def at_end(self, outputs: Array) -> Array:
        """Each sequence's outputs at the last step, (..., B, K), of outputs (..., T, B, K)."""
        p, B = self.symbols.shape
        return of.at_end(outputs, self.lengths, (p, B, p + 1))

    def right(self, outputs: np.ndarray, *, within: float = 0.25) -> np.ndarray:
        """Whether a sequence's outputs (T, B, K) are all off by less than 0.25: (B,).

        2a asks it of all steps, 2b of the last.
        """
        within = number("within", within, low=0)
        off = of.errors("outputs", outputs, self.targets)
        return ((off if self.variant == "2a" else off[-1:]) < within).all(axis=(0, 2))

    def text(self, sequence: int) -> str:
        """One sequence in symbols. Raises IndexError if there is no such sequence."""
        p = len(self.symbols)
        names = [*(f"a{i}" for i in range(1, p)), "x", "y"]
        return " ".join(names[s] for s in self.complete[:, sequence])


def draw(count: int, seed: Seed, *, p: int = 100, variant: str = "2a") -> Sequences:
    """Draw ``count`` sequences with a lag of ``p`` steps.

    Raises TypeError or ValueError for a count below 1, for p below 2, and for an unknown variant.
    """
    B, p = whole("count", count), whole("p", p, at_least=2)
    variant = choice("variant", variant, VARIANTS)
    rng = np.random.default_rng(seed)
    complete = np.empty((p + 1, B), int)
    complete[0] = complete[-1] = rng.integers(p - 1, p + 1, size=B)
    complete[1:-1] = (
        np.arange(p - 1)[:, None] if variant == "2a" else rng.integers(p - 1, size=(p - 1, B))
    )
    return Sequences(complete, variant)


def both(p: int = 100) -> Sequences:
    """Return the two sequences of 2a, the one with x first: to test on them is to test on all.

    Raises TypeError or ValueError for p below 2.
    """
    p = whole("p", p, at_least=2)
    between = np.tile(np.arange(p - 1)[:, None], 2)
    return Sequences(np.vstack(([p - 1, p], between, [p - 1, p])), "2a")


def solved(task: Sequences, outputs: np.ndarray) -> bool:
    """Whether every sequence is right, given outputs (T, B, K).

    The paper asks it of 10,000 random sequences in a row, after training.
    """
    return bool(task.right(outputs).all())
