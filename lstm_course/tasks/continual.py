"""Store and recall without end: a stream of episodes in which nothing resets the net.

Each step brings a value, +1 or −1 at random, and two flags. The flag *store* says that this value is to
be kept, the flag *recall* that the kept one is to be given back; all other values are noise. An episode
runs from a store to the next recall, and the next episode follows at once::

    value    −1  +1  −1  −1  +1  +1  −1  +1
    store     1   0   0   0   0   1   0   0
    recall    0   0   0   0   1   0   0   1
    target                   −1          +1

One episode alone can be solved by adding the stored value to a memory that begins at zero. A stream
can't: the memory of the episode before has to go. After the continual tasks of Gers, Schmidhuber &
Cummins (2000), and much smaller.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arguments import number, whole

Seed = int | np.random.Generator


class Stream(NamedTuple):
    """T steps of N episodes, B streams side by side; all B have their flags at the same steps."""

    xs: np.ndarray  #: (T, B, 3): value, store, recall
    targets: np.ndarray  #: (N, B): the value to be recalled, +1 or −1
    starts: np.ndarray  #: (N,): the index in xs of each store
    ends: np.ndarray  #: (N,): the index in xs of each recall

    def right(self, outputs: np.ndarray) -> np.ndarray:
        """Whether each recall has the sign of its target, (N, B), for a net's outputs (T, B).

        An output of exactly zero is wrong. Raises ValueError for outputs of another shape.
        """
        if np.shape(outputs) != self.xs.shape[:2]:
            raise ValueError(
                f"outputs: got shape {np.shape(outputs)}, expected (T, B) = {self.xs.shape[:2]}"
            )
        return np.asarray(outputs)[self.ends] * self.targets > 0


def stream(
    episodes: int,
    batch: int,
    seed: Seed,
    *,
    shortest: int = 5,
    longest: int = 15,
    positive: float = 0.5,
) -> Stream:
    """Draw a stream of ``episodes``, each of ``shortest`` to ``longest`` steps, every length as likely.

    A stored value is +1 with probability ``positive``, any other value with 1/2. Raises TypeError or
    ValueError for counts below 1, for episodes of fewer than 2 steps, and for what is no probability.
    """
    N, B = whole("episodes", episodes), whole("batch", batch)
    shortest = whole("shortest", shortest, at_least=2)
    longest = whole("longest", longest, at_least=shortest)
    positive = number("positive", positive, 0, 1)
    rng = np.random.default_rng(seed)
    ends = rng.integers(shortest, longest + 1, N).cumsum() - 1
    starts = np.concatenate(([0], ends[:-1] + 1))
    xs = np.zeros((ends[-1] + 1, B, 3))
    xs[..., 0] = np.where(rng.random(xs.shape[:2]) < 0.5, 1.0, -1.0)
    targets = np.where(rng.random((N, B)) < positive, 1.0, -1.0)
    xs[starts, :, 0] = targets
    xs[starts, :, 1] = 1.0
    xs[ends, :, 2] = 1.0
    return Stream(xs, targets, starts, ends)
