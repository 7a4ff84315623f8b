"""Starting weights: Params for a cell, as NumPy float64 arrays, from a seed.

``Params(*map(torch.from_numpy, params))`` makes torch tensors of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lstm_course import checks, ops
from lstm_course.arguments import number, whole
from lstm_course.cells import GRU, LSTM, LSTM1997, Cell, Params

Seed = int | np.random.Generator


def uniform(
    cell: Cell, input_size: int, hidden_size: int, seed: Seed, *, limit: float | None = None
) -> Params:
    """Everything uniform in (−limit, limit), by default 1/√H: what torch.nn's recurrent layers do.

    An entry of R then has standard deviation 1/√(3H), so the spectral radius of a block is about
    1/√3 = 0.58 for large H (circular law). Torch adds two such biases; here there is one.
    """
    checks.check_cell(cell)
    D, H = whole("input_size", input_size), whole("hidden_size", hidden_size)
    limit = H**-0.5 if limit is None else number("limit", limit, low=0)
    rng = np.random.default_rng(seed)
    rows = sum(cell.block_sizes(H))
    shapes = ((rows, D), (rows, H), rows, *(count * H for count in cell.own_blocks.values()))
    return cell.params_type(*(rng.uniform(-limit, limit, shape) for shape in shapes))


def orthogonal(
    cell: Cell, input_size: int, hidden_size: int, seed: Seed, *, gain: float = 1.0
) -> Params:
    """Each block of R is ``gain`` times a random orthogonal matrix (Saxe et al. 2014): RᵀR = gain² I.

    All singular values of a block equal ``gain``, so norm and spectral radius do too. Drawn uniformly
    (Haar measure, Mezzadri 2007). W is uniform in ±1/√D, the bias and the cell's own weights are zero.
    Raises ValueError for a cell whose blocks of R are not square.
    """
    gain = number("gain", gain, low=0)
    return _by_block(cell, input_size, hidden_size, seed, lambda block: gain * _haar(block))


def spectral_radius(
    cell: Cell, input_size: int, hidden_size: int, seed: Seed, *, radius: float
) -> Params:
    """Each block of R is a Gaussian matrix, scaled so that its largest |eigenvalue| is ``radius``.

    Its norm is larger: for large H about twice the radius. W is uniform in ±1/√D, the bias and the
    cell's own weights are zero. Raises ValueError for a cell whose blocks of R are not square.
    """
    radius = number("radius", radius, low=0)
    return _by_block(
        cell,
        input_size,
        hidden_size,
        seed,
        lambda block: block * (radius / abs(np.linalg.eigvals(block)).max()),
    )


def forget_bias(cell: Cell, params: Params, value: float) -> Params:
    """Set the forget gate's bias to ``value``, so that f is about σ(value) at first (Gers et al. 2000).

    Zero, torch's default on average, means f ≈ 1/2, and a highway factor of 2⁻ᵀ over T steps; 1 is the
    advice of Jozefowicz et al. (2015). For a GRU it is the bias of z, for a coupled LSTM −value becomes
    that of i. Raises TypeError or ValueError for a value that is no finite number, for weights that do
    not fit, and for a cell without a gate that forgets.
    """
    value = number("value", value)
    checks.params(cell, params)
    return _with_forget_bias(cell, params, np.full(params.R.shape[1], value))


def chrono(cell: Cell, params: Params, longest: float, seed: Seed) -> Params:
    """Chrono initialisation (Tallec & Ollivier 2018): time constants from 2 to ``longest`` steps.

    b_f = ln(U), U uniform in (1, longest − 1) for each unit, and b_i = −b_f: a unit's forget gate is then
    about U/(1+U), and its time constant 1/(1−f) about 1+U. For a GRU it is the bias of z, for a coupled
    LSTM only b_i. Raises TypeError or ValueError for ``longest`` below 2, for weights that do not fit,
    and for a cell without a gate that forgets.
    """
    longest = number("longest", longest, low=2)
    checks.params(cell, params)
    steps = np.random.default_rng(seed).uniform(1, longest - 1, params.R.shape[1])
    params = _with_forget_bias(cell, params, np.log(steps))
    return _with_bias(cell, params, "i", -np.log(steps)) if "f" in cell.block_names else params


def gate_bias_1997(
    cell: LSTM1997,
    params: Params,
    *,
    input_gates: Sequence[float] | None = None,
    output_gates: Sequence[float] | None = None,
) -> Params:
    """Set the biases of the gates, one for every memory-cell block, as the experiments of 1997 do.

    Negative output-gate biases against the abuse of cells, such as −1, −2, −3 (Hochreiter &
    Schmidhuber 1997, §5.1), and negative input-gate biases against internal state drift, such as −3, −6
    (§5.4; both remedies in §4). What is None stays as it is. Raises TypeError or ValueError for another
    cell, weights that do not fit, and biases that are not one finite number for each block.
    """
    if not isinstance(cell, LSTM1997):
        raise TypeError(f"cell: got {cell}, expected an LSTM1997")
    checks.params(cell, params)
    blocks = len(cell.cells_per_block(params.R.shape[1]))
    found = {}
    for gate, name, biases in (
        ("i", "input_gates", input_gates),
        ("o", "output_gates", output_gates),
    ):
        if biases is not None:
            found[gate] = _one_for_each(name, biases, blocks)
    for gate, biases in found.items():
        params = _with_bias(cell, params, gate, biases)
    return params


def _one_for_each(name: str, biases: Sequence[float], blocks: int) -> np.ndarray:
    wanted = f"expected one number for each of {blocks} blocks"
    if not isinstance(biases, Sequence | np.ndarray) or isinstance(biases, str):
        raise TypeError(f"{name}: got {biases!r}, {wanted}")
    if len(biases) != blocks:
        raise ValueError(f"{name}: got {len(biases)} biases, {wanted}")
    return np.array([number(name, bias) for bias in biases])


def _with_forget_bias(cell: Cell, params: Params, bias: np.ndarray) -> Params:
    if "f" in cell.block_names:
        return _with_bias(cell, params, "f", bias)
    if isinstance(cell, GRU):
        return _with_bias(cell, params, "z", bias)
    if isinstance(cell, LSTM) and cell.coupled:
        return _with_bias(cell, params, "i", -bias)  # f = 1 − i
    raise ValueError(f"cell: got {cell}, expected one with a gate that forgets: LSTM or GRU")


def _with_bias(cell: Cell, params: Params, block: str, bias: np.ndarray) -> Params:
    """Replace one block of b; the others, and the arrays that came, stay as they are."""
    start = 0
    for name, size in zip(cell.block_names, cell.block_sizes(params.R.shape[1]), strict=True):
        if name == block:
            new = ops.constant(tuple(bias.tolist()), params.b)
            return params._replace(b=ops.concat((params.b[:start], new, params.b[start + size :])))
        start += size
    raise ValueError(f"block: got {block!r}, expected one of {', '.join(cell.block_names)}")


def _by_block(
    cell: Cell,
    input_size: int,
    hidden_size: int,
    seed: Seed,
    shape: Callable[[np.ndarray], np.ndarray],
) -> Params:
    """Draw W, and one Gaussian (H, H) block of R at a time for ``shape`` to turn into what it is."""
    checks.check_cell(cell)
    D, H = whole("input_size", input_size), whole("hidden_size", hidden_size)
    if set(sizes := cell.block_sizes(H)) != {H}:
        raise ValueError(
            f"cell: got {cell} with blocks of {sizes} rows, expected H = {H} rows each"
        )
    rng = np.random.default_rng(seed)
    W = rng.uniform(-(D**-0.5), D**-0.5, (len(sizes) * H, D))
    R = np.concatenate([shape(rng.standard_normal((H, H))) for _ in sizes])
    own = (np.zeros(count * H) for count in cell.own_blocks.values())
    return cell.params_type(W, R, np.zeros(len(sizes) * H), *own)


def _haar(gaussian: np.ndarray) -> np.ndarray:
    """The Q of a QR decomposition, with the signs that make it uniformly distributed."""
    Q, upper = np.linalg.qr(gaussian)
    return Q * np.sign(np.diag(upper))
