"""The tasks of 1997 as experiments use them: what is drawn, when a net stops, what is said of it then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch

from lstm_course.tasks import (
    adding,
    distractors,
    long_lags,
    multiplication,
    reber,
    temporal_order,
    two_sequences,
)
from lstm_course.train import Batch, Draw, Stop, of_task, outputs_of, returned_by

AT_A_TIME = 256  # sequences of a test that run together
TEST = 2560  # sequences on which a net is tested when it stops


@dataclass(frozen=True)
class Task:
    """A task with its criterion. ``draw`` is asked for each seed's own source of sequences."""

    draw: Callable[[int], Draw]
    stops: tuple[Stop, ...]
    inputs: int
    outputs: int
    longest: int  #: steps, about
    symbols: int | None = None
    every_step: bool = False

    def report(self, objective: str) -> Callable[[torch.nn.Module, int], dict[str, float]]:
        """How many of 2560 sequences that ``draw`` gives a net gets wrong when it stops, and its mean
        absolute error.
        """

        def report(net: torch.nn.Module, seed: int) -> dict[str, float]:
            wrong, error, rng = [], [], np.random.default_rng([3, seed])
            for _ in range(TEST // AT_A_TIME):
                batch = self.judged(self.draw(seed)(AT_A_TIME, rng))
                outputs = outputs_of(objective, returned_by(net, batch)).cpu().numpy()
                for found, one in zip(
                    (wrong, error), self.stops[0].judge(outputs, batch), strict=True
                ):
                    found.extend(one)
            return {"tested": len(wrong), "wrong": int(sum(wrong)), "error": float(np.mean(error))}

        return report

    def judged(self, batch: Batch) -> Batch:
        """A batch with the targets that a net is judged by."""
        return batch


@dataclass(frozen=True)
class NoisyTargets(Task):
    """Experiment 3c: a net learns from noisy targets, and is judged by those without noise."""

    levels: tuple[float, float] = (0.2, 0.8)

    def judged(self, batch: Batch) -> Batch:
        first = batch.inputs[0, :, 0] > 0  # class 1 begins with +1, and 3c has no noise there
        return batch._replace(targets=np.where(first, *self.levels)[:, None])


def embedded_reber() -> Task:
    """Experiment 1. Three pairs of sets, as in the paper: seed s has pair s mod 3."""

    def draw(seed: int) -> Draw:
        training, _ = reber.pair(seed % 3)
        return lambda count, rng: of_task(training.pick(count, rng))

    @cache
    def sets(pair: int) -> list[Batch]:
        return [of_task(strings) for strings in reber.pair(pair)]

    def both(seed: int, _: int) -> list[Batch]:
        return sets(seed % 3)

    stop = Stop(recent=0, test=both, every=256, right=_reber_right)
    return Task(draw, (stop,), 7, 7, 12, every_step=True, symbols=7)


def _reber_right(outputs: np.ndarray, batch: Batch) -> np.ndarray:
    following = np.where(batch.wanted()[..., 0], batch.targets.argmax(-1), -1)
    return reber.Sequences(np.concatenate((batch.inputs[:1], following))).right(outputs)


def noise_free(p: int) -> Task:
    """Experiment 2a: there are two sequences, and both must be right at all steps."""

    def draw(count: int, rng: np.random.Generator) -> Batch:
        return of_task(long_lags.draw(count, rng, p=p))

    stop = Stop(within=0.25, recent=0, every=10, test=lambda *_: [of_task(long_lags.both(p))])
    return Task(lambda _: draw, (stop,), p + 1, p + 1, p, symbols=p + 1, every_step=True)


def no_regularities(p: int) -> Task:
    """Experiment 2b: random symbols between, and only the last step counts."""

    def draw(count: int, rng: np.random.Generator) -> Batch:
        return of_task(long_lags.draw(count, rng, p=p, variant="2b"))

    def right(outputs: np.ndarray, batch: Batch) -> np.ndarray:
        return (abs(outputs[-1] - batch.targets[-1]) < 0.25).all(-1)

    stop = Stop(recent=100, every=10, test=_fresh(draw, 10_000), right=right)
    return Task(lambda _: draw, (stop,), p + 1, p + 1, p, symbols=p + 1, every_step=True)


def with_distractors(q: int, p: int) -> Task:
    """Experiment 2c."""

    def draw(count: int, rng: np.random.Generator) -> Batch:
        return of_task(distractors.draw(count, rng, q=q, p=p))

    stop = Stop(within=0.2, recent=500, every=100, test=_fresh(draw, 10_000))
    return Task(lambda _: draw, (stop,), p + 4, 2, q + 13, symbols=p + 4)


def two_sequence(variant: str, shortest: int, informative: int) -> Task:
    """Experiments 3a, 3b (stops ST1, then ST2) and 3c (one stop), each tested on 256 sequences."""
    kind = two_sequences.VARIANTS[variant]

    def draw(count: int, rng: np.random.Generator) -> Batch:
        found = two_sequences.draw(
            count, rng, variant=variant, shortest=shortest, informative=informative
        )
        return of_task(found)

    def test(seed: int, _: int) -> list[Batch]:
        return [task.judged(draw(256, np.random.default_rng([2, seed])))]

    first, second = (
        Stop(kind.within, 0, kind.wrong + 1, error, test, 256) for error in (None, kind.mean_error)
    )
    if variant == "3c":
        task = NoisyTargets(lambda _: draw, (second,), 1, 1, shortest, levels=kind.levels)
    else:
        task = Task(lambda _: draw, (first, second), 1, 1, shortest)
    return task


def addition(shortest: int) -> Task:
    """Experiment 4."""

    def draw(count: int, rng: np.random.Generator) -> Batch:
        return of_task(adding.draw(count, rng, shortest=shortest))

    return Task(lambda _: draw, (Stop(within=0.04, mean_error=0.01),), 2, 1, shortest)


def product(shortest: int) -> Task:
    """Experiment 5: two stops, fewer than 140 and then fewer than 13 wrong among the last 2000."""

    def draw(count: int, rng: np.random.Generator) -> Batch:
        return of_task(multiplication.draw(count, rng, shortest=shortest))

    stops = tuple(Stop(within=0.04, wrong_below=n) for n in (140, 13))
    return Task(lambda _: draw, stops, 2, 1, shortest)


def order(places: tuple[tuple[int, int], ...]) -> Task:
    """Experiments 6a and 6b."""

    def draw(count: int, rng: np.random.Generator) -> Batch:
        return of_task(temporal_order.draw(count, rng, places=places))

    stop = Stop(within=0.3, mean_error=0.1)
    return Task(lambda _: draw, (stop,), 8, 2 ** len(places), 100, symbols=8)


def _fresh(draw: Draw, count: int) -> Callable[[int, int], Iterator[Any]]:
    """A test on new sequences each time."""

    def test(seed: int, before: int) -> Iterator[Batch]:
        rng = np.random.default_rng([2, seed, before])
        for start in range(0, count, AT_A_TIME):
            yield draw(min(AT_A_TIME, count - start), rng)

    return test
