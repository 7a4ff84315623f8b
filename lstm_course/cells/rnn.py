"""The simple recurrent net (Elman 1990)::

    a_t = W x_t + R h_{t−1} + b
    h_t = φ(a_t)

φ works on each entry by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from lstm_course.cells.activation import Activation, activation
from lstm_course.cells.cell import Blocks, Cell


@dataclass(frozen=True)
class RNN(Cell):
    """The simple recurrent net, by default with tanh, as torch.nn.RNN computes it.

    ``nonlinearity`` is ``"tanh"``, ``"sigmoid"``, ``"relu"`` or ``"identity"``; anything else raises
    ValueError.
    """

    block_names: ClassVar[tuple[str, ...]] = ("h",)
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    nonlinearity: str = "tanh"
    phi: Activation = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "phi", activation("nonlinearity", self.nonlinearity))

    def step(self, from_x, from_h, state, own=()) -> tuple[Blocks, Blocks]:
        (x,), (r,) = from_x, from_h
        h = self.phi.function(x + r)
        return (h,), (h,)

    def step_backward(self, trace, d_state, own=()) -> tuple[Blocks, Blocks, Blocks, Blocks]:
        (h,), (dh,) = trace, d_state
        da = dh * self.phi.slope(h)  # δ_t = dL/da_t
        return (da,), (da,), (0 * da,), ()  # h_{t−1} reaches h_t through R alone
