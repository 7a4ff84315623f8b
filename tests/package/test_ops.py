"""The array functions: same values for NumPy and torch, sane at the extremes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from lstm_course import ops

X = np.random.default_rng(0).standard_normal((4, 6))


@pytest.mark.parametrize(
    ("ours", "reference"),
    [
        (ops.tanh, np.tanh),
        (ops.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
        (ops.relu, lambda x: np.where(x > 0, x, 0)),
        (ops.identity, lambda x: x),
        (lambda x: ops.concat((x, 2 * x), axis=1), lambda x: np.hstack((x, 2 * x))),
        (lambda x: ops.stack((x, 2 * x), axis=1), lambda x: np.array((x, 2 * x)).swapaxes(0, 1)),
        (lambda x: ops.split(x, (1, 3, 2))[1], lambda x: x[:, 1:4]),
        (lambda x: ops.split(x, (2, 2), axis=0)[1], lambda x: x[2:]),
        (lambda x: ops.zeros((2, 3), x), lambda x: np.zeros((2, 3))),
        (lambda x: ops.eye(3, x), lambda x: np.eye(3)),
        (ops.stop_gradient, lambda x: x),
    ],
)
def test_values_and_kind(backend, ours, reference):
    x = backend.array(X)
    result = ours(x)
    assert type(result) is type(x)
    assert result.dtype == x.dtype
    assert getattr(result, "device", None) == getattr(x, "device", None)
    np.testing.assert_allclose(ops.to_numpy(result), reference(X), rtol=0, atol=1e-15)


def test_sigmoid_has_a_gradient_far_out():
    x = torch.tensor([-1000.0, -100.0, 0.0, 100.0, 1000.0], requires_grad=True)
    ops.sigmoid(x).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.25, 0.0, 0.0]


def test_stop_gradient_stops_it():
    x = torch.tensor(2.0, requires_grad=True)
    (x * ops.stop_gradient(x)).backward()
    assert x.grad == 2.0


def test_numpy_does_not_import_torch():
    program = (
        "import sys, numpy as np\n"
        "from lstm_course import initialize, jacobian, unroll\n"
        "from lstm_course.cells import RNN\n"
        "params = initialize.uniform(RNN(), 2, 3, seed=0)\n"
        "jacobian.through_time(RNN(), params, np.zeros((4, 2)))\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_mixture_is_refused():
    with pytest.raises(TypeError, match=r"numpy\.ndarray and torch\.Tensor.*only NumPy"):
        ops.concat((X, torch.tensor(X)))


def test_sigmoid_keeps_the_digits_of_small_values(backend):
    x = np.array([-700.0, -40.0, -5.0, 0.0, 5.0, 40.0, 1000.0])
    expected = [
        np.exp(-700.0),
        np.exp(-40.0),
        1 / (1 + np.exp(5.0)),
        0.5,
        1 / (1 + np.exp(-5.0)),
        1,
        1,
    ]
    np.testing.assert_allclose(ops.to_numpy(ops.sigmoid(backend.array(x))), expected, rtol=1e-14)


def test_groups_of_neighbours(backend):
    x, counts = backend.array(X), (1, 3, 2)
    sums = ops.to_numpy(ops.sum_groups(x, counts))
    np.testing.assert_allclose(sums, np.add.reduceat(X, [0, 1, 4], axis=-1), rtol=0, atol=1e-15)
    repeated = ops.to_numpy(ops.repeat(ops.sum_groups(x, counts), counts))
    np.testing.assert_array_equal(repeated, np.repeat(sums, counts, axis=-1))
    assert ops.repeat(x, (1,) * 6) is x
