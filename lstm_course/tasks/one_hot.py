"""Symbols as a net reads and predicts them: one component for each, 1 for the symbol that is there."""

from __future__ import annotations

import numpy as np


def one_hot(symbols: np.ndarray, size: int) -> np.ndarray:
    """Turn indices (...) below ``size`` into vectors (..., size); an index of −1 becomes zeros."""
    return (symbols[..., None] == np.arange(size)).astype(float)
