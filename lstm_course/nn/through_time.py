"""A cell through time as one operation of torch's autograd, with the hand-derived backward run."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

from lstm_course import unroll
from lstm_course.cells import Cell


class ThroughTime(torch.autograd.Function):
    """``apply(cell, lengths, xs, *params, *state)`` → h_1 … h_T (T, B, H), and each last state (B, size).

    The outputs are copies: changing them in place does not touch what the backward run needs. With
    ``create_graph`` the hand-derived run gives way to autograd over the same equations, which can be
    differentiated once more.
    """

    @staticmethod
    def forward(ctx: Any, cell: Cell, lengths: list[int] | None, xs: Tensor, *tensors: Tensor):
        run = _run(cell, lengths, xs, tensors)
        ctx.cell, ctx.lengths, ctx.inputs = cell, lengths, 1 + len(tensors)
        ctx.states, ctx.alive = len(run.states), run.alive
        ctx.save_for_backward(xs, *tensors, run.xs, *run.states, *run.trace)
        return run.hs.clone(), *(part.clone() for part in _last(run))

    @staticmethod
    def backward(ctx: Any, dhs: Tensor, *d_last: Tensor):
        inputs, saved = ctx.saved_tensors[: ctx.inputs], ctx.saved_tensors[ctx.inputs :]
        with without_autocast(dhs.device.type):
            if torch.is_grad_enabled():
                return None, None, *_by_autograd(ctx, inputs, (dhs, *d_last))
            params = ctx.cell.params_type(*inputs[1 : ctx.inputs - ctx.states])
            xs, states, trace = saved[0], saved[1 : 1 + ctx.states], saved[1 + ctx.states :]
            run = unroll.Trajectory(ctx.cell, xs, states, trace, ctx.alive)
            d_last = d_last if len(d_last) > 1 else d_last[0]
            found = unroll.backward(ctx.cell, params, run, dhs, d_last)
        return None, None, found.xs, *found.params, *found.state


def without_autocast(device: str) -> AbstractContextManager:
    """A block in which operations keep the precision of their arguments, on a type of device."""
    if torch.amp.is_autocast_available(device):
        return torch.autocast(device, enabled=False)
    return nullcontext()


def _run(
    cell: Cell, lengths: list[int] | None, xs: Tensor, tensors: tuple[Tensor, ...]
) -> unroll.Trajectory:
    count = len(cell.params_type._fields)
    return unroll.forward(cell, cell.params_type(*tensors[:count]), xs, tensors[count:], lengths)


def _last(run: unroll.Trajectory) -> tuple[Tensor, ...]:
    return tuple(states[-1] for states in run.states)


def _by_autograd(
    ctx: Any, inputs: tuple[Tensor, ...], errors: tuple[Tensor, ...]
) -> tuple[Tensor | None, ...]:
    run = _run(ctx.cell, ctx.lengths, inputs[0], inputs[1:])
    wanted = [tensor for tensor in inputs if tensor.requires_grad]
    found = torch.autograd.grad(
        (run.hs, *_last(run)), wanted, errors, create_graph=True, allow_unused=True
    )
    gradients = iter(found)
    return tuple(next(gradients) if tensor.requires_grad else None for tensor in inputs)
