"""Noise and signal on one channel, experiments 3a, 3b, 3c of Hochreiter & Schmidhuber (1997, §5.3).

The two-sequence problem of Bengio, Simard & Frasconi (1994). The class, 1 or 2 with probability 1/2 each,
is told by the first N inputs, which are +1 or −1; all later ones are Gaussian noise of variance 0.2. At
the end the class is wanted. Lengths are uniform between T and T + T/10::

    1.00  1.00  1.00  0.31 −0.55  0.02 −0.18 … class 1, target 1          3a, N = 3

====  =====================  =====================  ===========  ==================  ===================
task  the first N inputs     targets of 1 and 2     wrong        ST1: wrong of 256   ST2: ST1, mean error
====  =====================  =====================  ===========  ==================  ===================
3a    exact                  1, 0                   off by 0.2   none                below 0.01
3b    with the same noise    1, 0                   off by 0.2   fewer than 6        below 0.04
3c    exact                  0.2, 0.8, with noise   off by 0.1   none                below 0.015
                             of variance 0.1
====  =====================  =====================  ===========  ==================  ===================

In 3c a net is trained on noisy targets and judged by the noise-free ones: what it is to learn is their
expectation. Its only criterion has both parts, as ST2 has.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arguments import choice, number, whole
from lstm_course.ops import Array
from lstm_course.tasks import outputs as of

Seed = int | np.random.Generator

VARIANCE = 0.2  #: of the inputs' noise


class Variant(NamedTuple):
    """What distinguishes 3a, 3b and 3c."""

    levels: tuple[float, float]  #: the noise-free targets of class 1 and class 2
    within: float  #: an output that is off by this much is wrong
    wrong: int  #: how many of 256 may be wrong
    mean_error: float  #: the mean absolute error has to be below this
    noisy_signal: bool = False  #: whether the first N inputs have noise as well
    target_variance: float = 0.0  #: of the targets' noise


VARIANTS = {
    "3a": Variant((1.0, 0.0), 0.2, 0, 0.01),
    "3b": Variant((1.0, 0.0), 0.2, 5, 0.04, noisy_signal=True),
    "3c": Variant((0.2, 0.8), 0.1, 0, 0.015, target_variance=0.1),
}


class Sequences(NamedTuple):
    """B sequences; T is the longest length, and shorter ones end with zeros that count for nothing."""

    xs: np.ndarray  #: (T, B, 1)
    targets: np.ndarray  #: (B,): to train on; in 3c with noise
    lengths: np.ndarray  #: (B,)
    classes: np.ndarray  #: (B,): 1 or 2
    variant: str  #: "3a", "3b" or "3c"

    @property
    def noise_free(self) -> np.ndarray:
        """The targets without noise, to judge by: (B,)."""
        return np.array(VARIANTS[self.variant].levels)[self.classes - 1]

    def at_end(self, outputs: Array) -> Array:
        """Each sequence's output at its own last step, (..., B), of outputs (..., T, B)."""
        return of.at_end(outputs, self.lengths, self.xs.shape[:2])

    def right(self, ends: np.ndarray, *, within: float | None = None) -> np.ndarray:
        """Whether each final output (B,) is off the noise-free target by less than 0.2 (3c: 0.1)."""
        within = VARIANTS[self.variant].within if within is None else number("within", within, 0)
        return of.errors("ends", ends, self.noise_free) < within

    def text(self, sequence: int) -> str:
        """One sequence, its class and target. Raises IndexError if there is no such sequence."""
        steps = self.xs[: self.lengths[sequence], sequence, 0]
        values = " ".join(f"{value:5.2f}" for value in steps)
        return f"{values} class {self.classes[sequence]}, target {self.targets[sequence]:.2f}"


def draw(
    count: int, seed: Seed, *, variant: str = "3a", shortest: int = 100, informative: int = 3
) -> Sequences:
    """Draw ``count`` sequences of T to T + T/10 steps, T = ``shortest``, N = ``informative``.

    The paper has N = 3 or 1. Raises TypeError or ValueError for an unknown variant, for numbers below 1,
    and for more informative inputs than steps.
    """
    kind = VARIANTS[choice("variant", variant, tuple(VARIANTS))]
    B, T, N = whole("count", count), whole("shortest", shortest), whole("informative", informative)
    if N > T:
        raise ValueError(f"informative: got {N}, expected at most shortest = {T}")
    rng = np.random.default_rng(seed)
    lengths = rng.integers(T, T + T // 10 + 1, size=B)
    classes = rng.integers(1, 3, size=B)
    xs = rng.normal(0, np.sqrt(VARIANCE), size=(T + T // 10, B))
    xs[:N] = (xs[:N] if kind.noisy_signal else 0) + np.where(classes == 1, 1.0, -1.0)
    xs[np.arange(len(xs))[:, None] >= lengths] = 0.0
    noise = rng.normal(0, np.sqrt(kind.target_variance), size=B)
    return Sequences(
        xs[..., None], np.array(kind.levels)[classes - 1] + noise, lengths, classes, variant
    )


def solved(task: Sequences, ends: np.ndarray, *, stop: str = "ST2") -> bool:
    """Whether the final outputs (B,) meet the paper's criterion ``stop``, "ST1" or "ST2".

    ST1: none of them is wrong, or in 3b at most 5/256 of them. ST2: ST1, and their mean absolute
    difference from the noise-free targets is below 0.01 (3b: 0.04, 3c: 0.015). The paper takes B = 256
    new sequences, and counts after that how many of 2560 others are wrong.
    """
    kind, stop = VARIANTS[task.variant], choice("stop", stop, ("ST1", "ST2"))
    off = of.errors("ends", ends, task.noise_free)
    few = 256 * (~task.right(ends)).sum() <= kind.wrong * len(off)
    return bool(few and (stop == "ST1" or off.mean() < kind.mean_error))
