"""The simple recurrent net: a_t = W x_t + R h_{t−1} + b, h_t = φ(a_t) (Elman 1990)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from lstm_course.cells.activation import ACTIVATIONS, Activation
from lstm_course.ops import Array


@dataclass(frozen=True)
class RNN:
    """The simple recurrent net, by default with tanh, as torch.nn.RNN computes it.

    ``nonlinearity`` is ``"tanh"``, ``"sigmoid"``, ``"relu"`` or ``"identity"``; anything else raises
    ValueError.
    """

    blocks: ClassVar[int] = 1
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    nonlinearity: str = "tanh"
    phi: Activation = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.nonlinearity not in ACTIVATIONS:
            names = ", ".join(map(repr, ACTIVATIONS))
            raise ValueError(f"nonlinearity: got {self.nonlinearity!r}, expected one of {names}")
        object.__setattr__(self, "phi", ACTIVATIONS[self.nonlinearity])

    def step(self, from_x: Array, from_h: Array, h: Array) -> tuple[tuple[Array], tuple[Array]]:
        a = from_x + from_h  # (..., H)
        h = self.phi.function(a)
        return (h,), (h,)

    def step_backward(self, trace: tuple[Array], dh: Array) -> tuple[Array, Array, tuple[float]]:
        (h,) = trace
        da = dh * self.phi.slope(h)  # δ_t = dL/da_t
        return da, da, (0.0,)  # h_{t−1} reaches h_t through R alone
