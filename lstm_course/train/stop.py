"""When a net counts as trained, in the terms of Hochreiter & Schmidhuber (1997, §5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from lstm_course.arguments import number, whole
from lstm_course.train.batches import Batch

Right = Callable[[np.ndarray, Batch], np.ndarray]
Tests = Callable[[int, int], Iterable[Batch]]


@dataclass(frozen=True)
class Stop:
    """A net stops once the ``recent`` sequences that it was trained on last were processed well.

    That is: fewer than ``wrong_below`` of them were wrong, and their mean absolute error was below
    ``mean_error``, if it is given; each was judged before the net learned from it. A sequence is right
    if all outputs that are wanted are off by less than ``within``, or if ``right`` says so, a function of
    outputs and a batch.

    With ``test`` it is a test that must end so instead, made after each ``every`` sequences if none of
    the ``recent`` (0: in any case) was wrong. ``test`` is called with the net's seed and with how often
    this net was tested before, and returns batches.

    Raises TypeError or ValueError for numbers that make no sense.
    """

    within: float = 0.3
    recent: int = 2000
    wrong_below: int = 1
    mean_error: float | None = None
    test: Tests | None = None
    every: int = 1
    right: Right | None = None

    def __post_init__(self) -> None:
        number("within", self.within, low=0)
        whole("recent", self.recent, at_least=0)
        whole("wrong_below", self.wrong_below)
        whole("every", self.every)
        if self.mean_error is not None:
            number("mean_error", self.mean_error, low=0)

    def fulfilled(self, wrong: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Whether sequences were processed well, of their judgements (..., n)."""
        good = wrong.sum(-1) < self.wrong_below
        if self.mean_error is not None:
            good &= error.mean(-1) < self.mean_error
        return good

    def judge(self, outputs: np.ndarray, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Which sequences are wrong, and the mean absolute error of each, (..., B) both."""
        off = abs(outputs - batch.targets) * batch.wanted()
        largest, mean = off.max(-1), off.mean(-1)
        if batch.every_step:
            largest, mean = largest.max(-2), mean.sum(-2) / batch.lengths
        if self.right is None:
            return ~(largest < self.within), mean  # nan is wrong
        if batch.lengths.ndim == 1:
            return ~self.right(outputs, batch), mean
        each = [self.right(o, Batch(*b)) for o, *b in zip(outputs, *batch, strict=True)]
        return ~np.stack(each), mean


class Recent:
    """The last judgements of R nets, as many as their stops look back on."""

    def __init__(self, count: int, nets: int) -> None:
        self.seen = 0
        self.wrong = np.zeros((nets, count), bool)
        self.error = np.zeros((nets, count))

    def add(self, wrong: np.ndarray, error: np.ndarray) -> None:
        """Note the judgement of some more sequences, (R, B) each."""
        count = self.wrong.shape[1]
        wrong, error = (new[:, max(0, new.shape[1] - count) :] for new in (wrong, error))
        places = (self.seen + np.arange(wrong.shape[1])) % max(1, count)
        self.wrong[:, places], self.error[:, places] = wrong, error
        self.seen += wrong.shape[1]

    def good(self, stop: Stop) -> np.ndarray:
        """Which nets' recent sequences fulfil a stop, or allow its test, (R,)."""
        if self.seen < self.wrong.shape[1]:
            return np.zeros(len(self.wrong), bool)
        return ~self.wrong.any(1) if stop.test else stop.fulfilled(self.wrong, self.error)

    def keep(self, nets: Sequence[int]) -> None:
        """Go on with some of the nets."""
        self.wrong, self.error = self.wrong[[*nets]], self.error[[*nets]]

    def state(self) -> dict[str, Any]:
        """What :meth:`restore` needs."""
        return {
            "seen": self.seen,
            "wrong": torch.from_numpy(self.wrong.copy()),
            "error": torch.from_numpy(self.error.copy()),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from where ``state`` was taken."""
        self.seen = state["seen"]
        self.wrong, self.error = state["wrong"].numpy(), state["error"].numpy()
