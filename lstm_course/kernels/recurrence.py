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
ALL = torch.empty(0, dtype=torch.int64)  # no lengths: all sequences have all steps
EAGER = "LSTM_COURSE_EAGER"  # set to 1, nothing is compiled


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


def side_by_side(nets: int, sequences: int, units: int) -> bool:
    """Whether R nets run fastest side by side, else one after the other.

    Side by side their sequences make one long run for the cell's equations, but a product with weights
    of each net's own is only as long as there are nets. One after the other, BLAS takes products. The
    bound, R about 0.8 H √B, is measured: H from 4 to 64, B from 1 to 32, R from 2 to 32.
    """
    return 3 * nets**2 > 2 * units**2 * sequences


class Run(NamedTuple):
    """What the backward run needs of a forward run, for C units with S numbers in their states.

    G groups of r nets: all in one group, side by side, or each one by itself.
    """

    xs: Tensor  #: (G, T, D, B, r)
    states: Tensor  #: (G, T+1, S, C, B, r)
    trace: Tensor  #: (G, T, K, C, B, r), without what states hold already
    lengths: Tensor  #: (B·r,), or (0,) if all sequences have all steps
    sources: Tensor  #: (G, T, C, B, r): what late blocks of R multiplied; empty if there are none


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
    G, r = (1, R) if side_by_side(R, B, C) else (R, 1)
    states = xs.new_empty(G, T + 1, S, C, B, r)
    states[:, 0] = _grouped(_rows(state, C), G)
    trace = xs.new_empty(G, T, made.kept, C, B, r)
    ends = ALL if lengths is None else torch.tensor([*lengths]).repeat_interleave(r)
    late = xs.new_empty(G, T if cell.late_blocks else 0, C, B, r)
    run = Run(_grouped(xs.mT, G).contiguous(), states, trace, ends, late)
    W, R_inner = (_weights(weights, G) for weights in (params.W, params.R))
    made.module.forward(*_given(params, run, made), W, R_inner, _of_units(params.b, run))
    hs = _apart(states[:, 1:, :Y]).flatten(2, 3).mT
    last = _of_rows(_apart(states[:, -1]), Y)
    if ties:
        hs, last = hs[..., ties.columns], (last[0][..., ties.columns], *last[1:])
    return (hs, *last), run


def backward(
    cell: Cell, params: Params, run: Run, dhs: Tensor, d_last: Sequence[Tensor] | None = None
) -> tuple[Params, Tensor, tuple[Tensor, ...]]:
    """Backpropagate through time, as :func:`lstm_course.unroll.backward` does, for R nets.

    All shapes have R in front: dhs (R, T, B, H), d_last (R, B, size) each, by default zero. Returns
    total derivatives with respect to ``params``, to ``xs`` and to the initial state.
    """
    if ties := tied(cell, params.R.shape[2]):
        cell, params, dhs = ties.cell, ties.untie(params), ties.untie_errors(dhs)
        d_last = d_last and (ties.untie_errors(d_last[0]), *d_last[1:])
    (G, T, D, B, r), (_, _, S, C, *_), made = run.xs.shape, run.states.shape, compiled(cell)
    rows, width = params.R.shape[1:]
    if d_last:
        ended = _grouped(_rows(d_last, C), G).contiguous()
    else:
        ended = dhs.new_zeros(G, S, C, B, r)
    d_state = torch.zeros_like(ended) if len(run.lengths) else ended
    d_xs = dhs.new_empty(G, T, D, B, r)
    dW, dR = dhs.new_zeros(G, rows, D, r), dhs.new_zeros(G, rows, width, r)
    db, d_own = dhs.new_zeros(G, rows, B, r), dhs.new_zeros(G, max(1, made.own) * C, B, r)
    early = rows - cell.late_blocks * C
    transposed = params.W.mT, params.R[:, :early].mT, params.R[:, early:].mT
    made.module.backward(
        *_given(params, run, made),
        *(_weights(weights, G) for weights in transposed),
        _grouped(dhs.mT, G).clone(memory_format=DENSE).view(G, T, made.sources, -1).numpy(),
        ended.flatten(2).numpy(),
        d_xs.flatten(3).numpy(),
        d_state.flatten(2).numpy(),
        *((x[..., 0] if r == 1 else x).numpy() for x in (dW, dR)),
        *(x.view(G, -1, C * B * r).numpy() for x in (db, d_own)),
    )
    dW, dR, db, d_own = map(_apart, (dW, dR, db, d_own))
    counts = [count * C for count in cell.own_blocks.values()]
    own = d_own.sum(2).split(counts, 1) if counts else ()
    d_params = params._make((dW, dR, db.sum(2), *own))
    d_initial = _of_rows(_apart(d_state), made.sources)
    if ties:
        d_params = ties.tie(d_params)
        d_initial = (d_initial[0][..., ties.columns], *d_initial[1:])
    return d_params, _apart(d_xs).mT, d_initial


def _grouped(x: Tensor, G: int) -> Tensor:
    """(R, …) → (G, …, r): the nets that stand side by side come last."""
    return x[..., None] if len(x) == G else x.movedim(0, -1)[None]


def _apart(x: Tensor) -> Tensor:
    """(G, …, r) → (R, …)."""
    return x[..., 0] if x.shape[-1] == 1 else x[0].movedim(-1, 0)


def _rows(state: Sequence[Tensor], C: int) -> Tensor:
    """States, (R, B, size) each, as the S numbers of each unit: (R, S, C, B)."""
    return torch.cat([part.unflatten(2, (-1, C)) for part in state], 2).permute(0, 2, 3, 1)


def _of_rows(rows: Tensor, Y: int) -> tuple[Tensor, ...]:
    """The states (R, B, size) each, of (R, S, C, B); the first has Y numbers for each unit."""
    parts = rows.split([Y, *[1] * (rows.shape[1] - Y)], 1)
    return tuple(part.flatten(1, 2).mT for part in parts)


def _given(params: Params, run: Run, made: Compiled) -> tuple[np.ndarray, ...]:
    """The first arguments of both loops: xs, own, constants, states, trace, lengths, sources."""
    G, R = len(run.states), len(params.R)
    none = np.zeros((G, 1, 1))
    own = _of_units(torch.cat([*params[3:]], 1), run) if made.own else none
    fixed = params.b.new_tensor(made.constants).flatten().expand(R, -1) if made.constants else None
    constants = none if fixed is None else _of_units(fixed, run)
    xs, states, trace = (x.detach().flatten(3).numpy() for x in (run.xs, run.states, run.trace))
    return xs, own, constants, states, trace, run.lengths.numpy(), run.sources.flatten(2).numpy()


def _of_units(weights: Tensor, run: Run) -> np.ndarray:
    """(R, K·C), what each unit of each net has of its own → (G, K, C·B·r), alike for all sequences."""
    G, *_, C, B, r = run.states.shape
    expanded = _grouped(weights.detach()[:, :, None].expand(-1, -1, B), G)  # (G, K·C, B, r)
    return expanded.reshape(G, -1, C * B * r).numpy()


def _weights(R: Tensor, G: int) -> np.ndarray:
    """(R, rows, columns) → (G, rows, columns) if each net is a group, else (1, rows, columns, R)."""
    inner = R if len(R) == G else R.permute(1, 2, 0)[None]
    return inner.detach().contiguous().numpy()
