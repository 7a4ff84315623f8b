"""The adding problem, experiment 4 of Hochreiter & Schmidhuber (1997, §5.4).

Each step brings a value from [−1, 1] and a mark. Two steps are marked with 1, one among the first ten
and one among the first T/2 − 1 that are still unmarked; the first and the last step carry −1, all others
0. At the end the sum X1 + X2 of the two marked values is wanted, as 0.5 + (X1 + X2)/4, which lies in
[0, 1]::

    value   −0.3   0.7   0.1  −0.4   0.9  −0.2
    mark     −1     1     0     1     0    −1
    target                                0.575        0.5 + (0.7 − 0.4)/4

Lengths are uniform between T and T + T/10. If the first step gets marked, its value is set to 0, and 1
stands in place of its −1. (The paper says it of X1; as the second mark may fall there too, it is done
for either.)
"""

from __future__ import annotations

import numpy as np

from lstm_course.arguments import number
from lstm_course.tasks import outputs as of
from lstm_course.tasks.marked_pairs import Seed, Sequences, draw_pairs


def draw(count: int, seed: Seed, *, shortest: int = 100) -> Sequences:
    """Draw ``count`` sequences of T to T + T/10 steps, T = ``shortest``.

    Both marks are in the first half if T is at least 20: T/2 steps or more lie between them and the end.
    Raises TypeError or ValueError for a count below 1, and for T below 11, where the last step would be
    among the first ten.
    """
    xs, (X1, X2), lengths = draw_pairs(count, seed, shortest, low=-1, neutral=0.0)
    return Sequences(xs, 0.5 + (X1 + X2) / 4, lengths)


def solved(task: Sequences, ends: np.ndarray, *, mean_error: float = 0.01) -> bool:
    """Whether every final output (B,) is right and the mean absolute error is below 0.01.

    The paper stops when its mean training error is below 0.01 and the last 2000 sequences were right:
    this is that criterion for B = 2000 new ones.
    """
    mean_error = number("mean_error", mean_error, low=0)
    off = of.errors("ends", ends, task.targets)
    return bool(task.right(ends).all() and off.mean() < mean_error)
