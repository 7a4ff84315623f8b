"""The few array functions that the equations need, for NumPy arrays and torch tensors alike.

Each function looks at its argument: NumPy in, NumPy out; torch in (CPU or CUDA), torch out on the
same device, differentiable. Torch is never imported for NumPy arrays.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import accumulate
from types import ModuleType
from typing import Any

import numpy as np

from lstm_course import symbols

Array = Any  # numpy.ndarray or torch.Tensor: naming torch here would import it


def namespace(*arrays: Array) -> ModuleType:
    """Return the module, ``numpy`` or ``torch``, that all the arrays belong to.

    Raises TypeError for anything else, and for a mixture of the two.
    """
    torch = sys.modules.get("torch")  # a tensor can only come from a torch that is loaded
    if all(isinstance(a, np.ndarray | np.generic) for a in arrays):
        return np
    if torch and all(isinstance(a, torch.Tensor) for a in arrays):
        return torch
    if all(isinstance(a, symbols.Symbol) for a in arrays):
        return symbols
    names = " and ".join(sorted({f"{type(a).__module__}.{type(a).__name__}" for a in arrays}))
    raise TypeError(f"arrays: got {names}, expected only NumPy arrays or only torch tensors")


def tanh(x: Array) -> Array:
    """Hyperbolic tangent, elementwise."""
    return namespace(x).tanh(x)


def sigmoid(x: Array) -> Array:
    """Logistic function 1 / (1 + exp(−x)), elementwise.

    The exponential is only taken of −|x|, so nothing overflows. Small values keep their digits, which
    a gate that is almost closed needs: (1 + tanh(x/2)) / 2 would be exactly 0 from x = −37 downwards.
    """
    xp = namespace(x)
    if xp is not np:
        return xp.sigmoid(x)
    e = np.exp(-abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def relu(x: Array) -> Array:
    """max(x, 0), elementwise; the derivative at 0 is taken as 0."""
    xp = namespace(x)
    return np.maximum(x, 0) if xp is np else xp.relu(x)


def identity(x: Array) -> Array:
    """x itself."""
    return x


def concat(arrays: list[Array] | tuple[Array, ...], axis: int = 0) -> Array:
    """Join arrays along an axis that they have."""
    xp = namespace(*arrays)
    return np.concatenate(arrays, axis) if xp is np else xp.cat(tuple(arrays), axis)


def stack(arrays: list[Array] | tuple[Array, ...], axis: int = 0) -> Array:
    """Join arrays of one shape along a new axis."""
    xp = namespace(*arrays)
    return np.stack(arrays, axis) if xp is np else xp.stack(tuple(arrays), axis)


def split(x: Array, sizes: Sequence[int], axis: int = -1) -> tuple[Array, ...]:
    """Cut an array along an axis into parts of the given sizes. Raises ValueError if they don't fit."""
    if sum(sizes) != x.shape[axis]:
        raise ValueError(
            f"sizes: got {tuple(sizes)}, expected a sum of {x.shape[axis]} (axis {axis} of x)"
        )
    xp = namespace(x)
    if xp is np:
        return tuple(np.split(x, list(accumulate(sizes))[:-1], axis))
    return tuple(xp.split(x, list(sizes), axis))


def repeat(x: Array, counts: Sequence[int]) -> Array:
    """Repeat each entry of the last axis, entry j counts[j] times."""
    if set(counts) == {1}:
        return x
    xp = namespace(x)
    if xp is np:
        return np.repeat(x, counts, -1)
    each = xp.tensor(counts, device=x.device)
    return xp.repeat_interleave(x, each, -1, output_size=sum(counts))


def sum_groups(x: Array, counts: Sequence[int]) -> Array:
    """Sum groups of neighbours on the last axis, the first counts[0] entries, and so on."""
    if set(counts) == {1}:
        return x
    return stack([part.sum(-1) for part in split(x, counts)], -1)


def where(condition: Array, x: Array, y: Array) -> Array:
    """x where the condition holds, elsewhere y."""
    return namespace(x, y).where(condition, x, y)


def stop_gradient(x: Array) -> Array:
    """The same values, through which no gradient flows (NumPy: the array itself)."""
    return x if namespace(x) is np else x.detach()


def constant(values: float | Sequence[float], like: Array) -> Array | float:
    """Numbers with the dtype and on the device of ``like``; one number stays as it is."""
    if isinstance(values, float):
        return values
    xp = namespace(like)
    if xp is symbols:
        return symbols.constant(values, like)
    if xp is np:
        return np.asarray(values, like.dtype)
    return xp.tensor(values, dtype=like.dtype, device=like.device)


def booleans(values: np.ndarray, like: Array) -> Array:
    """Truth values as an array of the kind and on the device of ``like``."""
    xp = namespace(like)
    return values if xp is np else xp.from_numpy(values).to(like.device)


def zeros(shape: tuple[int, ...], like: Array) -> Array:
    """Zeros with the dtype and on the device of ``like``."""
    xp = namespace(like)
    return np.zeros(shape, like.dtype) if xp is np else like.new_zeros(shape)


def ones(shape: tuple[int, ...], like: Array) -> Array:
    """Ones with the dtype and on the device of ``like``."""
    return zeros(shape, like) + 1


def eye(size: int, like: Array) -> Array:
    """The identity matrix with the dtype and on the device of ``like``."""
    xp = namespace(like)
    if xp is np:
        return np.eye(size, dtype=like.dtype)
    return xp.eye(size, dtype=like.dtype, device=like.device)


def to_numpy(x: Array) -> np.ndarray:
    """The values as a NumPy array, off the device and off the graph."""
    return np.asarray(x) if namespace(x) is np else x.detach().cpu().numpy()
