"""Input checks: each error names the argument, says what came and what was expected."""

from __future__ import annotations

from lstm_course import ops
from lstm_course.cells import Cell, Params
from lstm_course.ops import Array

Shape = tuple[int | str, ...]  # a number must match; a letter is any size, the same each time


def array(name: str, value: Array, shape: Shape, like: Array | None = None) -> None:
    """Check one floating-point array: kind, shape, and dtype and device against ``like``."""
    try:
        xp = ops.namespace(value)
    except TypeError:
        kind = type(value).__name__
        raise TypeError(f"{name}: got {kind}, expected a NumPy array or a torch tensor") from None
    if not (value.dtype.is_floating_point if xp.__name__ == "torch" else value.dtype.kind == "f"):
        raise TypeError(f"{name}: got dtype {value.dtype}, expected a floating-point dtype")
    expected = "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
    sizes = dict(zip(shape, value.shape, strict=False))
    fits = len(value.shape) == len(shape) and all(
        got == (sizes[want] if isinstance(want, str) else want)
        for got, want in zip(value.shape, shape, strict=True)
    )
    if not fits:
        raise ValueError(f"{name}: got shape {tuple(value.shape)}, expected {expected}")
    if like is None:
        return
    if ops.namespace(like) is not xp:
        raise TypeError(
            f"{name}: got a {xp.__name__} array, expected {ops.namespace(like).__name__} like params.W"
        )
    if value.dtype != like.dtype:
        raise TypeError(f"{name}: got dtype {value.dtype}, expected {like.dtype} like params.W")
    if xp.__name__ == "torch" and value.device != like.device:
        raise ValueError(f"{name}: got device {value.device}, expected {like.device} like params.W")


def params(cell: Cell, params: Params) -> None:
    """Check that W is (N·H, D), R is (N·H, H) and b is (N·H,), all of one kind."""
    if not (isinstance(params, tuple) and hasattr(params, "_fields")):
        raise TypeError(f"params: got {type(params).__name__}, expected Params(W, R, b)")
    W, R, b = params
    array("params.W", W, ("N·H", "D"))
    array("params.R", R, ("N·H", "H"), like=W)
    rows, hidden = R.shape
    if rows != cell.blocks * hidden:
        raise ValueError(
            f"params.R: got shape {tuple(R.shape)}, expected (N·H, H) with N = {cell.blocks} for {cell}"
        )
    array("params.W", W, (rows, "D"))
    array("params.b", b, (rows,), like=W)


def sequence(params: Params, xs: Array, name: str = "xs") -> None:
    """Check that a batch of input sequences is (T, B, D) with at least one step."""
    array(name, xs, ("T", "B", params.W.shape[1]), like=params.W)
    if xs.shape[0] == 0:
        raise ValueError(f"{name}: got an empty sequence (T = 0), expected at least one step")


def state(
    cell: Cell, params: Params, state: Array | tuple[Array, ...] | None, batch: Shape
) -> tuple[Array, ...]:
    """Check a state and return it as a tuple, one (*batch, H) array per name; None gives zeros.

    As in torch.nn, a cell with one state takes the bare array, a cell with two takes a tuple.
    """
    shape = (*batch, params.R.shape[1])
    names = cell.state_names
    if state is None:
        return tuple(ops.zeros(shape, params.W) for _ in names)
    states = state if isinstance(state, tuple) else (state,)
    if len(states) != len(names):
        raise ValueError(
            f"state: got {len(states)} arrays, expected {len(names)}: {', '.join(names)}"
        )
    for name, value in zip(names, states, strict=True):
        array(f"state {name}", value, shape, like=params.W)
    return states
