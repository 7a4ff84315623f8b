"""The fixtures of the package's tests: every backend, every cell."""

from __future__ import annotations

import pytest
import torch
from cases import CELLS, Backend, Case, make_case

NEEDS_CUDA = (
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
)


# Two processes that take two threads each for matrices of six rows stand in each other's way.
torch.set_num_threads(1)


@pytest.fixture(params=["numpy", "torch", pytest.param("cuda", marks=NEEDS_CUDA)])
def backend(request) -> Backend:
    return Backend(request.param)


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=NEEDS_CUDA)])
def device(request) -> str:
    return request.param


@pytest.fixture(params=list(CELLS))
def case(request) -> Case:
    return make_case(request.param)
