"""Activation functions φ with their slopes φ′, written through the value h = φ(a).

=========  ==================  ============  =========
name       φ(a)                φ′(a)         max |φ′|
=========  ==================  ============  =========
tanh       tanh a              1 − h²        1
sigmoid    1 / (1 + exp(−a))   h (1 − h)     1/4
relu       max(a, 0)           [h > 0]       1
identity   a                   1             1
=========  ==================  ============  =========
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lstm_course import ops
from lstm_course.arguments import choice
from lstm_course.ops import Array


class Activation(NamedTuple):
    """One φ: the function of a, its slope as a function of h = φ(a), and the slope's maximum.

    The slope is there to be multiplied with: it may come as booleans or as one number for all.
    """

    function: Callable[[Array], Array]  #: φ, from a
    slope: Callable[[Array], Array | float]  #: φ′, from h
    steepest: float  #: β_φ = max |φ′|


def _tanh_slope(h: Array) -> Array:
    return 1 - h * h


def _sigmoid_slope(h: Array) -> Array:
    return h * (1 - h)


def _relu_slope(h: Array) -> Array:
    return h > 0


def _identity_slope(h: Array) -> float:
    return 1.0


ACTIVATIONS = {
    "tanh": Activation(ops.tanh, _tanh_slope, 1.0),
    "sigmoid": Activation(ops.sigmoid, _sigmoid_slope, 0.25),
    "relu": Activation(ops.relu, _relu_slope, 1.0),
    "identity": Activation(ops.identity, _identity_slope, 1.0),
}


def activation(name: str, value: str) -> Activation:
    """Look an activation up. Raises ValueError, naming the argument ``name``, for an unknown one."""
    return ACTIVATIONS[choice(name, value, tuple(ACTIVATIONS))]
