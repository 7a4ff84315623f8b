"""The GRU reduced to what can be seen on paper: constant gates, identity activation::

    h_t = (1 − u) ∘ h_{t−1} + u ∘ (W x_t + b + r ∘ R h_{t−1})

Its Jacobian is I − D_u (I − D_r R), with D_u = diag(u) and D_r = diag(r). The update gate u *writes*:
u = 1 − z in the letters of :mod:`lstm_course.cells.gru`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lstm_course import ops
from lstm_course.cells.cell import Blocks, Cell
from lstm_course.ops import Array

Gate = float | Sequence[float]


@dataclass(frozen=True)
class SimplifiedGRU(Cell):
    """``update`` and ``reset`` are numbers in [0, 1], or one for every unit, (H,).

    Raises TypeError or ValueError for other values, and at the first step if there are not H of them.
    """

    block_names: ClassVar[tuple[str, ...]] = ("h",)
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    memory: ClassVar[str] = "h"
    update: Gate = 0.5
    reset: Gate = 1.0

    def __post_init__(self) -> None:
        for name in ("update", "reset"):
            object.__setattr__(self, name, _gate(name, getattr(self, name)))

    def state_sizes(self, H) -> tuple[int, ...]:
        for name in ("update", "reset"):
            gate = getattr(self, name)
            if isinstance(gate, tuple) and len(gate) != H:
                raise ValueError(f"{name}: got {len(gate)} values, expected one, or H = {H}")
        return (H,)

    def step(self, from_x, from_h, state, own=()) -> tuple[Blocks, Blocks]:
        (x,), (r,), (h_old,) = from_x, from_h, state
        u, reset = self._gates(like=h_old)
        h = (1 - u) * h_old + u * (x + reset * r)
        return (h,), (h,)

    def step_backward(self, trace, d_state, own=()) -> tuple[Blocks, Blocks, Blocks, Blocks]:
        (dh,) = d_state
        u, reset = self._gates(like=dh)
        return (dh * u,), (dh * u * reset,), (dh * (1 - u),), ()

    def _gates(self, like: Array) -> tuple[Array, Array]:
        return ops.constant(self.update, like), ops.constant(self.reset, like)

    def keep(self, trace) -> Array:
        (h,) = trace
        return (1 - ops.constant(self.update, h)) + 0 * h


def _gate(name: str, value: Gate) -> float | tuple[float, ...]:
    """Check a gate, and return it as a number or a tuple of numbers."""
    message = f"{name}: got {value!r}, expected a number in [0, 1], or one for every unit"
    try:
        values = np.asarray(value, float)
    except (TypeError, ValueError):
        raise TypeError(message) from None
    if isinstance(value, str) or values.ndim > 1:
        raise TypeError(message)
    if not (values.size and ((values >= 0) & (values <= 1)).all()):
        raise ValueError(message)
    return tuple(values.tolist()) if values.ndim else float(values)
