"""The constant error carousel: a unit that feeds itself (Hochreiter & Schmidhuber 1997, §3.2)::

    a_t = W x_t + R h_{t−1} + b + w h_{t−1}
    h_t = φ(a_t)

With the identity and w = 1 the unit holds its value, and an error passes it unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from lstm_course.arguments import number
from lstm_course.cells.activation import Activation, activation
from lstm_course.cells.cell import Blocks, Cell
from lstm_course.ops import Array


@dataclass(frozen=True)
class Carousel(Cell):
    """Units with a fixed self-weight w, by default 1, and an activation, by default the identity.

    R holds the connections between units; it is zero for the bare carousel. Raises TypeError or
    ValueError for an unknown activation and for a self-weight that is no finite number.
    """

    block_names: ClassVar[tuple[str, ...]] = ("h",)
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    memory: ClassVar[str] = "h"
    self_weight: float = 1.0
    activation: str = "identity"
    phi: Activation = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "phi", activation("activation", self.activation))
        object.__setattr__(self, "self_weight", number("self_weight", self.self_weight))

    def step(self, from_x, from_h, state, own=()) -> tuple[Blocks, Blocks]:
        (x,), (r,), (h,) = from_x, from_h, state
        h = self.phi.function(x + r + self.self_weight * h)
        return (h,), (h,)

    def step_backward(self, trace, d_state, own=()) -> tuple[Blocks, Blocks, Blocks, Blocks]:
        (h,), (dh,) = trace, d_state
        da = dh * self.phi.slope(h)
        return (da,), (da,), (da * self.self_weight,), ()

    def keep(self, trace) -> Array:
        (h,) = trace
        return (1 + 0 * h) * self.phi.slope(h) * self.self_weight  # φ′(a) w
