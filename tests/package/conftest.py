"""The fixtures of the package's tests: every backend, every nonlinearity."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cases import B, Backend, Case, D, H, T

from lstm_course import initialize
from lstm_course.cells import RNN
from lstm_course.cells.activation import ACTIVATIONS

NEEDS_CUDA = (
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
)


@pytest.fixture(params=["numpy", "torch", pytest.param("cuda", marks=NEEDS_CUDA)])
def backend(request) -> Backend:
    return Backend(request.param)


@pytest.fixture(params=list(ACTIVATIONS))
def case(request) -> Case:
    rng = np.random.default_rng(0)
    cell = RNN(request.param)
    shapes = (T, B, D), (B, H), (T, B, H)
    params = initialize.uniform(cell, D, H, seed=1)
    return Case(cell, params, *(rng.standard_normal(shape) for shape in shapes))
