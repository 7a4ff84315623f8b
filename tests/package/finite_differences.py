"""Central differences: the derivative as its definition has it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def central_difference(f: Callable[[np.ndarray], float], at: np.ndarray, step=1e-6) -> np.ndarray:
    """Return df/d(at), entry by entry, in the shape of ``at``."""
    slope = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        move = np.zeros_like(at)
        move[index] = step
        slope[index] = (f(at + move) - f(at - move)) / (2 * step)
    return slope
