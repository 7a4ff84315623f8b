"""Sequences for several nets at once: each net has a stream of its own, drawn from a seed of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

AHEAD = 256  # sequences that are drawn at a time, or one update's if these are more


class Batch(NamedTuple):
    """B sequences as a net is trained on them; several nets have an axis R in front of all arrays."""

    inputs: np.ndarray  #: (T, B, D), or symbols (T, B), whole numbers
    targets: np.ndarray  #: (B, K) at each sequence's end, or (T, B, K) at every step
    lengths: np.ndarray  #: (B,)

    @property
    def every_step(self) -> bool:
        """Whether there is a target at every step."""
        return self.targets.ndim - self.lengths.ndim == 2

    def wanted(self) -> np.ndarray:
        """Where targets count, of the shape of the targets with K = 1."""
        if not self.every_step:
            return np.ones((*self.lengths.shape, 1), bool)
        steps = np.arange(self.targets.shape[-3])[:, None]  # (T, 1)
        return (steps < self.lengths[..., None, :])[..., None]


Draw = Callable[[int, np.random.Generator], Batch]


def of_task(task: Any) -> Batch:
    """The sequences of a task of :mod:`lstm_course.tasks`: symbols where it has them, else its xs."""
    targets = task.targets if task.targets.ndim > 1 else task.targets[:, None]
    symbols = getattr(task, "symbols", None)
    inputs = task.xs if symbols is None else np.maximum(symbols, 0)
    return Batch(inputs, targets, task.lengths)


class Streams:
    """What R nets are trained on, ``count`` sequences of each at a time."""

    def __init__(self, draw: Draw | Sequence[Draw], seeds: Sequence[int], count: int) -> None:
        self.draws, self.count = [draw] * len(seeds) if callable(draw) else list(draw), count
        self.rngs = [np.random.default_rng([1, seed]) for seed in seeds]
        self.chunk = count * max(1, AHEAD // count)
        self._draw()

    def _draw(self) -> None:
        self.before = [rng.bit_generator.state for rng in self.rngs]
        self.drawn = side_by_side(
            [draw(self.chunk, rng) for draw, rng in zip(self.draws, self.rngs, strict=True)]
        )
        self.position = 0

    def next(self) -> Batch:
        """The next sequences of all nets."""
        if self.position == self.chunk:
            self._draw()
        here = slice(self.position, self.position + self.count)
        self.position += self.count
        inputs, targets, lengths = self.drawn
        lengths = lengths[:, here]
        T = lengths.max()
        targets = targets[:, :T, here] if self.drawn.every_step else targets[:, here]
        return Batch(inputs[:, :T, here], targets, lengths)

    def keep(self, nets: Sequence[int]) -> None:
        """Go on with the streams of some of the nets."""
        self.draws = [self.draws[r] for r in nets]
        self.rngs = [self.rngs[r] for r in nets]
        self.before = [self.before[r] for r in nets]
        self.drawn = Batch(*(array[[*nets]] for array in self.drawn))

    def state(self) -> dict[str, Any]:
        """What :meth:`restore` needs to go on from here."""
        return {"before": self.before, "position": self.position}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from where ``state`` was taken."""
        for rng, before in zip(self.rngs, state["before"], strict=True):
            rng.bit_generator.state = before
        self._draw()
        self.position = state["position"]


def side_by_side(batches: Sequence[Batch]) -> Batch:
    """One batch of each net, all as long as the longest, zeros after the ends: R in front."""
    T = max(batch.inputs.shape[0] for batch in batches)

    def joined(arrays: list[np.ndarray], padded: bool) -> np.ndarray:
        shape = (T, *arrays[0].shape[1:]) if padded else arrays[0].shape
        whole = np.zeros((len(arrays), *shape), arrays[0].dtype)
        for r, array in enumerate(arrays):
            whole[r, : len(array)] = array
        return whole

    inputs, targets, lengths = zip(*batches, strict=True)
    return Batch(
        joined(inputs, True), joined(targets, batches[0].every_step), joined(lengths, False)
    )
