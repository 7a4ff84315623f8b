"""Weights to and from torch.nn, Keras and ONNX, and between the two conventions of a GRU's update gate.

===========  ==================  ====================  =========================
here         torch.nn            Keras                 ONNX
===========  ==================  ====================  =========================
W            weight_ih           kernelᵀ               W[0]
R            weight_hh           recurrent_kernelᵀ     R[0]
b            bias_ih + bias_hh   bias                  first + second half of B[0]
LSTM         i f g o             i f c o               i o f c
GRU          r z n               z r h                 z r h
reset        after               reset_after=True      linear_before_reset=1
peepholes p  –                   –                     P[0], i o f
===========  ==================  ====================  =========================

From here and back again every weight is the same to the last bit. Torch, ONNX, and Keras for a GRU that
resets after, add two biases: what comes from there has their sum, and what goes there has the second one
zero, but for the n block of a GRU that resets after, which has a bias of its own (``b_nh``).

Arrays that need no change are not copied. All functions take and return NumPy arrays or torch
tensors, whichever they are given. They raise TypeError or ValueError, naming the weight, for what does
not fit the cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lstm_course import checks, ops
from lstm_course.arguments import whole
from lstm_course.cells import GRU, LSTM, RNN, Cell, Params
from lstm_course.ops import Array

# Which of our blocks stand where, from the first to the last.
KERAS = {"RNN": (0,), "LSTM": (0, 1, 2, 3), "GRU": (1, 0, 2)}
ONNX = {"RNN": (0,), "LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2)}
ONNX_PEEPHOLES = (0, 2, 1)


def to_torch(cell: Cell, params: Params, suffix: str = "_l0") -> dict[str, Array]:
    """Return the entries of a torch.nn state dict: weight_ih, weight_hh, bias_ih, bias_hh."""
    _known(cell, "torch.nn")
    checks.params(cell, params)
    first, second = _two_biases(cell, params)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    values = (params.W, params.R, first, second)
    return {f"{name}{suffix}": value for name, value in zip(names, values, strict=True)}


def from_torch(cell: Cell, state_dict: Mapping[str, Array], suffix: str = "_l0") -> Params:
    """Read one layer and direction of a torch.nn state dict; without biases they are zero."""
    _known(cell, "torch.nn")
    W, R = (_get(state_dict, f"{name}{suffix}") for name in ("weight_ih", "weight_hh"))
    H = _hidden(cell, f"weight_hh{suffix}", R, axis=0)
    rows = sum(cell.block_sizes(H))
    checks.array(f"weight_ih{suffix}", W, (rows, "D"), like=R)
    biases = [ops.zeros((rows,), R)] * 2
    if f"bias_ih{suffix}" in state_dict:
        biases = [_get(state_dict, f"{name}{suffix}") for name in ("bias_ih", "bias_hh")]
        for name, bias in zip(("bias_ih", "bias_hh"), biases, strict=True):
            checks.array(f"{name}{suffix}", bias, (rows,), like=R)
    return _params(cell, W, R, *biases)


def to_keras(cell: Cell, params: Params) -> list[Array]:
    """Return what Keras's ``layer.set_weights`` takes: [kernel, recurrent_kernel, bias]."""
    order = _order(cell, "Keras", KERAS)
    checks.params(cell, params)
    W, R = (_permuted(weights, order) for weights in (params.W, params.R))
    first, second = (_permuted(bias, order) for bias in _two_biases(cell, params))
    return [W.T, R.T, ops.stack((first, second)) if _after(cell) else first]


def from_keras(cell: Cell, weights: Sequence[Array]) -> Params:
    """Read Keras's ``layer.get_weights()``: [kernel, recurrent_kernel] and, if it has one, the bias."""
    order = _inverse(_order(cell, "Keras", KERAS))
    if not isinstance(weights, list | tuple):
        raise TypeError(f"weights: got {type(weights).__name__}, expected a list of arrays")
    if len(weights) not in (2, 3):
        raise ValueError(
            f"weights: got {len(weights)} arrays, expected kernel, recurrent_kernel, bias"
        )
    kernel, recurrent = weights[:2]
    H = _hidden(cell, "recurrent_kernel", recurrent, axis=1)
    columns = sum(cell.block_sizes(H))
    checks.array("kernel", kernel, ("D", columns), like=recurrent)
    shape = (2, columns) if _after(cell) else (columns,)
    bias = weights[2] if len(weights) == 3 else ops.zeros(shape, recurrent)
    checks.array("bias", bias, shape, like=recurrent)
    first, second = bias if _after(cell) else (bias, ops.zeros(shape, recurrent))
    permuted = (_permuted(part, order) for part in (kernel.T, recurrent.T, first, second))
    return _params(cell, *permuted)


def to_onnx(cell: Cell, params: Params) -> dict[str, Array]:
    """Return the inputs W (1, N·H, D), R (1, N·H, H), B (1, 2·N·H), and P (1, 3·H) with peepholes."""
    order = _order(cell, "ONNX", ONNX)
    checks.params(cell, params)
    W, R = (_permuted(weights, order) for weights in (params.W, params.R))
    B = ops.concat([_permuted(bias, order) for bias in _two_biases(cell, params)])
    P = {"P": _permuted(params.p, ONNX_PEEPHOLES)[None]} if _peepholes(cell) else {}
    return {"W": W[None], "R": R[None], "B": B[None], **P}


def from_onnx(cell: Cell, inputs: Mapping[str, Array], direction: int = 0) -> Params:
    """Read W, R, B and P of an ONNX node; B and P are zero where there is none."""
    order = _inverse(_order(cell, "ONNX", ONNX))
    R = _get(inputs, "R")
    checks.array("R", R, ("directions", "N·H", "H"))
    if whole("direction", direction, at_least=0) >= len(R):
        raise ValueError(f"direction: got {direction}, expected 0 to {len(R) - 1}")
    H = _hidden(cell, "R[direction]", R[direction], axis=0)
    rows = sum(cell.block_sizes(H))
    W, B = _get(inputs, "W"), inputs.get("B", ops.zeros((len(R), 2 * rows), R))
    checks.array("W", W, (len(R), rows, "D"), like=R)
    checks.array("B", B, (len(R), 2 * rows), like=R)
    parts = (W[direction], R[direction], *ops.split(B[direction], (rows, rows)))
    own = []
    if _peepholes(cell):
        P = inputs.get("P", ops.zeros((len(R), 3 * H), R))
        checks.array("P", P, (len(R), 3 * H), like=R)
        own = [_permuted(P[direction], _inverse(ONNX_PEEPHOLES))]
    return _params(cell, *(_permuted(part, order) for part in parts), *own)


def flip_update_gate(cell: GRU, params: Params) -> Params:
    """Turn a gate that keeps into one that writes, z into u = 1 − z, or back: the z blocks change sign.

    For texts that have h_t = (1 − u_t) ∘ h_{t−1} + u_t ∘ n_t, because σ(−a) = 1 − σ(a). Twice is nothing.
    """
    if not isinstance(cell, GRU):
        raise TypeError(f"cell: got {cell}, expected a GRU")
    checks.params(cell, params)
    flipped = []
    for weights in params[:3]:
        r, z, n = _blocks(weights, 3)
        flipped.append(ops.concat((r, -z, n)))
    return type(params)(*flipped, *params[3:])


def _known(cell: Cell, where: str) -> str:
    """The architecture's name, if ``where`` has it."""
    checks.check_cell(cell)
    if isinstance(cell, LSTM):
        known = not cell.coupled and not (cell.peepholes and where != "ONNX")
    else:
        known = isinstance(cell, RNN | GRU)
    if not known:
        raise ValueError(f"cell: got {cell}, expected an RNN, an LSTM or a GRU that {where} has")
    if where == "torch.nn" and isinstance(cell, GRU) and cell.reset == "before":
        raise ValueError(f"cell: got {cell}, expected reset='after': torch.nn has no other")
    if where == "torch.nn" and isinstance(cell, RNN) and cell.nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"cell: got {cell}, expected tanh or relu: torch.nn has no other")
    return type(cell).__name__


def _order(cell: Cell, where: str, orders: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    return orders[_known(cell, where)]


def _after(cell: Cell) -> bool:
    return isinstance(cell, GRU) and cell.reset == "after"


def _peepholes(cell: Cell) -> bool:
    return isinstance(cell, LSTM) and cell.peepholes


def _two_biases(cell: Cell, params: Params) -> tuple[Array, Array]:
    if not _after(cell):
        return params.b, ops.zeros(tuple(params.b.shape), params.b)
    H = len(params.b_nh)
    return params.b, ops.concat((ops.zeros((2 * H,), params.b), params.b_nh))


def _params(cell: Cell, W: Array, R: Array, first: Array, second: Array, *own: Array) -> Params:
    """Params from two biases, which belong to W x and to R h."""
    if not _after(cell):
        return cell.params_type(W, R, first + second, *own)
    H = R.shape[1]
    b = ops.concat((first[: 2 * H] + second[: 2 * H], first[2 * H :]))
    return cell.params_type(W, R, b, second[2 * H :])


def _permuted(weights: Array, order: tuple[int, ...]) -> Array:
    blocks = _blocks(weights, len(order))
    return ops.concat([blocks[j] for j in order])


def _blocks(weights: Array, count: int) -> tuple[Array, ...]:
    return ops.split(weights, (len(weights) // count,) * count, axis=0)


def _inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(order.index(j) for j in range(len(order)))


def _get(weights: Mapping[str, Array], name: str) -> Array:
    if not isinstance(weights, Mapping):
        came = type(weights).__name__
        raise TypeError(
            f"{name}: got {came}, expected a mapping of names to arrays (a state_dict())"
        )
    if name not in weights:
        raise ValueError(f"{name}: got only {', '.join(map(str, weights))}, expected it among them")
    return weights[name]


def _hidden(cell: Cell, name: str, recurrent: Array, axis: int) -> int:
    """H, from recurrent weights whose blocks are stacked along ``axis``."""
    N = len(cell.block_names)
    expected = ("N·H", "H") if axis == 0 else ("H", "N·H")
    checks.array(name, recurrent, expected)
    H = recurrent.shape[1 - axis]
    if recurrent.shape[axis] != N * H:
        form = f"({', '.join(expected)}), N = {N} for {cell}"
        raise ValueError(f"{name}: got shape {tuple(recurrent.shape)}, expected {form}")
    return H
