"""On a GPU nothing may be left on the CPU: checked without one, on tensors of the meta device.

Such tensors have shapes and a device and no values; an operation that mixes them with CPU tensors
fails, as on a GPU. The tests marked ``gpu`` compute for real where there is a CUDA device.
"""

from __future__ import annotations

import pytest
import torch
from cases import B, D, H, T, bare
from test_layers import VARIANTS

from lstm_course import convert, initialize, jacobian, unroll
from lstm_course.cells import GRU, LSTM


def elsewhere(array) -> torch.Tensor:
    return torch.tensor(array).to("meta")


def test_mixing_fails():
    with pytest.raises(RuntimeError, match="device"):
        torch.empty(3, device="meta") * torch.ones(3)


@pytest.mark.parametrize("lengths", [None, [4, T, 1]], ids=["all", "lengths"])
def test_through_time(case, lengths):
    params = case.params._make(map(elsewhere, case.params))
    state = bare(tuple(map(elsewhere, case.state)))
    run = unroll.forward(case.cell, params, elsewhere(case.xs), state, lengths)
    found = unroll.backward(case.cell, params, run, elsewhere(case.dhs), state)
    for part in (*run.states, *run.trace, *found.params, found.xs, *found.state):
        assert part.device.type == "meta"


def test_steps_of_a_jacobian_and_keep(case):
    params = case.params._make(map(elsewhere, case.params))
    run = unroll.forward(case.cell, params, elsewhere(case.xs[:, :1]))
    S = sum(case.cell.state_sizes(case.size))
    rows = torch.eye(S, dtype=torch.float64, device="meta").expand(T, -1, -1)
    errors = rows.split(case.cell.state_sizes(case.size), -1)
    carried = unroll.step_backward(case.cell, params, run.trace, errors)[-1]
    assert {part.device.type for part in carried} == {"meta"}
    if case.cell.memory:
        assert case.cell.keep(run.trace).device.type == "meta"


@pytest.mark.parametrize("name", VARIANTS)
def test_layer(name):
    kind, variant = VARIANTS[name]
    layer = kind(D, H, num_layers=2, bidirectional=True, device="meta", **variant)
    output, _ = layer(torch.empty(T, B, D, device="meta"))
    output.sum().backward()
    assert output.device.type == "meta"
    assert {p.grad.device.type for p in layer.parameters()} == {"meta"}


@pytest.mark.parametrize("cell", [LSTM(), GRU()], ids=str)
def test_weights(cell):
    params = initialize.uniform(cell, D, H, seed=0)
    params = params._make(map(elsewhere, params))
    for found in (
        initialize.forget_bias(cell, params, 1.0),
        initialize.chrono(cell, params, 20, seed=0),
        convert.from_keras(cell, convert.to_keras(cell, params)),
        convert.from_onnx(cell, convert.to_onnx(cell, params)),
    ):
        assert {part.device.type for part in found} == {"meta"}
    assert jacobian.norms(params.R.reshape(-1, H, H)).device.type == "meta"
