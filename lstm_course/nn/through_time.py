"""A cell through time as one operation of torch's autograd, with the hand-derived backward run."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

from lstm_course import kernels, unroll
from lstm_course.cells import Cell, Params


class ThroughTime(torch.autograd.Function):
    """``apply(cell, lengths, xs, *params, *state)`` → h_1 … h_T (T, B, H), and each last state (B, size).

    Compiled where :func:`lstm_course.kernels.available` says so, in plain steps elsewhere. The outputs
    are copies: changing them in place does not touch what the backward run needs. With
    ``create_graph`` the hand-derived run gives way to autograd over the same equations, which can be
    differentiated once more.
    """

    @staticmethod
    def forward(ctx: Any, cell: Cell, lengths: list[int] | None, xs: Tensor, *tensors: Tensor):
        ctx.cell, ctx.lengths, ctx.inputs = cell, lengths, 1 + len(tensors)
        ctx.compiled = kernels.available(cell, xs)
        params, state = _split(cell, tensors)
        if ctx.compiled:
            run = kernels.forward(cell, params, xs, state, lengths)
            ctx.save_for_backward(xs, *tensors, *run)
            return run.hs.clone(), *(part.clone() for part in run.last)
        run = unroll.forward(cell, params, xs, state, lengths)
        ctx.alive = run.alive
        ctx.save_for_backward(xs, *tensors, run.xs, *run.states, *run.trace)
        return run.hs.clone(), *(part.clone() for part in _last(run))

    @staticmethod
    def backward(ctx: Any, dhs: Tensor, *d_last: Tensor):
        cell, inputs = ctx.cell, ctx.saved_tensors[: ctx.inputs]
        saved = ctx.saved_tensors[ctx.inputs :]
        with without_autocast(dhs.device.type):
            if torch.is_grad_enabled():
                return None, None, *_by_autograd(ctx, inputs, (dhs, *d_last))
            params, state = _split(cell, inputs[1:])
            if ctx.compiled:
                run = kernels.Run(*saved)
                found = kernels.backward(cell, params, run, inputs[0], dhs, d_last)
            else:
                xs, states, trace = saved[0], saved[1 : 1 + len(state)], saved[1 + len(state) :]
                run = unroll.Trajectory(cell, xs, states, trace, ctx.alive)
                d_last = d_last if len(d_last) > 1 else d_last[0]
                found = unroll.backward(cell, params, run, dhs, d_last)
        return None, None, found.xs, *found.params, *found.state


def without_autocast(device: str) -> AbstractContextManager:
    """A block in which operations keep the precision of their arguments, on a type of device."""
    if torch.amp.is_autocast_available(device):
        return torch.autocast(device, enabled=False)
    return nullcontext()


def _split(cell: Cell, tensors: tuple[Tensor, ...]) -> tuple[Params, tuple[Tensor, ...]]:
    count = len(cell.params_type._fields)
    return cell.params_type(*tensors[:count]), tensors[count:]


def _last(run: unroll.Trajectory) -> tuple[Tensor, ...]:
    return tuple(states[-1] for states in run.states)


def _by_autograd(
    ctx: Any, inputs: tuple[Tensor, ...], errors: tuple[Tensor, ...]
) -> tuple[Tensor | None, ...]:
    params, state = _split(ctx.cell, inputs[1:])
    run = unroll.forward(ctx.cell, params, inputs[0], state, ctx.lengths)
    wanted = [tensor for tensor in inputs if tensor.requires_grad]
    found = torch.autograd.grad(
        (run.hs, *_last(run)), wanted, errors, create_graph=True, allow_unused=True
    )
    gradients = iter(found)
    return tuple(next(gradients) if tensor.requires_grad else None for tensor in inputs)
