"""The multiplication problem, experiment 5 of Hochreiter & Schmidhuber (1997, §5.5).

As the adding problem, :mod:`lstm_course.tasks.adding`, with values from [0, 1] and the product X1 · X2 of
the two marked ones as target: a carousel adds by itself, but does not multiply::

    value    0.3   0.7   0.1   0.4   0.9   0.2
    mark     −1     1     0     1     0    −1
    target                                0.28         0.7 · 0.4

If the first step gets marked, its value is set to 1, and 1 stands in place of its −1.
"""

from __future__ import annotations

import numpy as np

from lstm_course.arguments import whole
from lstm_course.tasks.marked_pairs import Seed, Sequences, draw_pairs


def draw(count: int, seed: Seed, *, shortest: int = 100) -> Sequences:
    """Draw ``count`` sequences of T to T + T/10 steps, T = ``shortest``.

    Both marks are in the first half if T is at least 20: T/2 steps or more lie between them and the end.
    Raises TypeError or ValueError for a count below 1, and for T below 11, where the last step would be
    among the first ten.
    """
    xs, (X1, X2), lengths = draw_pairs(count, seed, shortest, low=0, neutral=1.0)
    return Sequences(xs, X1 * X2, lengths)


def solved(task: Sequences, ends: np.ndarray, *, n_seq: int = 13) -> bool:
    """Whether fewer than ``n_seq`` in 2000 of the final outputs (B,) are wrong, off by 0.04 or more.

    The paper stops when this holds for the 2000 most recent training sequences. It does so twice, with
    n_seq = 140, when the values are stored, and with 13, when the outputs are fine-tuned. This is that
    criterion for B = 2000 new ones, and its share for any other B.
    """
    n_seq = whole("n_seq", n_seq)
    wrong = (~task.right(ends)).sum()
    return bool(2000 * wrong < n_seq * len(task.targets))
