"""Two tasks that pull one weight of a bare carousel both ways (Hochreiter & Schmidhuber 1997, §3.2).

*Store*: every step brings a value, +1 or −1. One step, drawn anew for each sequence, is marked; its
value is wanted at the end. The input weight has to let one value in and keep all others out.

*Read*: step 1 brings a value. At the marked steps the net is to say it, at all others 0. The output
weight has to let the value out at some steps and keep it in at all others.

Targets hold the product of value and mark. A linear net of any size leaves at least the fraction
1 − p of what a net loses that always says 0, p = 1/T or the share of marked steps: :func:`store_floor`,
:func:`read_floor`. One gate, which multiplies by the mark, solves either task exactly.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from lstm_course import checks
from lstm_course.arguments import number, whole
from lstm_course.ops import Array

Seed = int | np.random.Generator


class Sequences(NamedTuple):
    """B sequences of T steps, what is to come out, and where the loss looks."""

    xs: Array  #: (T, B, 2): the value, +1, −1 or 0, and the mark, 1 or 0
    ys: Array  #: (T, B, 1): the targets; 0 where the loss does not look
    scored: Array  #: (T, B, 1): 1 where the loss looks, elsewhere 0

    @property
    def marked(self) -> Array:
        """Where the mark is, (T, B, 1), as truth values."""
        return self.xs[..., 1:] == 1


def store_marked(steps: int, count: int, seed: Seed) -> Sequences:
    """Draw ``count`` sequences of ``steps`` values ±1; at the end the marked one is wanted.

    Values are independent and fair, the marked step is uniform. Raises TypeError or ValueError for
    sizes that are no whole numbers above 0.
    """
    T, B = whole("steps", steps), whole("count", count)
    rng = np.random.default_rng(seed)
    return _store(_signs(rng, (T, B)), rng.integers(T, size=B))


def every_store_marked(steps: int) -> Sequences:
    """Return all T 2ᵀ sequences of :func:`store_marked` once: means over them are expectations.

    Raises TypeError or ValueError for ``steps`` that is no whole number from 1 to 14.
    """
    T = _at_most("steps", whole("steps", steps), 14)
    values = np.array([*product((1.0, -1.0), repeat=T)]).T  # (T, 2ᵀ)
    return _store(np.repeat(values, T, axis=1), np.tile(np.arange(T), 2**T))


def read_marked(steps: int, count: int, seed: Seed, *, reads: int = 1) -> Sequences:
    """Draw ``count`` sequences whose first step brings ±1, to be said at ``reads`` marked steps.

    The marked steps are drawn without replacement from all ``steps``. Raises TypeError or ValueError
    for sizes that are no whole numbers above 0, and for more reads than steps.
    """
    T, B, reads = whole("steps", steps), whole("count", count), _reads(steps, reads)
    rng = np.random.default_rng(seed)
    values, marks = _signs(rng, (B,)), np.zeros((T, B))
    marks[:reads] = 1.0
    return _read(values, rng.permuted(marks, axis=0))


def every_read_marked(steps: int, *, reads: int = 1) -> Sequences:
    """Return all sequences of :func:`read_marked` once, 2 for each choice of the marked steps.

    Raises TypeError or ValueError as it does, and for more than 14 steps.
    """
    T, reads = _at_most("steps", whole("steps", steps), 14), _reads(steps, reads)
    places = [*combinations(range(T), reads)]
    marks = np.zeros((T, len(places)))
    for column, place in enumerate(places):
        marks[list(place), column] = 1.0
    return _read(np.repeat((1.0, -1.0), len(places)), np.tile(marks, 2))


def store_floor(steps: int) -> float:
    """Return ½ (1 − 1/T), the expected loss of the best linear net on :func:`store_marked`.

    It is also that of the best net of any kind that sees only the values' sum, or only the values.
    """
    return 0.5 * (1 - 1 / whole("steps", steps))


def read_floor(steps: int, reads: int = 1) -> float:
    """Return ½ p (1 − p), p = reads/T: what the best linear net loses on :func:`read_marked`."""
    p = _reads(steps, reads) / steps
    return 0.5 * p * (1 - p)


def loss(outputs: Array, sequences: Sequences) -> Array:
    """Half the mean square error over the scored outputs; outputs are (T, B, 1)."""
    _check_outputs(outputs, sequences)
    _, ys, scored = sequences
    return 0.5 * (scored * (outputs - ys) ** 2).sum() / scored.sum()


def output_errors(outputs: Array, sequences: Sequences) -> Array:
    """The derivative of :func:`loss` with respect to each output, (T, B, 1)."""
    _check_outputs(outputs, sequences)
    _, ys, scored = sequences
    return scored * (outputs - ys) / scored.sum()


def solved(outputs: Array, sequences: Sequences, *, within: float = 0.04) -> bool:
    """Whether every scored output is within 0.04 of its target, the paper's margin for adding."""
    _check_outputs(outputs, sequences)
    errors = abs(sequences.scored * (outputs - sequences.ys))
    return bool((errors <= number("within", within, low=0)).all())


class Pulls(NamedTuple):
    """A gradient as the sum of two: what the marked steps contribute, and what all others do."""

    marked: np.ndarray  #: (...)
    others: np.ndarray  #: (...)

    @property
    def total(self) -> np.ndarray:
        """The gradient itself."""
        return self.marked + self.others

    @property
    def cosine(self) -> float:
        """Of the angle between the two: −1 if they pull in opposite directions; nan if one is zero."""
        sizes = np.linalg.norm(self.marked) * np.linalg.norm(self.others)
        return float((self.marked * self.others).sum() / sizes) if sizes else float("nan")

    @property
    def conflict(self) -> float:
        """1 − ‖total‖ / (‖marked‖ + ‖others‖): 0 if they agree, 1 if they cancel; nan for zeros."""
        sizes = np.linalg.norm(self.marked) + np.linalg.norm(self.others)
        return float(1 - np.linalg.norm(self.total) / sizes) if sizes else float("nan")


def pulls(contributions: np.ndarray, sequences: Sequences) -> Pulls:
    """Sum what each step contributes to a gradient, (T, B, ...), over marked and over other steps.

    Raises ValueError for contributions that are not one for each step of each sequence.
    """
    marked = sequences.marked[..., 0]
    if contributions.shape[:2] != marked.shape:
        T, B = marked.shape
        raise ValueError(
            f"contributions: got shape {tuple(contributions.shape)}, expected ({T}, {B}, ...)"
        )
    return Pulls(contributions[marked].sum(0), contributions[~marked].sum(0))


def _store(values: np.ndarray, marked: np.ndarray) -> Sequences:
    """From values (T, B) and the marked step of each sequence (B,)."""
    T, B = values.shape
    marks = (np.arange(T)[:, None] == marked).astype(float)
    ys, scored = np.zeros((T, B, 1)), np.zeros((T, B, 1))
    ys[-1, :, 0], scored[-1] = values[marked, np.arange(B)], 1.0
    return Sequences(np.stack((values, marks), axis=-1), ys, scored)


def _read(first: np.ndarray, marks: np.ndarray) -> Sequences:
    """From the value of each sequence (B,) and its marks (T, B)."""
    values = np.zeros_like(marks)
    values[0] = first
    ys = (marks * first)[..., None]
    return Sequences(np.stack((values, marks), axis=-1), ys, np.ones_like(ys))


def _signs(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return 2.0 * rng.integers(2, size=shape) - 1


def _reads(steps: int, reads: int) -> int:
    return _at_most("reads", whole("reads", reads), whole("steps", steps))


def _at_most(name: str, value: int, most: int) -> int:
    if value > most:
        raise ValueError(f"{name}: got {value}, expected at most {most}")
    return value


def _check_outputs(outputs: Array, sequences: Sequences) -> None:
    checks.array("outputs", outputs, tuple(sequences.ys.shape))
