"""What goes in and out of the sandbox, and when two values agree."""

from __future__ import annotations

import json

import numpy as np
import pytest

from grading.values import decode, difference, encode

ROUND = [
    None,
    True,
    3,
    -0.5,
    "text",
    float("inf"),
    np.arange(6.0).reshape(2, 3),
    np.zeros((0, 4)),
    np.array([True, False]),
    np.float32(0.1),
    [1, [2.0, "x"]],
    {"a": np.ones(3), "b": [None]},
]


@pytest.mark.parametrize("value", ROUND, ids=repr)
def test_round_trip(value):
    found = decode(json.loads(json.dumps(encode(value))))
    np.testing.assert_equal(found, value.item() if isinstance(value, np.generic) else value)


@pytest.mark.parametrize(
    "coded", [{}, {"pickle": "x"}, {"array": 3}, {"array": ["a"], "shape": [1]}, [1]]
)
def test_other_json_is_refused(coded):
    with pytest.raises(ValueError, match=r"not a coded|something else"):
        decode(coded)


@pytest.mark.parametrize(
    ("found", "wanted", "agree"),
    [
        (1.0, 1, True),
        (1, 1.0, True),
        (True, 1, False),
        (1, True, False),
        (1.0000001, 1.0, True),
        (1.00001, 1.0, False),
        (0.999999999, 1, False),
        ("a", "a", True),
        ("a", "b", False),
        (None, 1.0, False),
        (float("nan"), 1.0, False),
        (float("nan"), float("nan"), False),
        ([1.0, 2.0], np.array([1.0, 2.0]), True),
        (np.array([1.0, 2.0]), [1.0, 2.0], True),
        ([[1.0], [1.0, 2.0]], np.ones((2, 2)), False),
        (np.ones((2, 1)), np.ones(2), False),
        (["x"], np.ones(1), False),
        ([np.ones(2), 3], [np.ones(2), 3], True),
        ([np.ones(2)], [np.ones(2), 3], False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        (np.array([1e-12, 1.0]), np.array([0.0, 1.0]), True),
        (np.array([True]), np.array([True]), True),
        (np.array([1.0]), np.array([True]), False),
        ({}, np.ones(2), False),
    ],
)
def test_agreement(found, wanted, agree):
    assert (difference(found, wanted, 1e-6) is None) is agree
