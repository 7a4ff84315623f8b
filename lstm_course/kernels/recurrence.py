"""Compiled runs of one net or several over torch tensors on a CPU: forward, and back.

Letters: R nets of one architecture, each with weights of its own; T, B, D, H, N as everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lstm_course.cells import LSTM1997, Cell, Params
from lstm_course.kernels.compiled import Compiled, compiled

EAGER = "LSTM_COURSE_EAGER"  # set to 1, nothing is compiled
# Weights of all nets up to which they run side by side: as many as a processor's second cache holds.
TOGETHER_UP_TO = 2**18


def available(cell: Cell, xs: Tensor) -> bool:
    """Whether a compiled recurrence serves for this cell and for inputs like xs.

    It does for float32 and float64 on a CPU if numba and scipy are installed, and for all cells but an
    LSTM of 1997 whose gates are shared or recurrent.
    """
    if os.environ.get(EAGER) == "1" or not _installed():
        return False
    if isinstance(cell, LSTM1997) and cell != LSTM1997(truncated=cell.truncated):
        return False
    return xs.device.type == "cpu" and xs.dtype in (torch.float32, torch.float64) and len(xs) > 0


@cache
def _installed() -> bool:
    return all(map(find_spec, ("numba", "scipy")))


def together(params: Params) -> bool:
    """Whether nets with these weights, stacked along a leading axis, are fastest side by side."""
    return params.R.numel() <= TOGETHER_UP_TO


class Run(NamedTuple):
    """What the backward run needs of a forward run."""

    states: Tensor  #: (T+1, S, H, B, R)
    trace: Tensor  #: (T, K, H, B, R), without what states hold already
    lengths: Tensor  #: (B·R,), or (0,) if all sequences have all steps
    sources: Tensor  #: (T, H, B, R): what late blocks of R multiplied; empty if there are none

    @property
    def hs(self) -> Tensor:
        """The outputs h_1 … h_T, (R, T, B, H)."""
        return self.states[1:, 0].permute(3, 0, 2, 1)

    @property
    def last(self) -> tuple[Tensor, ...]:
        """The states after the last step, (R, B, H) each."""
        return self.states[-1].permute(0, 3, 2, 1).unbind()


def forward(
    cell: Cell,
    params: Params,
    xs: Tensor,
    state: Sequence[Tensor],
    lengths: Sequence[int] | None = None,
) -> Run:
    """Run R nets over xs (R, T, B, D) from their states, (R, B, H) each.

    ``params`` are stacked along a leading axis, (R, N·H, D) and so on. Arguments are not checked: that
    is a layer's to do. xs must be finite after a sequence's end, too.
    """
    (R, T, B, _), H, made = xs.shape, params.R.shape[2], compiled(cell)
    states = xs.new_empty(T + 1, len(state), H, B, R)
    states[0] = torch.stack([*state]).permute(0, 3, 2, 1)
    trace = xs.new_empty(T, made.kept, H, B, R)
    ends = torch.tensor([] if lengths is None else [*lengths], dtype=torch.int64)
    sources = xs.new_empty(T if cell.late_blocks else 0, H, B, R)
    run = Run(states, trace, ends.repeat_interleave(R), sources)
    W, R_inner = _nets_last(params.W), _nets_last(params.R)
    made.module.forward(*_given(cell, params, run, xs, made), W, R_inner, _of_units(params.b, H, B))
    return run


def backward(
    cell: Cell, params: Params, run: Run, xs: Tensor, dhs: Tensor, d_last: Sequence[Tensor]
) -> tuple[Params, Tensor, tuple[Tensor, ...]]:
    """Backpropagate through time, as :func:`lstm_course.unroll.backward` does, for R nets.

    All shapes have R in front: xs (R, T, B, D), dhs (R, T, B, H), d_last (R, B, H) each. Returns total
    derivatives with respect to ``params``, to ``xs`` and to the initial state.
    """
    (R, T, B, D), (_, rows, H), made = xs.shape, params.R.shape, compiled(cell)
    ended = torch.stack([*d_last]).permute(0, 3, 2, 1).contiguous()  # (S, H, B, R)
    d_state = torch.zeros_like(ended) if len(run.lengths) else ended.clone()
    d_xs = dhs.new_empty(T, D, B, R)
    dW, dR = dhs.new_zeros(rows, D, R), dhs.new_zeros(rows, H, R)
    db, d_own = dhs.new_zeros(rows, B, R), dhs.new_zeros(max(1, made.own) * H, B, R)
    early = rows - cell.late_blocks * H
    made.module.backward(
        *_given(cell, params, run, xs, made),
        *map(_nets_last, (params.W.mT, params.R[:, :early].mT, params.R[:, early:].mT)),
        dhs.permute(1, 3, 2, 0).flatten(1).clone().numpy(),
        ended.flatten(1).numpy(),
        d_xs.flatten(2).numpy(),
        d_state.flatten(1).numpy(),
        *((x[..., 0] if R == 1 else x).numpy() for x in (dW, dR)),
        *(x.view(-1, H * B * R).numpy() for x in (db, d_own)),
    )
    counts = [count * H for count in cell.own_blocks.values()]
    own = d_own.sum(1).t().split(counts, 1) if counts else ()
    d_params = params._make((dW.permute(2, 0, 1), dR.permute(2, 0, 1), db.sum(1).t(), *own))
    return d_params, d_xs.permute(3, 0, 2, 1), d_state.permute(0, 3, 2, 1).unbind()


def _given(
    cell: Cell, params: Params, run: Run, xs: Tensor, made: Compiled
) -> tuple[np.ndarray, ...]:
    """The first arguments of both loops: xs, own, constants, states, trace, lengths, sources."""
    (R, _, B, _), H = xs.shape, params.R.shape[2]
    none = np.zeros((1, 1))
    own = _of_units(torch.cat([*params[3:]], 1), H, B) if made.own else none
    fixed = params.b.new_tensor(made.constants).flatten().expand(R, -1) if made.constants else None
    constants = none if fixed is None else _of_units(fixed, H, B)
    arrays = xs.permute(1, 3, 2, 0).flatten(2), run.states.flatten(2), run.trace.flatten(2)
    xs, states, trace = (x.detach().contiguous().numpy() for x in arrays)
    return xs, own, constants, states, trace, run.lengths.numpy(), run.sources.flatten(1).numpy()


def _of_units(weights: Tensor, H: int, B: int) -> np.ndarray:
    """(R, K·H), what each unit of each net has of its own → (K, H·B·R), the same for all sequences."""
    expanded = weights.detach().t()[:, None].expand(-1, B, -1)
    return expanded.reshape(-1, H * B * len(weights)).numpy()


def _nets_last(R: Tensor) -> np.ndarray:
    """(R, rows, columns) → (rows, columns) for one net, (rows, columns, R) for several."""
    inner = R[0] if len(R) == 1 else R.permute(1, 2, 0)
    return inner.detach().contiguous().numpy()
