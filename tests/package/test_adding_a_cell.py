"""A new cell is one class: everything else in the package works with it as it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from cases import B, D, H, T

from lstm_course import initialize, jacobian, nn, ops, unroll
from lstm_course.cells import Cell
from lstm_course.nn import Layer


@dataclass(frozen=True)
class MinimalGatedUnit(Cell):
    """One gate only (Zhou et al. 2016): f_t = σ(…), n_t = tanh(… R_n (f ∘ h)), h = (1 − f) h + f n."""

    block_names = ("f", "n")
    state_names = ("h",)
    memory = "h"
    late_blocks = 1

    def step(self, from_x, from_h, state, own=()):
        (x_f, x_n), (r_f, r_n), (h,) = from_x, from_h, state
        f = ops.sigmoid(x_f + r_f)
        n = ops.tanh(x_n + r_n)
        return ((1 - f) * h + f * n,), (f, n, h)

    def step_backward(self, trace, d_state, own=()):
        (f, n, h), (dh,) = trace, d_state
        da_n = dh * f * (1 - n * n)
        da_f = dh * (n - h) * f * (1 - f)
        return (da_f, da_n), (da_f, da_n), (dh * (1 - f),), ()

    def late_source(self, from_x, from_h, h):
        return ops.sigmoid(from_x[0] + from_h[0]) * h

    def late_source_backward(self, trace, d_source):
        f, _, h = trace
        return (d_source * h * f * (1 - f),), d_source * f

    def late_source_of(self, trace):
        f, _, h = trace
        return f * h

    def keep(self, trace):
        return 1 - trace[0]


class MGU(Layer):
    def make_cell(self) -> Cell:
        return MinimalGatedUnit()


CELL = MinimalGatedUnit()
PARAMS = initialize.orthogonal(CELL, D, H, seed=0)
XS = np.random.default_rng(1).standard_normal((T, B, D))


def test_gradients_jacobians_and_highway():
    run = unroll.forward(CELL, PARAMS, XS)
    found = unroll.backward(CELL, PARAMS, run, run.hs).params
    leaves = PARAMS._make(torch.tensor(part, requires_grad=True) for part in PARAMS)
    hs = unroll.forward(CELL, leaves, torch.tensor(XS)).hs
    (0.5 * (hs**2).sum()).backward()
    for ours, leaf in zip(found, leaves, strict=True):
        np.testing.assert_allclose(ours, leaf.grad, rtol=0, atol=1e-12)
    by_lag = jacobian.gradient_by_lag(CELL, PARAMS, run, run.hs)
    np.testing.assert_allclose(by_lag.R.sum(0), found.R, rtol=0, atol=1e-12)
    split = jacobian.highway(CELL, PARAMS, XS[:, 0])
    assert split.share[-1] == 1


def test_layer():
    layer = MGU(D, H, num_layers=2, bidirectional=True, dtype=torch.float64)
    assert layer.weight_ih_l0.shape == (2 * H, D)
    xs = torch.tensor(XS, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: layer(x)[0], (xs,), fast_mode=True)
    assert isinstance(layer, nn.Layer)
