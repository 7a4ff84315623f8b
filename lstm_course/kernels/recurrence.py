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
from lstm_course.kernels.tied import tied

DENSE = torch.contiguous_format
EAGER = "LSTM_COURSE_EAGER"  # set to 1, nothing is compiled
# Weights of all nets up to which they run side by side: as many as a processor's second cache holds.
TOGETHER_UP_TO = 2**18


def available(cell: Cell, xs: Tensor) -> bool:
    """Whether a compiled recurrence serves for this cell and for inputs like xs.

    It does for float32 and float64 on a CPU if numba and scipy are installed, and for all cells but an
    LSTM of 1997 with hidden units beside its memory cells.
    """
    if os.environ.get(EAGER) == "1" or not _installed():
        return False
    if isinstance(cell, LSTM1997) and cell.hidden_units:
        return False
    return xs.device.type == "cpu" and xs.dtype in (torch.float32, torch.float64) and len(xs) > 0


@cache
def _installed() -> bool:
    return all(map(find_spec, ("numba", "scipy")))


def together(params: Params) -> bool:
    """Whether nets with these weights, stacked along a leading axis, are fastest side by side."""
    return params.R.numel() <= TOGETHER_UP_TO


class Run(NamedTuple):
    """What the backward run needs of a forward run, for C units with S numbers in their states."""

    states: Tensor  #: (T+1, S, C, B, R)
    trace: Tensor  #: (T, K, C, B, R), without what states hold already
    lengths: Tensor  #: (B·R,), or (0,) if all sequences have all steps
    sources: Tensor  #: (T, C, B, R): what late blocks of R multiplied; empty if there are none


def forward(
    cell: Cell,
    params: Params,
    xs: Tensor,
    state: Sequence[Tensor],
    lengths: Sequence[int] | None = None,
) -> tuple[tuple[Tensor, ...], Run]:
    """Run R nets over xs (R, T, B, D) from their states, (R, B, size) each.

    ``params`` are stacked along a leading axis, (R, N·H, D) and so on. Arguments are not checked: that
    is a layer's to do. xs must be finite after a sequence's end, too. Returns the outputs h_1 … h_T
    (R, T, B, H) and the states after the last step, (R, B, size) each, as views of the Run beside them.
    """
    if ties := tied(cell, params.R.shape[2]):
        cell, params = ties.cell, ties.untie(params)
        state = (state[0][..., ties.sources], *state[1:])
    (R, T, B, _), made = xs.shape, compiled(cell)
    S, Y = made.rows, made.sources
    C = params.R.shape[2] // Y
    states = xs.new_empty(T + 1, S, C, B, R)
    states[0] = _rows(state, C)
    trace = xs.new_empty(T, made.kept, C, B, R)
    ends = torch.tensor([] if lengths is None else [*lengths], dtype=torch.int64)
    late = xs.new_empty(T if cell.late_blocks else 0, C, B, R)
    run = Run(states, trace, ends.repeat_interleave(R), late)
    W, R_inner = _nets_last(params.W), _nets_last(params.R)
    made.module.forward(*_given(cell, params, run, xs, made), W, R_inner, _of_units(params.b, C, B))
    hs, last = states[1:, :Y].flatten(1, 2).permute(3, 0, 2, 1), _of_rows(states[-1], Y)
    if ties:
        hs, last = hs[..., ties.columns], (last[0][..., ties.columns], *last[1:])
    return (hs, *last), run


def backward(
    cell: Cell, params: Params, run: Run, xs: Tensor, dhs: Tensor, d_last: Sequence[Tensor]
) -> tuple[Params, Tensor, tuple[Tensor, ...]]:
    """Backpropagate through time, as :func:`lstm_course.unroll.backward` does, for R nets.

    All shapes have R in front: xs (R, T, B, D), dhs (R, T, B, H), d_last (R, B, size) each. Returns
    total derivatives with respect to ``params``, to ``xs`` and to the initial state.
    """
    if ties := tied(cell, params.R.shape[2]):
        cell, params, dhs = ties.cell, ties.untie(params), ties.untie_errors(dhs)
        d_last = (ties.untie_errors(d_last[0]), *d_last[1:])
    (R, T, B, D), (_, rows, width), made = xs.shape, params.R.shape, compiled(cell)
    C = width // made.sources
    ended = _rows(d_last, C).contiguous()  # (S, C, B, R)
    d_state = torch.zeros_like(ended) if len(run.lengths) else ended.clone()
    d_xs = dhs.new_empty(T, D, B, R)
    dW, dR = dhs.new_zeros(rows, D, R), dhs.new_zeros(rows, width, R)
    db, d_own = dhs.new_zeros(rows, B, R), dhs.new_zeros(max(1, made.own) * C, B, R)
    early = rows - cell.late_blocks * C
    made.module.backward(
        *_given(cell, params, run, xs, made),
        *map(_nets_last, (params.W.mT, params.R[:, :early].mT, params.R[:, early:].mT)),
        dhs.permute(1, 3, 2, 0).clone(memory_format=DENSE).view(T, made.sources, -1).numpy(),
        ended.flatten(1).numpy(),
        d_xs.flatten(2).numpy(),
        d_state.flatten(1).numpy(),
        *((x[..., 0] if R == 1 else x).numpy() for x in (dW, dR)),
        *(x.view(-1, C * B * R).numpy() for x in (db, d_own)),
    )
    counts = [count * C for count in cell.own_blocks.values()]
    own = d_own.sum(1).t().split(counts, 1) if counts else ()
    d_params = params._make((dW.permute(2, 0, 1), dR.permute(2, 0, 1), db.sum(1).t(), *own))
    d_initial = _of_rows(d_state, made.sources)
    if ties:
        d_params = ties.tie(d_params)
        d_initial = (d_initial[0][..., ties.columns], *d_initial[1:])
    return d_params, d_xs.permute(3, 0, 2, 1), d_initial


def _rows(state: Sequence[Tensor], C: int) -> Tensor:
    """States of R nets, (R, B, size) each, as the S numbers of each unit: (S, C, B, R)."""
    return torch.cat([part.unflatten(2, (-1, C)) for part in state], 2).permute(2, 3, 1, 0)


def _of_rows(rows: Tensor, Y: int) -> tuple[Tensor, ...]:
    """The states (R, B, size) each, of (S, C, B, R); the first has Y numbers for each unit."""
    return tuple(
        part.flatten(0, 1).permute(2, 1, 0) for part in rows.split([Y, *[1] * (len(rows) - Y)])
    )


def _given(
    cell: Cell, params: Params, run: Run, xs: Tensor, made: Compiled
) -> tuple[np.ndarray, ...]:
    """The first arguments of both loops: xs, own, constants, states, trace, lengths, sources."""
    (R, _, B, _), H = xs.shape, run.states.shape[2]
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
