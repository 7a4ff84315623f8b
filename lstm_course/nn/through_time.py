"""A cell through time as one operation of torch's autograd, with the hand-derived backward run."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from lstm_course import unroll
from lstm_course.cells import Cell


class ThroughTime(torch.autograd.Function):
    """``apply(cell, lengths, xs, *params, *state)`` → h_1 … h_T (T, B, H), and each last state (B, size).

    The outputs are copies: changing them in place does not touch what the backward run needs.
    """

    @staticmethod
    def forward(ctx: Any, cell: Cell, lengths: list[int] | None, xs: Tensor, *tensors: Tensor):
        count = len(cell.params_type._fields)
        params, state = cell.params_type(*tensors[:count]), tensors[count:]
        run = unroll.forward(cell, params, xs, state if len(state) > 1 else state[0], lengths)
        ctx.cell, ctx.states, ctx.alive = cell, len(run.states), run.alive
        ctx.save_for_backward(*params, run.xs, *run.states, *run.trace)
        last = run.last if isinstance(run.last, tuple) else (run.last,)
        return run.hs.clone(), *(part.clone() for part in last)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dhs: Tensor, *d_last: Tensor):
        fields = ctx.cell.params_type
        count = len(fields._fields)
        saved = ctx.saved_tensors
        params, xs, rest = fields(*saved[:count]), saved[count], saved[count + 1 :]
        run = unroll.Trajectory(xs, rest[: ctx.states], rest[ctx.states :], ctx.alive)
        d_last = d_last if len(d_last) > 1 else d_last[0]
        found = unroll.backward(ctx.cell, params, run, dhs, d_last)
        return None, None, found.xs, *found.params, *found.state
