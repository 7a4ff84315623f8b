"""Wrong arrays: an error that names the argument, what came and what was expected."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cases import B, D, H, T, make_case

from lstm_course import convert, initialize, jacobian, nn, ops, unroll
from lstm_course.cells import GRU, LSTM, LSTM1997, RNN, Carousel, Params, SimplifiedGRU

CELL = RNN()
PARAMS = initialize.uniform(CELL, D, H, seed=0)
XS = np.zeros((T, B, D))
LSTM_PARAMS = make_case("lstm").params
GRU_PARAMS = make_case("gru").params
IN_TORCH = Params(*map(torch.tensor, PARAMS))


def forward(params=PARAMS, xs=XS, state=None):
    return unroll.forward(CELL, params, xs, state)


def backward(dhs, d_last=None):
    return unroll.backward(CELL, PARAMS, forward(), dhs, d_last)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        # shapes
        (lambda: forward(xs=np.zeros((T, B, D + 1))), ValueError, r"xs: got shape \(7, 3, 3\), expected \(T, B, 2\)"),
        (lambda: forward(xs=np.zeros((T, D))), ValueError, r"xs: got shape \(7, 2\), expected \(T, B, 2\)"),
        (lambda: forward(xs=XS[:0]), ValueError, r"xs: got an empty sequence \(T = 0\)"),
        (lambda: forward(state=np.zeros((B, D))), ValueError, r"state h: got shape \(3, 2\), expected \(3, 6\)"),
        (lambda: forward(state=(XS, XS)), ValueError, "state: got 2 arrays, expected 1: h"),
        (lambda: forward(PARAMS._replace(R=np.zeros((H, D)))), ValueError, r"params.R: got shape \(6, 2\)"),
        (lambda: forward(PARAMS._replace(W=np.zeros((D, H)))), ValueError, r"params.W: got shape \(2, 6\), expected \(6, D\)"),
        (lambda: forward(PARAMS._replace(b=np.zeros((H, 1)))), ValueError, r"params.b: got shape \(6, 1\), expected \(6,\)"),
        (lambda: backward(np.zeros((T, H))), ValueError, r"dhs: got shape \(7, 6\), expected \(7, 3, 6\)"),
        (lambda: backward(np.zeros((T, B, H)), np.zeros(H)), ValueError, r"state h: got shape \(6,\), expected \(3, 6\)"),
        (lambda: jacobian.step(CELL, PARAMS, np.zeros(H), np.zeros(H)), ValueError, r"x: got shape \(6,\), expected \(2,\)"),
        (lambda: jacobian.step(CELL, PARAMS, np.zeros(D), np.zeros(D)), ValueError, r"state h: got shape \(2,\), expected \(6,\)"),
        (lambda: jacobian.through_time(CELL, PARAMS, XS), ValueError, r"xs: got shape \(7, 3, 2\), expected \(T, 2\)"),
        (lambda: jacobian.through_time(CELL, PARAMS, XS[:0, 0]), ValueError, "xs: got an empty sequence"),
        (lambda: jacobian.gradient_by_lag(CELL, PARAMS, forward(), XS), ValueError, r"dhs: got shape \(7, 3, 2\)"),
        (lambda: jacobian.log10_norms(np.zeros((T, H))), ValueError, r"steps: got shape \(7, 6\)"),
        (lambda: jacobian.log10_norms(np.zeros((T, H, D))), ValueError, r"steps: got shape \(7, 6, 2\), expected \(T, S, S\)"),
        (lambda: jacobian.spectral_radius(np.zeros((H, D))), ValueError, r"R: got shape \(6, 2\), expected \(H, H\)"),
        # kinds
        (lambda: forward(xs=XS.tolist()), TypeError, "xs: got list, expected a NumPy array or a torch tensor"),
        (lambda: forward(xs=torch.tensor(XS)), TypeError, "xs: got a torch array, expected numpy like params.W"),
        (lambda: forward(IN_TORCH), TypeError, "xs: got a numpy array, expected torch like params.W"),
        (lambda: forward(IN_TORCH._replace(b=PARAMS.b)), TypeError, "params.b: got a numpy array, expected torch"),
        (lambda: forward(list(PARAMS)), TypeError, r"params: got list, expected Params\(W, R, b\)"),
        # dtypes and devices
        (lambda: forward(xs=XS.astype("float32")), TypeError, "xs: got dtype float32, expected float64 like params.W"),
        (lambda: forward(xs=XS.astype(int)), TypeError, "xs: got dtype int64, expected a floating-point dtype"),
        (lambda: forward(IN_TORCH, torch.tensor(XS, device="meta")), ValueError, "xs: got device meta, expected cpu"),
        (lambda: forward(state=(np.zeros((B, H)),) * 2), ValueError, "state: got 2 arrays, expected 1: h"),
        (lambda: unroll.forward(LSTM(), LSTM_PARAMS, XS, np.zeros((B, H))), ValueError, "state: got 1 arrays, expected 2: h, c"),
        (lambda: unroll.forward(LSTM(), PARAMS, XS), ValueError, r"params.R: got shape \(6, 6\), expected \(24, 6\).* rows are i 6, f 6, g 6, o 6"),
        (lambda: unroll.forward(LSTM(peepholes=True), LSTM_PARAMS, XS), TypeError, r"params: got Params\(W, R, b\), expected PeepholeParams\(W, R, b, p\)"),
        (lambda: unroll.forward(GRU(), GRU_PARAMS._replace(b_nh=np.zeros(D)), XS), ValueError, r"params.b_nh: got shape \(2,\), expected \(6,\)"),
        (lambda: unroll.forward(LSTM1997(4), make_case("lstm1997").params, XS), ValueError, "block_size: got 4, expected one that divides H = 6"),
        (lambda: unroll.forward(SimplifiedGRU((0.1, 0.2)), PARAMS, XS), ValueError, "update: got 2 values, expected one, or H = 6"),
        # lengths
        (lambda: unroll.forward(CELL, PARAMS, XS, None, [1, 2]), ValueError, "lengths: got 2 of them, expected one for each of 3"),
        (lambda: unroll.forward(CELL, PARAMS, XS, None, [1, 8, 2]), ValueError, "lengths: got 8, expected 1 to T = 7"),
        (lambda: unroll.forward(CELL, PARAMS, XS, None, [0, 1, 2]), ValueError, "lengths: got 0, expected 1 to T = 7"),
        (lambda: unroll.forward(CELL, PARAMS, XS, None, [1.0, 1, 2]), TypeError, r"lengths: got \[1.0, 1, 2\], expected whole numbers"),
        (lambda: unroll.forward(CELL, PARAMS, XS, None, 3), TypeError, "lengths: got 3, expected one whole number for each sequence"),
        (lambda: jacobian.gradient_by_lag(CELL, PARAMS, unroll.forward(CELL, PARAMS, XS, None, [1, 2, 3]), np.zeros((T, B, H))), ValueError, "trajectory: got one with lengths"),
        # parts of a Jacobian
        (lambda: jacobian.part(CELL, np.eye(H), "c", "h"), ValueError, "new: got 'c', expected one of h"),
        (lambda: jacobian.part(LSTM(), np.eye(5), "c", "h"), ValueError, r"matrices: got shape \(5, 5\), expected \(..., S, S\)"),
        (lambda: jacobian.norms(np.zeros(H)), ValueError, r"matrices: got shape \(6,\), expected \(..., S, S\)"),
        (lambda: jacobian.spectrum(np.zeros((H, D))), ValueError, r"matrices: got shape \(6, 2\)"),
        (lambda: jacobian.simplified_gru(0.5, np.ones(H), np.eye(H)), TypeError, "update: got float, expected a NumPy array"),
        (lambda: jacobian.simplified_gru(np.ones(D), np.ones(H), np.eye(H)), ValueError, r"update: got shape \(2,\), expected \(..., 6\)"),
        (lambda: jacobian.half_life(np.nan), ValueError, "factor: got nan, expected 0 or above"),
        (lambda: jacobian.half_life("a"), TypeError, "factor: got 'a', expected numbers"),
        # a class, a layer, or another cell's things
        (lambda: unroll.forward(LSTM, LSTM_PARAMS, XS), TypeError, r"cell: got the class LSTM, expected a cell, such as LSTM\(\)"),
        (lambda: jacobian.highway(nn.LSTM(D, H), LSTM_PARAMS, XS[:, 0]), TypeError, "cell: got LSTM, expected a cell"),
        (lambda: initialize.uniform(LSTM, D, H, 0), TypeError, "cell: got the class LSTM"),
        (lambda: convert.to_torch(LSTM, LSTM_PARAMS), TypeError, "cell: got the class LSTM"),
        (lambda: unroll.backward(Carousel(), PARAMS, forward(), np.zeros((T, B, H))), ValueError, r"trajectory: got a run of RNN\(.*expected one of Carousel"),
        (lambda: unroll.backward(CELL, initialize.uniform(CELL, 5, H, 0), forward(), np.zeros((T, B, H))), ValueError, r"trajectory.xs: got shape \(7, 3, 2\), expected \(T, B, 5\)"),
        (lambda: unroll.backward(CELL, PARAMS, "run", np.zeros((T, B, H))), TypeError, "trajectory: got str, expected what unroll.forward returns"),
        (lambda: unroll.backward(CELL, PARAMS, unroll.forward(CELL, IN_TORCH, torch.tensor(XS)), np.zeros((T, B, H))), TypeError, "trajectory.xs: got a torch array, expected numpy"),
        (lambda: initialize.forget_bias(GRU(), LSTM_PARAMS, 1.0), TypeError, r"params: got Params\(W, R, b\), expected GRUParams"),
        (lambda: initialize.chrono(LSTM(), PARAMS, 9, seed=0), ValueError, r"params.R: got shape \(6, 6\), expected \(24, 6\)"),
        (lambda: initialize.gate_bias_1997(LSTM1997(), LSTM_PARAMS, input_gates=[-1.0] * 6), ValueError, r"params.R: got shape \(24, 6\), expected \(18, 6\)"),
        # variants
        (lambda: LSTM(peepholes="no"), TypeError, "peepholes: got 'no', expected True or False"),
        (lambda: LSTM1997(truncated=1), TypeError, "truncated: got 1, expected True or False"),
        (lambda: LSTM1997(hidden_units=1.5), TypeError, "hidden_units: got 1.5, expected a whole number"),
        (lambda: Carousel("a"), TypeError, "self_weight: got 'a', expected a number"),
        (lambda: RNN(["tanh"]), ValueError, r"nonlinearity: got \['tanh'\], expected one of"),
        (lambda: SimplifiedGRU("0.5"), TypeError, "update: got '0.5', expected a number"),
        (lambda: SimplifiedGRU(None), ValueError, "update: got None, expected a number"),
        (lambda: SimplifiedGRU([[0.5]]), TypeError, r"update: got \[\[0.5\]\], expected a number"),
        (lambda: GRU("never"), ValueError, "reset: got 'never', expected one of 'after', 'before'"),
        (lambda: Carousel(activation="step"), ValueError, "activation: got 'step', expected one of 'tanh'"),
        (lambda: Carousel(np.nan), ValueError, "self_weight: got nan, expected a finite number"),
        (lambda: SimplifiedGRU(1.5), ValueError, r"update: got 1.5, expected a number in \[0, 1\]"),
        (lambda: SimplifiedGRU(0.5, [0.1, -0.1]), ValueError, r"reset: got \[0.1, -0.1\], expected a number in \[0, 1\]"),
        (lambda: LSTM1997(0), ValueError, "block_size: got 0, expected at least 1"),
        (lambda: LSTM1997(1.5), TypeError, "block_size: got 1.5, expected a whole number"),
        (lambda: LSTM1997(hidden_units=-1), ValueError, "hidden_units: got -1, expected at least 0"),
        # initialisers
        (lambda: initialize.forget_bias(LSTM(), LSTM_PARAMS, "1"), TypeError, "value: got '1', expected a number"),
        (lambda: initialize.gate_bias_1997(LSTM1997(), make_case("lstm1997").params, input_gates=-1.0), TypeError, "input_gates: got -1.0, expected one number for each of 6 blocks"),
        (lambda: initialize.gate_bias_1997(LSTM1997(3), make_case("lstm1997-blocks").params, output_gates=[np.nan, 0.0]), ValueError, "output_gates: got nan, expected a finite number"),
        (lambda: initialize.forget_bias(CELL, PARAMS, 1.0), ValueError, r"cell: got RNN\(.*expected one with a gate that forgets"),
        (lambda: initialize.forget_bias(LSTM(), LSTM_PARAMS, np.inf), ValueError, "value: got inf"),
        (lambda: initialize.chrono(LSTM(), LSTM_PARAMS, 1, seed=0), ValueError, "longest: got 1, expected .* 2 or above"),
        (lambda: initialize.gate_bias_1997(LSTM(), LSTM_PARAMS), TypeError, r"cell: got LSTM\(.*expected an LSTM1997"),
        (lambda: initialize.gate_bias_1997(LSTM1997(), make_case("lstm1997").params, input_gates=[-3, -6]), ValueError, "input_gates: got 2 biases, expected one number for each of 6 blocks"),
        (lambda: initialize.orthogonal(LSTM1997(3), D, H, 0), ValueError, r"cell: got LSTM1997\(.*blocks of \(2, 6, 2\) rows"),
        # conversions
        (lambda: convert.to_torch(LSTM(coupled=True), LSTM_PARAMS), ValueError, r"cell: got LSTM\(.*coupled=True\), expected"),
        (lambda: convert.to_torch(GRU("before"), LSTM_PARAMS), ValueError, "cell: got .*, expected reset='after'"),
        (lambda: convert.to_torch(RNN("sigmoid"), make_case("rnn").params), ValueError, "expected tanh or relu"),
        (lambda: convert.to_keras(LSTM(peepholes=True), LSTM_PARAMS), ValueError, "cell: got .*that Keras has"),
        (lambda: convert.to_onnx(SimplifiedGRU(), LSTM_PARAMS), ValueError, "cell: got SimplifiedGRU.*that ONNX has"),
        (lambda: convert.to_keras(LSTM(), GRU_PARAMS), TypeError, r"params: got GRUParams\(W, R, b, b_nh\), expected Params"),
        (lambda: convert.from_torch(LSTM(), {"weight_ih_l0": LSTM_PARAMS.W}), ValueError, "weight_hh_l0: got only weight_ih_l0"),
        (lambda: convert.from_torch(LSTM(), convert.to_torch(LSTM(), LSTM_PARAMS), "_l1"), ValueError, "weight_ih_l1: got only"),
        (lambda: convert.from_torch(GRU(), convert.to_torch(LSTM(), LSTM_PARAMS)), ValueError, r"weight_hh_l0: got shape \(24, 6\), expected \(N·H, H\), N = 3"),
        (lambda: convert.from_keras(LSTM(), [LSTM_PARAMS.W, LSTM_PARAMS.R]), ValueError, r"recurrent_kernel: got shape \(24, 6\), expected \(H, N·H\)"),
        (lambda: convert.from_keras(LSTM(), [LSTM_PARAMS.W]), ValueError, "weights: got 1 arrays"),
        (lambda: convert.from_keras(GRU(), convert.to_keras(GRU("before"), make_case("gru-before").params)), ValueError, r"bias: got shape \(18,\), expected \(2, 18\)"),
        (lambda: convert.from_onnx(LSTM(), convert.to_onnx(LSTM(), LSTM_PARAMS), 1), ValueError, "direction: got 1, expected 0 to 0"),
        (lambda: convert.from_torch(LSTM(), torch.nn.LSTM(D, H)), TypeError, r"weight_ih_l0: got LSTM, expected a mapping of names to arrays"),
        (lambda: convert.from_keras(LSTM(), None), TypeError, "weights: got NoneType, expected a list of arrays"),
        (lambda: convert.from_onnx(LSTM(), convert.to_onnx(LSTM(), LSTM_PARAMS), "reverse"), TypeError, "direction: got 'reverse', expected a whole number"),
        (lambda: convert.flip_update_gate(LSTM(), LSTM_PARAMS), TypeError, r"cell: got LSTM\(.*, expected a GRU"),
        # names
        (lambda: ops.split(np.zeros((2, 6)), (2, 3)), ValueError, r"sizes: got \(2, 3\), expected a sum of 6"),
        (lambda: RNN("tahn"), ValueError, "nonlinearity: got 'tahn', expected one of 'tanh', 'sigmoid'"),
    ],
)  # fmt: skip
def test_says_what_came_and_what_was_expected(call, error, message):
    with pytest.raises(error, match=message):
        call()
