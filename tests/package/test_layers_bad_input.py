"""Wrong arguments, inputs, states and weights of layers: an error that says what is wrong."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from cases import B, D, H, T
from torch.nn.utils.rnn import PackedSequence

from lstm_course import initialize, nn
from lstm_course.cells import Params

LAYER = nn.LSTM(D, H, 2)
XS = torch.zeros(T, B, D)
STATE = torch.zeros(2, B, H)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        # arguments
        (lambda: nn.LSTM(D, H, proj_size=3), ValueError, "proj_size: got 3, expected 0: these layers have no projections"),
        (lambda: nn.LSTM(D, H, projections=3), TypeError, "projections: got 3, expected only peepholes, coupled for LSTM"),
        (lambda: nn.GRU(D, H, peepholes=True), TypeError, "peepholes: got True, expected only reset for GRU"),
        (lambda: nn.GRU(D, H, reset="maybe"), ValueError, "reset: got 'maybe', expected one of 'after', 'before'"),
        (lambda: nn.RNN(D, H, nonlinearity="step"), ValueError, "nonlinearity: got 'step'"),
        (lambda: nn.LSTM(D, H, coupled=1), TypeError, "coupled: got 1, expected True or False"),
        (lambda: nn.LSTM1997(D, H, block_size=4), ValueError, "block_size: got 4, expected one that divides H = 6"),
        (lambda: nn.LSTM1997(D, H, block_size=(2, 4)), TypeError, r"block_size: got \(2, 4\), expected one whole number"),
        (lambda: nn.SimplifiedGRU(D, H, update=[0.1, 0.2]), ValueError, "update: got 2 values, expected one, or H = 6"),
        (lambda: nn.SimplifiedGRU(D, H, update=-1), ValueError, r"update: got -1, expected a number in \[0, 1\]"),
        (lambda: nn.LSTM(0, H), ValueError, "input_size: got 0, expected at least 1"),
        (lambda: nn.LSTM(D, 2.5), TypeError, "hidden_size: got 2.5, expected a whole number"),
        (lambda: nn.LSTM(D, H, 0), ValueError, "num_layers: got 0, expected at least 1"),
        (lambda: nn.LSTM(D, H, 2, dropout=1.5), ValueError, r"dropout: got 1.5, expected a finite number in \[0, 1\]"),
        (lambda: nn.LSTM(D, H, 2, dropout=True), TypeError, "dropout: got True, expected a number"),
        (lambda: nn.LSTM(D, H, bias="no"), TypeError, "bias: got 'no', expected True or False"),
        (lambda: nn.LSTM(D, H, dtype=torch.int64), TypeError, "dtype: got torch.int64, expected torch.float32 or torch.float64"),
        # inputs
        (lambda: LAYER([1.0]), TypeError, "input: got list, expected a torch tensor or a PackedSequence"),
        (lambda: LAYER(XS[0, 0]), ValueError, r"input: got shape \(2,\), expected 2 or 3 dimensions"),
        (lambda: LAYER(XS[..., :1]), ValueError, "input: got 1 features, expected input_size = 2"),
        (lambda: LAYER(XS[:0]), ValueError, r"input: got an empty sequence \(T = 0\)"),
        (lambda: LAYER(XS.double()), TypeError, "input: got dtype torch.float64, expected torch.float32 like the weights"),
        (lambda: LAYER(XS.to("meta")), ValueError, "input: got device meta, expected cpu like the weights"),
        # states
        (lambda: LAYER(XS, STATE), TypeError, r"hx: got a tensor of shape \(2, 3, 6\), expected a tuple \(h, c\)"),
        (lambda: LAYER(XS, (STATE, STATE, STATE)), TypeError, r"hx: got 3 parts, expected a tuple \(h, c\)"),
        (lambda: LAYER(XS, (STATE[:1], STATE)), ValueError, r"hx h: got shape \(1, 3, 6\), expected \(2, 3, 6\)"),
        (lambda: LAYER(XS, (STATE, STATE[:, :2])), ValueError, r"hx c: got shape \(2, 2, 6\), expected \(2, 3, 6\)"),
        (lambda: LAYER(XS[:, 0], (STATE, STATE)), ValueError, r"hx h: got shape \(2, 3, 6\), expected \(2, 6\)"),
        (lambda: LAYER(XS, (STATE, STATE.double())), TypeError, "hx c: got dtype torch.float64"),
        (lambda: LAYER(XS, (STATE, STATE.numpy())), TypeError, "hx c: got ndarray, expected a torch tensor"),
        (lambda: nn.GRU(D, H)(XS, (STATE, STATE)), TypeError, "hx: got 2 parts, expected a tensor"),
        (lambda: LAYER(PackedSequence(XS, torch.tensor([7]))), ValueError, r"input: got packed data of shape \(7, 3, 2\), expected \(steps, D\)"),
        (lambda: nn.RNN(D, H).bfloat16()(XS.bfloat16()), TypeError, "weight_ih_l0: got dtype torch.bfloat16, expected float32 or float64"),
        # weights
        (lambda: LAYER.params("0"), TypeError, "k: got '0', expected a whole number"),
        (lambda: LAYER.params(reverse="yes"), TypeError, "reverse: got 'yes', expected True or False"),
        (lambda: LAYER.load_params(Params("a", "b", "c")), TypeError, "params.W: got str, expected a NumPy array"),
        (lambda: LAYER.params(2), ValueError, "k: got 2, expected a layer from 0 to 1"),
        (lambda: LAYER.params(reverse=True), ValueError, "reverse: got True, expected False"),
        (lambda: LAYER.load_params(initialize.uniform(nn.GRU(D, H).cell, D, H, 0)), TypeError, "params: got GRUParams, expected Params"),
        (lambda: LAYER.load_params(initialize.uniform(LAYER.cell, D + 1, H, 0)), ValueError, r"params.W: got shape \(24, 3\), expected \(24, 2\)"),
        (lambda: nn.RNN(D, H, bias=False).load_params(initialize.uniform(nn.RNN(D, H).cell, D, H, 0)), ValueError, "params.b: got a bias, expected zeros"),
    ],
)  # fmt: skip
def test_says_what_came_and_what_was_expected(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_refused_load_changes_nothing():
    layer = nn.RNN(D, H, bias=False, dtype=torch.float64)
    before = copy.deepcopy(layer.state_dict())
    with pytest.raises(ValueError, match="params.b"):
        layer.load_params(Params(np.ones((H, D)), np.ones((H, H)), np.ones(H)))
    assert all(torch.equal(before[name], weight) for name, weight in layer.state_dict().items())
