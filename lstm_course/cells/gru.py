"""The gated recurrent unit (Cho et al. 2014), in torch's letters: z keeps the old state::

    r_t = σ(W_r x_t + R_r h_{t−1} + b_r)
    z_t = σ(W_z x_t + R_z h_{t−1} + b_z)
    n_t = tanh(W_n x_t + b_n + r_t ∘ (R_n h_{t−1} + b_nh))       reset after the product, as in torch
    n_t = tanh(W_n x_t + b_n + R_n (r_t ∘ h_{t−1}))              reset before it, as in the paper
    h_t = (1 − z_t) ∘ n_t + z_t ∘ h_{t−1}

Other texts let the gate write, h_t = (1 − u_t) ∘ h_{t−1} + u_t ∘ n_t: then u = 1 − z, which
:func:`lstm_course.convert.flip_update_gate` does to the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from lstm_course.arguments import choice
from lstm_course.cells.cell import Blocks, Cell, Params
from lstm_course.ops import Array, sigmoid, tanh


class GRUParams(NamedTuple):
    """The weights of a GRU that resets after the product: there n has a second bias, which r scales."""

    W: Array  #: (3·H, D) input weights: r, z, n
    R: Array  #: (3·H, H) recurrent weights
    b: Array  #: (3·H,) bias
    b_nh: Array  #: (H,) bias of R_n h_{t−1}


@dataclass(frozen=True)
class GRU(Cell):
    """The GRU; ``reset`` is ``"after"`` (torch.nn.GRU) or ``"before"``; anything else: ValueError."""

    block_names: ClassVar[tuple[str, ...]] = ("r", "z", "n")
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    memory: ClassVar[str] = "h"
    reset: str = "after"

    def __post_init__(self) -> None:
        choice("reset", self.reset, ("after", "before"))

    @property
    def params_type(self) -> type:
        return GRUParams if self.reset == "after" else Params

    @property
    def own_blocks(self) -> dict[str, int]:
        return {"b_nh": 1} if self.reset == "after" else {}

    @property
    def late_blocks(self) -> int:
        return 0 if self.reset == "after" else 1

    def step(self, from_x, from_h, state, own=()) -> tuple[Blocks, Blocks]:
        (x_r, x_z, x_n), (r_r, r_z, r_n), (h_old,) = from_x, from_h, state
        r = sigmoid(x_r + r_r)
        z = sigmoid(x_z + r_z)
        if self.reset == "after":
            r_n = r_n + own[0]
            n = tanh(x_n + r * r_n)
        else:
            n = tanh(x_n + r_n)
        h = (1 - z) * n + z * h_old
        return (h,), (r, z, n, r_n, h_old)

    def step_backward(self, trace, d_state, own=()) -> tuple[Blocks, Blocks, Blocks, Blocks]:
        (r, z, n, r_n, h_old), (dh,) = trace, d_state
        da_n = dh * (1 - z) * (1 - n * n)
        da_z = dh * (h_old - n) * z * (1 - z)
        dh_old = dh * z
        if self.reset == "before":  # r's part comes through late_source
            da = (0 * da_n, da_z, da_n)
            return da, da, (dh_old,), ()
        da_r = da_n * r_n * r * (1 - r)
        return (da_r, da_z, da_n), (da_r, da_z, da_n * r), (dh_old,), (da_n * r,)

    def late_source(self, from_x, from_h, h) -> Array:
        return sigmoid(from_x[0] + from_h[0]) * h  # r_t ∘ h_{t−1}

    def late_source_backward(self, trace, d_source) -> tuple[Blocks, Array]:
        r, z, _, _, h_old = trace
        da_r = d_source * h_old * r * (1 - r)
        return (da_r, 0 * da_r), d_source * r

    def late_source_of(self, trace) -> Array:
        r, _, _, _, h_old = trace
        return r * h_old

    def keep(self, trace) -> Array:
        return trace[1]  # z_t
