"""Starting weights: Params for a cell, as NumPy float64 arrays, from a seed.

``Params(*map(torch.from_numpy, params))`` makes torch tensors of them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import numpy as np

from lstm_course.cells import Cell, Params

Seed = int | np.random.Generator


def uniform(
    cell: Cell, input_size: int, hidden_size: int, seed: Seed, *, limit: float | None = None
) -> Params:
    """Everything uniform in (−limit, limit), by default 1/√H: what torch.nn's recurrent layers do.

    An entry of R then has standard deviation 1/√(3H), so the spectral radius of a block is about
    1/√3 = 0.58 for large H (circular law). Torch adds two such biases; here there is one.
    """
    D, H = _size("input_size", input_size), _size("hidden_size", hidden_size)
    limit = H**-0.5 if limit is None else _scale("limit", limit)
    rng = np.random.default_rng(seed)
    rows = cell.blocks * H
    W, R, b = (rng.uniform(-limit, limit, shape) for shape in ((rows, D), (rows, H), rows))
    return Params(W, R, b)


def orthogonal(
    cell: Cell, input_size: int, hidden_size: int, seed: Seed, *, gain: float = 1.0
) -> Params:
    """Each block of R is ``gain`` times a random orthogonal matrix (Saxe et al. 2014): RᵀR = gain² I.

    All singular values of a block equal ``gain``, so norm and spectral radius do too. Drawn uniformly
    (Haar measure, Mezzadri 2007). W is uniform in ±1/√D, the bias zero.
    """
    gain = _scale("gain", gain)
    return _by_block(cell, input_size, hidden_size, seed, lambda block: gain * _haar(block))


def spectral_radius(
    cell: Cell, input_size: int, hidden_size: int, seed: Seed, *, radius: float
) -> Params:
    """Each block of R is a Gaussian matrix, scaled so that its largest |eigenvalue| is ``radius``.

    Its norm is larger: for large H about twice the radius. W is uniform in ±1/√D, the bias zero.
    """
    radius = _scale("radius", radius)
    return _by_block(
        cell,
        input_size,
        hidden_size,
        seed,
        lambda block: block * (radius / abs(np.linalg.eigvals(block)).max()),
    )


def _by_block(
    cell: Cell,
    input_size: int,
    hidden_size: int,
    seed: Seed,
    shape: Callable[[np.ndarray], np.ndarray],
) -> Params:
    """Draw W, and one Gaussian (H, H) block of R at a time for ``shape`` to turn into what it is."""
    D, H = _size("input_size", input_size), _size("hidden_size", hidden_size)
    rng = np.random.default_rng(seed)
    W = rng.uniform(-(D**-0.5), D**-0.5, (cell.blocks * H, D))
    R = np.concatenate([shape(rng.standard_normal((H, H))) for _ in range(cell.blocks)])
    return Params(W, R, np.zeros(cell.blocks * H))


def _haar(gaussian: np.ndarray) -> np.ndarray:
    """The Q of a QR decomposition, with the signs that make it uniformly distributed."""
    Q, upper = np.linalg.qr(gaussian)
    return Q * np.sign(np.diag(upper))


def _size(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name}: got {value!r}, expected a whole number")
    if value < 1:
        raise ValueError(f"{name}: got {value}, expected at least 1")
    return int(value)


def _scale(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name}: got {value!r}, expected a number")
    if not (isfinite(value) and value >= 0):
        raise ValueError(f"{name}: got {value}, expected a finite number, 0 or above")
    return float(value)
