"""A net's outputs beside a task's targets: where a sequence ends, and how far off they are."""

from __future__ import annotations

import numpy as np

from lstm_course import checks
from lstm_course.ops import Array


def at_end(outputs: Array, lengths: np.ndarray, shape: tuple[int, ...]) -> Array:
    """Each sequence's output at its own last step: (..., B) or (..., B, K).

    The outputs' last sizes have to be ``shape``, which is (T, B) or (T, B, K). Raises TypeError or
    ValueError for outputs that are no floating-point array of such a shape.
    """
    checks.array("outputs", outputs, ("...", *shape))
    last = (lengths - 1, np.arange(len(lengths)))
    return outputs[(..., *last, slice(None))] if len(shape) == 3 else outputs[(..., *last)]


def errors(name: str, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Absolute errors. Raises ValueError, with ``name`` in it, for outputs of another shape."""
    if np.shape(outputs) != targets.shape:
        raise ValueError(f"{name}: got shape {np.shape(outputs)}, expected {targets.shape}")
    return abs(np.asarray(outputs) - targets)
