"""The LSTM of today: input, forget and output gate (Gers, Schmidhuber & Cummins 2000)::

    i_t = σ(W_i x_t + R_i h_{t−1} + b_i  [+ p_i ∘ c_{t−1}])
    f_t = σ(W_f x_t + R_f h_{t−1} + b_f  [+ p_f ∘ c_{t−1}])      coupled: f_t = 1 − i_t
    g_t = tanh(W_g x_t + R_g h_{t−1} + b_g)
    c_t = f_t ∘ c_{t−1} + i_t ∘ g_t
    o_t = σ(W_o x_t + R_o h_{t−1} + b_o  [+ p_o ∘ c_t])
    h_t = o_t ∘ tanh(c_t)

In brackets: peepholes (Gers, Schraudolph & Schmidhuber 2002). The coupled gate is that of Greff et al.
(2017), CIFG.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from lstm_course.arguments import flag
from lstm_course.cells.cell import Blocks, Cell, Params
from lstm_course.ops import Array, sigmoid, tanh


class PeepholeParams(NamedTuple):
    """The weights of an LSTM with peepholes; coupled there is no f."""

    W: Array  #: (4·H, D) input weights: i, f, g, o
    R: Array  #: (4·H, H) recurrent weights
    b: Array  #: (4·H,) bias
    p: Array  #: (3·H,) peepholes: i, f, o


@dataclass(frozen=True)
class LSTM(Cell):
    """The LSTM as torch.nn.LSTM computes it; with ``peepholes``, with a ``coupled`` forget gate.

    Raises TypeError for variants that are not True or False.
    """

    state_names: ClassVar[tuple[str, ...]] = ("h", "c")
    memory: ClassVar[str] = "c"
    peepholes: bool = False
    coupled: bool = False

    def __post_init__(self) -> None:
        flag("peepholes", self.peepholes)
        flag("coupled", self.coupled)

    @property
    def block_names(self) -> tuple[str, ...]:
        return ("i", "g", "o") if self.coupled else ("i", "f", "g", "o")

    @property
    def params_type(self) -> type:
        return PeepholeParams if self.peepholes else Params

    @property
    def own_blocks(self) -> dict[str, int]:
        return {"p": 2 if self.coupled else 3} if self.peepholes else {}

    def step(self, from_x, from_h, state, own=()) -> tuple[Blocks, Blocks]:
        a = [x + r for x, r in zip(from_x, from_h, strict=True)]
        a_i, a_f, a_g, a_o = (a[0], None, *a[1:]) if self.coupled else a
        p_i, p_f, p_o = self._peepholes(own)
        _, c_old = state
        i = sigmoid(_peep(a_i, p_i, c_old))
        f = 1 - i if self.coupled else sigmoid(_peep(a_f, p_f, c_old))
        g = tanh(a_g)
        c = f * c_old + i * g
        o = sigmoid(_peep(a_o, p_o, c))
        squashed = tanh(c)
        h = o * squashed
        return (h, c), (i, f, g, o, c_old, c, squashed)

    def step_backward(self, trace, d_state, own=()) -> tuple[Blocks, Blocks, Blocks, Blocks]:
        i, f, g, o, c_old, c, squashed = trace
        p_i, p_f, p_o = self._peepholes(own)
        dh, dc = d_state
        da_o = dh * squashed * o * (1 - o)
        dc = _peep(dc + dh * o * (1 - squashed * squashed), p_o, da_o)
        da_g = dc * i * (1 - g * g)
        df = dc * c_old
        di = dc * g - df if self.coupled else dc * g
        da_i = di * i * (1 - i)
        da_f = df * f * (1 - f)  # without a meaning if coupled, and then not used
        dc_old = _peep(_peep(dc * f, p_i, da_i), p_f, da_f)
        da = (da_i, da_g, da_o) if self.coupled else (da_i, da_f, da_g, da_o)
        dp = (da_i * c_old, da_f * c_old, da_o * c) if self.peepholes else ()
        return da, da, (0 * dh, dc_old), dp[:1] + dp[2:] if self.coupled else dp

    def _peepholes(self, own: Blocks) -> tuple[Array | None, ...]:
        """p_i, p_f, p_o; None where the variant has none."""
        if not self.peepholes:
            return None, None, None
        return (own[0], None, own[1]) if self.coupled else own

    def keep(self, trace) -> Array:
        return trace[1]  # f_t


def _peep(a: Array, p: Array | None, c: Array) -> Array:
    """What reaches a gate with peephole p, or an error that comes back through it: a + p ∘ c."""
    return a if p is None else a + p * c
