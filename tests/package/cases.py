"""What the package's tests speak about: four different sizes, where arrays live, a random net."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from lstm_course.cells import RNN, Params

T, B, D, H = 7, 3, 2, 5  # all different, so that a swapped axis can't go unseen


class Backend(NamedTuple):
    """Where arrays live: "numpy", "torch" or "cuda"."""

    name: str

    def array(self, values: np.ndarray):
        if self.name == "numpy":
            return np.array(values)
        return torch.tensor(values, device="cuda" if self.name == "cuda" else "cpu")

    def params(self, params: Params) -> Params:
        return Params(*map(self.array, params))


class Case(NamedTuple):
    """A net, what it is fed, and how a loss depends on its outputs, in NumPy float64."""

    cell: RNN
    params: Params
    xs: np.ndarray  # (T, B, D)
    h0: np.ndarray  # (B, H)
    dhs: np.ndarray  # (T, B, H): the loss is Σ dhs · hs
