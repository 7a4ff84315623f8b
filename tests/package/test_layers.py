"""Layers of every variant: contract, gradcheck, and use like any other module."""

from __future__ import annotations

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from cases import B, D, H, T
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import pack_sequence

from lstm_course import initialize, nn, unroll
from lstm_course.cells import LSTM1997, Params

VARIANTS = {
    "rnn": (nn.RNN, {}),
    "rnn-sigmoid": (nn.RNN, {"nonlinearity": "sigmoid"}),
    "rnn-identity": (nn.RNN, {"nonlinearity": "identity"}),
    "lstm": (nn.LSTM, {}),
    "lstm-peepholes": (nn.LSTM, {"peepholes": True}),
    "lstm-coupled": (nn.LSTM, {"coupled": True}),
    "lstm-both": (nn.LSTM, {"peepholes": True, "coupled": True}),
    "lstm1997": (nn.LSTM1997, {}),
    "lstm1997-full": (nn.LSTM1997, {"block_size": 3, "truncated": False}),
    "gru": (nn.GRU, {}),
    "gru-before": (nn.GRU, {"reset": "before"}),
    "simplified-gru": (nn.SimplifiedGRU, {"update": 0.3, "reset": 0.8}),
    "simplified-gru-by-unit": (nn.SimplifiedGRU, {"update": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}),
}
ROWS = {"lstm": 24, "lstm-peepholes": 24, "lstm-coupled": 18, "lstm-both": 18, "lstm1997": 18}
ROWS |= {"lstm1997-full": 10, "gru": 18, "gru-before": 18}
PEEPHOLES = {"lstm-peepholes": 18, "lstm-both": 12}

every = pytest.mark.parametrize("name", VARIANTS)


def make(name, **arguments):
    kind, variant = VARIANTS[name]
    torch.manual_seed(0)
    return kind(D, H, **variant, **{"dtype": torch.float64, **arguments})


@every
def test_names_and_shapes_of_the_weights(name):
    layer = make(name, num_layers=2, bidirectional=True)
    rows, expected = ROWS.get(name, H), {}
    for suffix, inputs in (
        ("_l0", D),
        ("_l0_reverse", D),
        ("_l1", 2 * H),
        ("_l1_reverse", 2 * H),
    ):
        expected |= {f"weight_ih{suffix}": (rows, inputs), f"weight_hh{suffix}": (rows, H)}
        expected |= {f"bias_ih{suffix}": (rows,), f"bias_hh{suffix}": (rows,)}
        if name in PEEPHOLES:
            expected[f"weight_ch{suffix}"] = (PEEPHOLES[name],)
    assert {n: tuple(w.shape) for n, w in layer.named_parameters()} == expected


@every
@pytest.mark.parametrize("packed", [False, True])
def test_gradcheck(name, packed):
    """Finite differences of outputs and last states, by every weight, the input and the first state."""
    layer = make(name, num_layers=2, bidirectional=True)
    if layer.cell.truncated:
        pytest.skip("a truncated gradient is not the loss's: compared with the 1997 vectors")
    names = [n for n, _ in layer.named_parameters()]
    xs = torch.randn(3, 2, D, dtype=torch.float64, requires_grad=True)
    sizes = layer.cell.state_sizes(H)
    start = [torch.randn(4, 2, n, dtype=torch.float64, requires_grad=True) for n in sizes]

    def run(xs, *tensors):
        weights = dict(zip(names, tensors[len(start) :], strict=True))
        state = tuple(tensors[: len(start)])
        x = pack_sequence([xs[:2, 0], xs[:, 1]], enforce_sorted=False) if packed else xs
        state = state if len(state) > 1 else state[0]
        output, last = torch.func.functional_call(layer, weights, (x, state))
        output = output.data if packed else output
        return output, *(last if isinstance(last, tuple) else (last,))

    # fast: one random direction in and out; the exact comparison is with autograd elsewhere
    assert torch.autograd.gradcheck(run, (xs, *start, *layer.parameters()), fast_mode=True)


@every
def test_the_layer_is_the_cell_through_time(name, device):
    layer = make(name).to(device)
    xs = torch.randn(T, B, D, dtype=torch.float64).to(device)
    output, last = layer(xs)
    run = unroll.forward(layer.cell, layer.params(), xs)
    torch.testing.assert_close(output, run.hs)
    torch.testing.assert_close(last[0] if isinstance(last, tuple) else last, run.hs[-1:])


@every
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_training_step_on_every_device_lowers_the_loss(name, dtype, device):
    layer = make(name, dtype=dtype, device=device)
    xs = torch.randn(T, B, D, dtype=dtype, device=device)
    target = torch.randn(T, B, H, dtype=dtype, device=device)
    before = ((layer(xs)[0] - target) ** 2).mean()
    before.backward()
    assert all(p.grad.dtype == dtype and p.grad.device == p.device for p in layer.parameters())
    with torch.no_grad():
        for p in layer.parameters():
            p -= 1e-2 * p.grad
    assert ((layer(xs)[0] - target) ** 2).mean() < before


@every
def test_lives_like_any_module(name, tmp_path):
    layer = make(name, num_layers=2)
    xs = torch.randn(T, B, D, dtype=torch.float64)
    expected = layer(xs)[0]
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(other(xs)[0], expected)
        assert repr(other) == repr(layer)
    buffer = io.BytesIO()
    torch.save(layer.state_dict(), buffer)
    buffer.seek(0)
    fresh = make(name, num_layers=2)
    fresh.reset_parameters()
    fresh.load_state_dict(torch.load(buffer))
    assert torch.equal(fresh(xs)[0], expected)
    moved = copy.deepcopy(layer).to(torch.float32)
    assert moved(xs.float())[0].dtype == torch.float32
    layer.flatten_parameters()


def test_stands_in_a_model():
    class Last(torch.nn.Module):
        def forward(self, result):
            return result[0][-1]

    model = torch.nn.Sequential(nn.LSTM(D, H), Last(), torch.nn.Linear(H, 1))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    torch.manual_seed(0)
    xs = torch.randn(5, 32, D)
    target = xs.sum((0, 2))[:, None]
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        loss = ((model(xs) - target) ** 2).mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]


def test_output_may_be_changed_in_place():
    layer = make("lstm")
    xs = torch.randn(T, B, D, dtype=torch.float64)
    output, _ = layer(xs)
    expected = torch.autograd.grad((2 * output).sum(), layer.weight_hh_l0)[0]
    output, _ = layer(xs)
    found = torch.autograd.grad(output.mul_(2).sum(), layer.weight_hh_l0)[0]
    torch.testing.assert_close(found, expected)


@every
def test_params_go_in_and_come_out(name):
    layer = make(name, bidirectional=True)
    params = initialize.uniform(layer.cell, D, H, seed=5)
    layer.load_params(params, reverse=True)
    for found, given in zip(layer.params(reverse=True), params, strict=True):
        np.testing.assert_array_equal(found.detach().numpy(), given)
    assert not np.array_equal(layer.params().W.detach().numpy(), params.W)


def test_what_a_gru_gets_from_outside_is_torchs():
    """b_nh belongs to the product: it goes to the n block of bias_hh."""
    layer = make("gru")
    params = initialize.uniform(layer.cell, D, H, seed=5)
    layer.load_params(params)
    reference = torch.nn.GRU(D, H, dtype=torch.float64)
    reference.load_state_dict(layer.state_dict())
    xs = torch.randn(T, B, D, dtype=torch.float64)
    torch.testing.assert_close(layer(xs)[0], reference(xs)[0], rtol=0, atol=1e-13)
    run = unroll.forward(layer.cell, params, xs.numpy())
    np.testing.assert_allclose(layer(xs)[0].detach().numpy(), run.hs, rtol=0, atol=1e-13)


def test_non_finite_input_goes_through(device):
    for name in VARIANTS:
        layer = make(name).to(device)
        xs = torch.randn(T, B, D, dtype=torch.float64, device=device)
        xs[2, 1] = torch.nan
        output, _ = layer(xs)
        assert output[2:, 1].isnan().any(-1).all()
        assert output[:, [0, 2]].isfinite().all()
        output.sum().backward()


def test_truncated_layers_have_the_gradient_of_the_cell():
    layer = nn.LSTM1997(D, H, block_size=2, dtype=torch.float64)
    assert layer.cell == LSTM1997(2)
    xs = torch.randn(T, B, D, dtype=torch.float64)
    layer(xs)[0].sum().backward()
    params = Params(*(p.detach() for p in layer.params()))
    run = unroll.forward(layer.cell, params, xs)
    found = unroll.backward(layer.cell, params, run, torch.ones_like(run.hs)).params
    torch.testing.assert_close(layer.weight_hh_l0.grad, found.R)
    torch.testing.assert_close(layer.bias_ih_l0.grad, found.b)


@every
def test_second_derivatives_are_autograds(name):
    """A gradient penalty: the gradient of a gradient, against autograd over the plain equations."""
    layer = make(name)
    xs = torch.randn(4, 2, D, dtype=torch.float64)

    def penalised(run):
        x = xs.clone().requires_grad_()
        output = run(x)
        (slope,) = torch.autograd.grad(output.square().sum(), x, create_graph=True)
        layer.zero_grad()
        (output.sum() + slope.square().sum()).backward()
        return [p.grad.clone() for p in layer.parameters()]

    ours = penalised(lambda x: layer(x)[0])
    plain = penalised(lambda x: unroll.forward(layer.cell, layer.params(), x).hs)
    for a, b in zip(ours, plain, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


def test_only_the_last_state_or_some_weights():
    layer = make("lstm")
    layer.weight_ih_l0.requires_grad_(False)
    xs = torch.randn(T, B, D, dtype=torch.float64)
    _, (h, c) = layer(xs)
    (c.sum() + h.sum()).backward()
    assert layer.weight_ih_l0.grad is None
    reference = torch.nn.LSTM(D, H, dtype=torch.float64)
    reference.load_state_dict(layer.state_dict())
    _, (h, c) = reference(xs)
    (c.sum() + h.sum()).backward()
    torch.testing.assert_close(layer.weight_hh_l0.grad, reference.weight_hh_l0.grad)


def test_under_autocast_a_layer_keeps_its_precision(device):
    layer, linear = nn.LSTM(D, H).to(device), torch.nn.Linear(D, D).to(device)
    xs = torch.randn(T, B, D, device=device)
    with torch.autocast(device, torch.bfloat16):
        between = linear(xs)
        assert between.dtype == torch.bfloat16
        output, _ = layer(between)
        output.sum().backward()
    assert output.dtype == torch.float32
    torch.testing.assert_close(output, layer(between.float())[0])
    assert layer.weight_hh_l0.grad.dtype == torch.float32


def test_weights_go_into_a_parametrised_layer():
    layer = make("lstm")
    parametrizations.weight_norm(layer, "weight_hh_l0")
    params = initialize.uniform(layer.cell, D, H, seed=7)
    layer.load_params(params)
    np.testing.assert_allclose(layer.params().R.detach().numpy(), params.R, rtol=0, atol=1e-14)


def test_all_weights_are_torchs():
    arguments = {"num_layers": 2, "bidirectional": True}
    ours, theirs = nn.GRU(D, H, **arguments), torch.nn.GRU(D, H, **arguments)
    shapes = [[tuple(w.shape) for w in weights] for weights in ours.all_weights]
    assert shapes == [[tuple(w.shape) for w in weights] for weights in theirs.all_weights]
    assert repr(nn.LSTM(D, H, proj_size=0)) == repr(torch.nn.LSTM(D, H))
    assert repr(nn.LSTM(D, H, 2, peepholes=True)) == "LSTM(2, 6, num_layers=2, peepholes=True)"
