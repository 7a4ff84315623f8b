"""Recurrent layers in the place of torch.nn's, trained by the course's own derivatives.

Names, shapes and gate order of the parameters are torch.nn's, so ``load_state_dict`` works both ways
for the architectures that torch has. The forward run is :func:`lstm_course.unroll.forward`, the backward
one :func:`lstm_course.unroll.backward`, the hand-derived one, on CPU and CUDA, in float32 and float64.
"""

from lstm_course.nn.layer import Layer
from lstm_course.nn.layers import GRU, LSTM, LSTM1997, RNN, SimplifiedGRU
from lstm_course.nn.readout import WithReadout, columns, one_hot
from lstm_course.nn.replicas import Replicas, clip_each_grad_norm_

__all__ = [
    "GRU",
    "LSTM",
    "LSTM1997",
    "RNN",
    "Layer",
    "Replicas",
    "SimplifiedGRU",
    "WithReadout",
    "clip_each_grad_norm_",
    "columns",
    "one_hot",
]
