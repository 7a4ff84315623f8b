"""Compiled runs over torch tensors on a CPU: forward, and back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple

import torch
from torch import Tensor

from lstm_course.cells import LSTM1997, Cell, Params
from lstm_course.kernels.compiled import Compiled, compiled
from lstm_course.ops import split
from lstm_course.unroll import Gradients, own_blocks, sum_of_outer_products

EAGER = "LSTM_COURSE_EAGER"  # set to 1, nothing is compiled
# Multiplications by R per step up to which loops are faster than a call of torch's matrix product.
LOOP_UP_TO = 2**18


def available(cell: Cell, xs: Tensor) -> bool:
    """Whether a compiled recurrence serves for this cell and for inputs like xs.

    It does for float32 and float64 on a CPU if numba is installed, and for all cells but an LSTM of 1997
    whose gates are shared or recurrent.
    """
    if os.environ.get(EAGER) == "1" or find_spec("numba") is None:
        return False
    if isinstance(cell, LSTM1997) and cell != LSTM1997(truncated=cell.truncated):
        return False
    return xs.device.type == "cpu" and xs.dtype in (torch.float32, torch.float64) and len(xs) > 0


class Run(NamedTuple):
    """What the backward run needs of a forward run."""

    states: Tensor  #: (T+1, B, S, H)
    trace: Tensor  #: (T, B, K, H), without what states hold already
    lengths: Tensor  #: (B,)
    sources: Tensor  #: (T, B, H): what late blocks of R multiplied; (1, 1, 1) if there are none

    @property
    def hs(self) -> Tensor:
        """The outputs h_1 … h_T, (T, B, H)."""
        return self.states[1:, :, 0]

    @property
    def last(self) -> tuple[Tensor, ...]:
        """The states after the last step, (B, H) each."""
        return self.states[-1].unbind(1)


def forward(
    cell: Cell,
    params: Params,
    xs: Tensor,
    state: Sequence[Tensor],
    lengths: Sequence[int] | None = None,
) -> Run:
    """Run a cell over xs (T, B, D) from its states, (B, H) each.

    Arguments are not checked: that is a layer's to do. xs must be finite after a sequence's end, too.
    """
    (T, B, D), H, rows = xs.shape, params.R.shape[1], len(params.b)
    made = compiled(cell)
    from_xs = torch.addmm(params.b, xs.reshape(T * B, D), params.W.t()).view(T, B, rows)
    states = xs.new_empty(T + 1, B, len(state), H)
    states[0] = torch.stack([*state], 1)
    trace = xs.new_empty(T, B, made.kept, H)
    ends = torch.tensor([T] * B if lengths is None else [*lengths])
    # Zero, not empty: where a sequence has ended they are multiplied with errors of zero.
    sources = xs.new_zeros((T, B, H) if cell.late_blocks else (1, 1, 1))
    run = Run(states, trace, ends, sources)
    given = (from_xs, *_of_units(cell, params, made), states, trace, ends)
    arrays = [_array(tensor) for tensor in given]
    if B * rows * H <= LOOP_UP_TO:
        made.module.forward(*arrays, _array(sources), _array(params.R.t()))
        return run
    early, late = _early_and_late(cell, params.R)
    products = xs.new_empty(B, rows)
    for t in range(T):
        torch.mm(states[t, :, 0], early.t(), out=products[:, : len(early)])
        if cell.late_blocks:
            made.module.late_step(t, products.numpy(), arrays[0], arrays[3], sources.numpy())
            torch.mm(sources[t], late.t(), out=products[:, len(early) :])
        made.module.forward_step(t, products.numpy(), *arrays)
    return run


def backward(
    cell: Cell, params: Params, run: Run, xs: Tensor, dhs: Tensor, d_last: Sequence[Tensor]
) -> Gradients:
    """Backpropagate through time, as :func:`lstm_course.unroll.backward` does."""
    (T, B, H), rows, made = dhs.shape, len(params.b), compiled(cell)
    d_state = torch.stack([*d_last], 1)  # (B, S, H)
    d_from_xs = dhs.new_zeros(T, B, rows)
    d_from_hs = d_from_xs if made.same else dhs.new_zeros(T, B, rows)
    d_own = dhs.new_zeros(max(1, made.own), H)
    given = (dhs, *_of_units(cell, params, made), run.states, run.trace, run.lengths)
    arrays = [_array(tensor) for tensor in (*given, d_state, d_from_xs, d_from_hs, d_own)]
    early, late = _early_and_late(cell, params.R)
    if B * rows * H <= LOOP_UP_TO:
        made.module.backward(*arrays, _array(params.R))
    else:
        back = dhs.new_empty(B, H)
        for t in reversed(range(T)):
            made.module.backward_step(t, *arrays)
            if cell.late_blocks:
                torch.mm(d_from_hs[t, :, len(early) :], late, out=back)
                made.module.late_backward_step(t, back.numpy(), *arrays[3:9])
            if not cell.truncated:  # a sequence that has ended has errors of zero here
                d_state[:, 0] += torch.mm(d_from_hs[t, :, : len(early)], early, out=back)
    dR = sum_of_outer_products(d_from_hs[..., : len(early)], run.states[:-1, :, 0])
    if cell.late_blocks:
        dR = torch.cat((dR, sum_of_outer_products(d_from_hs[..., len(early) :], run.sources)))
    counts = [count * H for count in cell.own_blocks.values()]
    own = split(d_own.flatten(), counts) if counts else ()
    dW, db = sum_of_outer_products(d_from_xs, xs), d_from_xs.sum((0, 1))
    d_params = cell.params_type(dW, dR, db, *own)
    return Gradients(d_params, d_from_xs @ params.W, d_state.unbind(1), d_from_hs)


def _of_units(cell: Cell, params: Params, made: Compiled) -> tuple[Tensor, Tensor]:
    """(M, H): the cell's own weights, and what its units do not learn; one row of zeros for none."""
    none = params.b.new_zeros(1, params.R.shape[1])
    own = own_blocks(cell, params)
    constants = params.b.new_tensor(made.constants) if made.constants else none
    return torch.stack([*own]) if own else none, constants


def _early_and_late(cell: Cell, R: Tensor) -> tuple[Tensor, Tensor]:
    rows = len(R) - cell.late_blocks * R.shape[1]
    return R[:rows], R[rows:]


def _array(tensor: Tensor):
    return tensor.detach().contiguous().numpy()
