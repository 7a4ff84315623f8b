"""Temporal order, experiment 6 of Hochreiter & Schmidhuber (1997, §5.6): which came first?

A sequence starts with E, ends with the trigger B, and holds a, b, c, d at random in between, except at
two (6a) or three (6b) places, where X or Y stands. The class is which of them came in which order; it is
wanted at the end::

    E c a X b b d a Y c B       X, Y: class R

=====  ==========  ==========================  ===================================
task   length      places (counted from 1)     classes
=====  ==========  ==========================  ===================================
6a     100 to 110  10–20, 50–60                XX Q, XY R, YX S, YY U
6b     100 to 110  10–20, 33–43, 66–76         XXX Q, XXY R, XYX S, XYY U,
                                               YXX V, YXY A, YYX B, YYY C
=====  ==========  ==========================  ===================================
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lstm_course import checks
from lstm_course.arguments import number, whole
from lstm_course.ops import Array

Seed = int | np.random.Generator
Range = tuple[int, int]  # both ends belong to it

SYMBOLS = "EBabcdXY"
CLASSES = "QRSUVABC"
LENGTHS = (100, 110)
TWO = ((10, 20), (50, 60))  #: the places of 6a
THREE = ((10, 20), (33, 43), (66, 76))  #: the places of 6b


class Sequences(NamedTuple):
    """B sequences; T is the longest length, and in shorter ones the steps after the end are −1."""

    symbols: np.ndarray  #: (T, B): indices into SYMBOLS
    classes: np.ndarray  #: (B,): indices into CLASSES
    lengths: np.ndarray  #: (B,)
    relevant: int  #: how many X and Y there are, K

    @property
    def xs(self) -> np.ndarray:
        """The symbols as a net reads them, one-hot, nothing after the end: (T, B, 8)."""
        return np.concatenate((np.eye(len(SYMBOLS)), np.zeros((1, len(SYMBOLS)))))[self.symbols]

    @property
    def targets(self) -> np.ndarray:
        """The classes, one-hot: (B, 2ᴷ)."""
        return np.eye(2**self.relevant)[self.classes]

    def at_end(self, outputs: Array) -> Array:
        """Each sequence's outputs at its own last step, (..., B, 2ᴷ), of outputs (..., T, B, 2ᴷ)."""
        checks.array("outputs", outputs, ("...", *self.symbols.shape, 2**self.relevant))
        return outputs[..., self.lengths - 1, np.arange(len(self.lengths)), :]

    def right(self, ends: np.ndarray, *, within: float = 0.3) -> np.ndarray:
        """Whether every one of a sequence's final outputs (B, 2ᴷ) is off by less than 0.3: (B,)."""
        within = number("within", within, low=0)
        expected = (len(self.classes), 2**self.relevant)
        if np.shape(ends) != expected:
            raise ValueError(f"ends: got shape {np.shape(ends)}, expected {expected}")
        return (abs(np.asarray(ends) - self.targets) < within).all(axis=1)

    def text(self, sequence: int) -> str:
        """One sequence and its class in letters. Raises IndexError if there is no such sequence."""
        steps = self.symbols[: self.lengths[sequence], sequence]
        return "".join(SYMBOLS[s] for s in steps) + " " + CLASSES[self.classes[sequence]]


def draw(
    count: int, seed: Seed, *, places: Sequence[Range] = TWO, lengths: Range = LENGTHS
) -> Sequences:
    """Draw ``count`` sequences: lengths, places and symbols uniform and independent of each other.

    ``places``: for each X or Y the first and the last step, counted from 1, where it may stand.
    Raises TypeError or ValueError for a count below 1, for more than three places or none, and for
    ranges that are no two whole numbers, or do not follow each other between the first step and the
    shortest sequence's last.
    """
    B, (shortest, longest) = whole("count", count), _range("lengths", lengths, at_least=3)
    places = _places(places, shortest)
    rng = np.random.default_rng(seed)
    ends = rng.integers(shortest, longest + 1, size=B)
    here, K = np.arange(B), len(places)
    symbols = rng.integers(2, 6, size=(longest, B))
    symbols[0], symbols[ends - 1, here] = SYMBOLS.index("E"), SYMBOLS.index("B")
    second = rng.integers(2, size=(K, B))  # 0 for X, 1 for Y
    for (low, high), is_y in zip(places, second, strict=True):
        symbols[rng.integers(low - 1, high, size=B), here] = SYMBOLS.index("X") + is_y
    symbols[np.arange(longest)[:, None] >= ends] = -1
    classes = (second * 2 ** np.arange(K - 1, -1, -1)[:, None]).sum(0)
    return Sequences(symbols, classes, ends, K)


def solved(task: Sequences, ends: np.ndarray, *, mean_error: float = 0.1) -> bool:
    """Whether every sequence is right and the mean absolute error of the outputs is below 0.1.

    The paper stops when its mean training error is below 0.1 and the last 2000 sequences were right:
    this is that criterion for B = 2000 new ones.
    """
    mean_error = number("mean_error", mean_error, low=0)
    right = task.right(ends)
    return bool(right.all() and abs(np.asarray(ends) - task.targets).mean() < mean_error)


def _range(name: str, value: Range, at_least: int) -> Range:
    if not (isinstance(value, Sequence) and len(value) == 2) or isinstance(value, str):
        raise TypeError(f"{name}: got {value!r}, expected two whole numbers")
    low = whole(name, value[0], at_least=at_least)
    return low, whole(name, value[1], at_least=low)


def _places(places: Sequence[Range], shortest: int) -> list[Range]:
    if not isinstance(places, Sequence) or isinstance(places, str):
        raise TypeError(f"places: got {places!r}, expected one to three ranges")
    if not 1 <= len(places) <= 3:
        raise ValueError(f"places: got {len(places)} of them, expected one to three")
    ranges = [_range("places", place, at_least=2) for place in places]
    if any(a[1] >= b[0] for a, b in pairwise(ranges)) or ranges[-1][1] >= shortest:
        raise ValueError(
            f"places: got {places}, expected ranges one after the other, the last below {shortest}"
        )
    return ranges
