"""A cell through time as one operation of torch's autograd, with the hand-derived backward run."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

from lstm_course import kernels, unroll
from lstm_course.cells import Cell, Params

DENSE = torch.contiguous_format


class ThroughTime(torch.autograd.Function):
    """``apply(cell, lengths, xs, *params, *state)`` → h_1 … h_T (T, B, H), each last state (B, size), …

    What follows the last states is kept for the backward run. Everything may have R nets in front, each
    with its own weights; ``torch.vmap`` over nets leads there. Compiled where
    :func:`lstm_course.kernels.available` says so, in plain steps elsewhere. The outputs
    are copies: changing them in place does not touch what the backward run needs. With
    ``create_graph`` the hand-derived run gives way to autograd over the same equations, which can be
    differentiated once more.
    """

    @staticmethod
    def forward(cell: Cell, lengths: list[int] | None, xs: Tensor, *tensors: Tensor):
        params, state = _split(cell, tensors)
        if kernels.available(cell, xs):
            one = xs.dim() == 3
            given = _stacked(xs, params, state) if one else (xs, params, state)
            outputs, run = kernels.forward(cell, given[1], given[0], given[2], lengths)
            return *((x[0] if one else x).clone(memory_format=DENSE) for x in outputs), *run
        run = unroll.forward(cell, params, xs, state if len(state) > 1 else state[0], lengths)
        kept = (*run.states, *run.trace, *(() if lengths is None else (run.xs, run.alive)))
        return run.hs.clone(), *(part.clone() for part in _last(run)), *kept

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: tuple[Tensor, ...]) -> None:
        ctx.cell, ctx.lengths, xs, *tensors = inputs
        ctx.compiled = kernels.available(ctx.cell, xs)
        ctx.inputs, ctx.outputs = 1 + len(tensors), 1 + len(ctx.cell.state_names)
        kept = output[ctx.outputs :]
        ctx.save_for_backward(xs, *tensors, *kept)
        ctx.mark_non_differentiable(*kept)
        ctx.set_materialize_grads(False)  # no zeros for all that is kept
        ctx.shapes = [part.shape for part in output[: ctx.outputs]]

    @staticmethod
    def backward(ctx: Any, *errors: Tensor):
        cell, inputs = ctx.cell, ctx.saved_tensors[: ctx.inputs]
        saved = ctx.saved_tensors[ctx.inputs :]
        dhs, *d_last = errors[: ctx.outputs]
        only_hs = dhs is not None and all(error is None for error in d_last)
        if not (only_hs and ctx.compiled) or torch.is_grad_enabled():
            dhs, *d_last = (
                inputs[0].new_zeros(shape) if error is None else error
                for error, shape in zip((dhs, *d_last), ctx.shapes, strict=True)
            )
            only_hs = False
        with without_autocast(dhs.device.type):
            if torch.is_grad_enabled():
                return None, None, *_by_autograd(ctx, inputs, (dhs, *d_last))
            xs, (params, state) = inputs[0], _split(cell, inputs[1:])
            if ctx.compiled:
                d_last = () if only_hs else d_last
                return None, None, *_compiled_backward(cell, params, saved, dhs, d_last)
            states, trace = saved[: len(state)], saved[len(state) :]
            alive = None
            if ctx.lengths is not None:
                *trace, xs, alive = trace
            run = unroll.Trajectory(cell, xs, states, tuple(trace), alive)
            d_last = tuple(d_last) if len(d_last) > 1 else d_last[0]
            found = unroll.backward(cell, params, run, dhs, d_last)
        return None, None, found.xs, *found.params, *found.state

    @staticmethod
    def vmap(info: Any, in_dims: tuple, cell: Cell, lengths: list[int] | None, *tensors: Tensor):
        nets, dims = info.batch_size, in_dims[2:]
        tensors = [
            x.expand(nets, *x.shape) if dim is None else x.movedim(dim, 0)
            for x, dim in zip(tensors, dims, strict=True)
        ]
        if kernels.available(cell, tensors[0]):
            found = ThroughTime.apply(cell, lengths, *tensors)
        else:
            each = [
                ThroughTime.apply(cell, lengths, *of_net) for of_net in zip(*tensors, strict=True)
            ]
            found = tuple(torch.stack(parts) for parts in zip(*each, strict=True))
        outputs = 1 + len(cell.state_names)
        return found, (0,) * outputs + (None,) * (len(found) - outputs)


# torch asks for it at every call, and to work it out takes longer than a step of a small net.
ThroughTime.forward.__signature__ = inspect.signature(ThroughTime.forward)


def _stacked(
    xs: Tensor, params: Params, state: Sequence[Tensor]
) -> tuple[Tensor, Params, tuple[Tensor, ...]]:
    """The same for one net, with an axis of nets in front."""
    return xs[None], params._make(x[None] for x in params), tuple(x[None] for x in state)


def _compiled_backward(
    cell: Cell,
    params: Params,
    saved: tuple[Tensor, ...],
    dhs: Tensor,
    d_last: Sequence[Tensor],
) -> list[Tensor]:
    run, one = kernels.Run(*saved), dhs.dim() == 3
    if one:
        dhs, params, d_last = _stacked(dhs, params, d_last)
    d_params, d_xs, d_state = kernels.backward(cell, params, run, dhs, d_last)
    gradients = (d_xs, *d_params, *d_state)
    return [x[0] for x in gradients] if one else [*gradients]


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
