"""A layer with an encoder of symbols and a readout, against the same by hand."""

from __future__ import annotations

import pytest
import torch
from cases import B, H, T

from lstm_course import nn

K, SYMBOLS = 4, 5


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def symbols():
    return torch.randint(SYMBOLS, (T, B)), torch.tensor([T, 2, 4])


def test_at_each_sequence_s_end():
    net, xs, lengths = nn.WithReadout(nn.GRU(2, H), K), torch.randn(T, B, 2), symbols()[1]
    hs = net.layer(xs)[0]
    expected = [net.readout(hs[n - 1, b]) for b, n in enumerate(lengths)]
    torch.testing.assert_close(net(xs, lengths), torch.stack(expected))


def test_at_every_step():
    net, xs = nn.WithReadout(nn.RNN(2, H), K, every_step=True), torch.randn(T, B, 2)
    torch.testing.assert_close(net(xs, symbols()[1]), net.readout(net.layer(xs)[0]))


def test_only_the_memory_cells_are_read():
    layer = nn.LSTM1997(2, 8, block_size=2, gates_recurrent=True)  # i (2), h (4), o (2)
    net, xs = nn.WithReadout(layer, K, sources=(2, 6), every_step=True), torch.randn(T, B, 2)
    assert net.readout.in_features == 4
    torch.testing.assert_close(net(xs, symbols()[1]), net.readout(layer(xs)[0][..., 2:6]))


def test_looking_up_a_column_is_multiplying_a_one_hot_vector():
    rows = 4 * H
    looked_up = nn.LSTM(rows, H, dtype=torch.float64)
    encoder = nn.columns(SYMBOLS, looked_up)
    multiplied = nn.LSTM(SYMBOLS, H, dtype=torch.float64)
    multiplied.load_state_dict(looked_up.state_dict() | {"weight_ih_l0": encoder.weight.T})
    nets = (
        nn.WithReadout(looked_up, K, encoder=encoder),
        nn.WithReadout(multiplied, K, encoder=nn.one_hot(SYMBOLS, torch.float64)),
    )
    nets[1].readout.load_state_dict(nets[0].readout.state_dict())
    one, other = _both(nets)
    torch.testing.assert_close(one, other)
    torch.testing.assert_close(encoder.weight.grad.T, multiplied.weight_ih_l0.grad)
    assert looked_up.weight_ih_l0.grad is None


def _both(nets):
    inputs, lengths = symbols()
    found = [net(inputs, lengths) for net in nets]
    for outputs in found:
        outputs.square().sum().backward()
    return found


def test_bad_arguments():
    with pytest.raises(TypeError, match="layer: got Linear, expected a layer of lstm_course.nn"):
        nn.WithReadout(torch.nn.Linear(2, 3), 1)
    with pytest.raises(ValueError, match="outputs: got 0, expected at least 1"):
        nn.WithReadout(nn.RNN(2, 3), 0)
    with pytest.raises(ValueError, match="layer: got 2 inputs, expected as many as W has rows, 12"):
        nn.columns(5, nn.LSTM(2, 3))
    with pytest.raises(ValueError, match="symbols: got 0"):
        nn.one_hot(0)
