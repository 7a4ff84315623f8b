"""Wrong arrays: an error that names the argument, what came and what was expected."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cases import B, D, H, T

from lstm_course import initialize, jacobian, unroll
from lstm_course.cells import RNN, Params

CELL = RNN()
PARAMS = initialize.uniform(CELL, D, H, seed=0)
XS = np.zeros((T, B, D))
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
        (lambda: forward(state=np.zeros((B, D))), ValueError, r"state h: got shape \(3, 2\), expected \(3, 5\)"),
        (lambda: forward(state=(XS, XS)), ValueError, "state: got 2 arrays, expected 1: h"),
        (lambda: forward(PARAMS._replace(R=np.zeros((H, D)))), ValueError, r"params.R: got shape \(5, 2\)"),
        (lambda: forward(PARAMS._replace(W=np.zeros((D, H)))), ValueError, r"params.W: got shape \(2, 5\), expected \(5, D\)"),
        (lambda: forward(PARAMS._replace(b=np.zeros((H, 1)))), ValueError, r"params.b: got shape \(5, 1\), expected \(5,\)"),
        (lambda: backward(np.zeros((T, H))), ValueError, r"dhs: got shape \(7, 5\), expected \(7, 3, 5\)"),
        (lambda: backward(np.zeros((T, B, H)), np.zeros(H)), ValueError, r"state h: got shape \(5,\), expected \(3, 5\)"),
        (lambda: jacobian.step(CELL, PARAMS, np.zeros(H), np.zeros(H)), ValueError, r"x: got shape \(5,\), expected \(2,\)"),
        (lambda: jacobian.step(CELL, PARAMS, np.zeros(D), np.zeros(D)), ValueError, r"state h: got shape \(2,\), expected \(5,\)"),
        (lambda: jacobian.through_time(CELL, PARAMS, XS), ValueError, r"xs: got shape \(7, 3, 2\), expected \(T, 2\)"),
        (lambda: jacobian.through_time(CELL, PARAMS, XS[:0, 0]), ValueError, "xs: got an empty sequence"),
        (lambda: jacobian.gradient_by_lag(CELL, PARAMS, forward(), XS), ValueError, r"dhs: got shape \(7, 3, 2\)"),
        (lambda: jacobian.log10_norms(np.zeros((T, H))), ValueError, r"steps: got shape \(7, 5\)"),
        (lambda: jacobian.log10_norms(np.zeros((T, H, D))), ValueError, r"steps: got shape \(7, 5, 2\), expected \(T, S, S\)"),
        (lambda: jacobian.spectral_radius(np.zeros((H, D))), ValueError, r"R: got shape \(5, 2\), expected \(H, H\)"),
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
        # names
        (lambda: RNN("tahn"), ValueError, "nonlinearity: got 'tahn', expected one of 'tanh', 'sigmoid'"),
    ],
)  # fmt: skip
def test_says_what_came_and_what_was_expected(call, error, message):
    with pytest.raises(error, match=message):
        call()
