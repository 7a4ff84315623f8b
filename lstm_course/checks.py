"""Input checks: each error names the argument, says what came and what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING

from lstm_course import ops
from lstm_course.cells import Cell, Params
from lstm_course.ops import Array

if TYPE_CHECKING:
    from lstm_course.unroll import Trajectory

# A number must match; a letter is any size, the same each time; "..." in front, any dimensions before.
Shape = tuple[int | str, ...]


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
    wanted, came = shape, tuple(value.shape)
    if shape[0] == "...":
        wanted = shape[1:]
        came = came[-len(wanted) :]
    sizes = dict(zip(wanted, came, strict=False))
    fits = len(came) == len(wanted) and all(
        got == (sizes[want] if isinstance(want, str) else want)
        for got, want in zip(came, wanted, strict=True)
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


def check_cell(cell: Cell) -> None:
    """Check that a cell is one, not its class, nor a layer."""
    if not isinstance(cell, Cell):
        came = f"the class {cell.__name__}" if isinstance(cell, type) else type(cell).__name__
        raise TypeError(f"cell: got {came}, expected a cell, such as LSTM() of lstm_course.cells")


def params(cell: Cell, params: Params) -> None:
    """Check that params has the cell's fields, of the sizes that R's columns ask for, all of one kind.

    For most cells W is (N·H, D), R is (N·H, H) and b is (N·H,).
    """
    check_cell(cell)
    expected = cell.params_type
    if getattr(params, "_fields", None) != expected._fields:
        came = type(params).__name__
        if hasattr(params, "_fields"):
            came += f"({', '.join(params._fields)})"
        fields = ", ".join(expected._fields)
        raise TypeError(f"params: got {came}, expected {expected.__name__}({fields}) for {cell}")
    array("params.W", params.W, ("N·H", "D"))
    array("params.R", params.R, ("N·H", "H"), like=params.W)
    rows, hidden = params.R.shape
    sizes = cell.block_sizes(hidden)
    if rows != sum(sizes):
        named = ", ".join(f"{n} {s}" for n, s in zip(cell.block_names, sizes, strict=True))
        raise ValueError(
            f"params.R: got shape {tuple(params.R.shape)}, expected ({sum(sizes)}, {hidden}): for {cell} "
            f"with H = {hidden} columns the rows are {named}"
        )
    array("params.W", params.W, (rows, "D"))
    array("params.b", params.b, (rows,), like=params.W)
    for name, count in cell.own_blocks.items():
        array(f"params.{name}", getattr(params, name), (count * hidden,), like=params.W)


def sequence(params: Params, xs: Array, name: str = "xs") -> None:
    """Check that a batch of input sequences is (T, B, D) with at least one step."""
    array(name, xs, ("T", "B", params.W.shape[1]), like=params.W)
    if xs.shape[0] == 0:
        raise ValueError(f"{name}: got an empty sequence (T = 0), expected at least one step")


def lengths(xs: Array, lengths: Sequence[int]) -> list[int]:
    """Check that lengths are B whole numbers from 1 to T, and return them."""
    T, B = xs.shape[:2]
    values = lengths.tolist() if hasattr(lengths, "tolist") else lengths
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise TypeError(f"lengths: got {lengths!r}, expected one whole number for each sequence")
    if not all(isinstance(n, Integral) and not isinstance(n, bool) for n in values):
        raise TypeError(f"lengths: got {values}, expected whole numbers")
    if len(values) != B:
        raise ValueError(
            f"lengths: got {len(values)} of them, expected one for each of {B} sequences"
        )
    if wrong := [value for value in values if not 1 <= value <= T]:
        raise ValueError(f"lengths: got {wrong[0]}, expected 1 to T = {T}")
    return [int(value) for value in values]


def trajectory(cell: Cell, params: Params, trajectory: Trajectory) -> None:
    """Check that a trajectory is a run of this cell, with weights of these sizes."""
    if not hasattr(trajectory, "trace"):
        came = type(trajectory).__name__
        raise TypeError(f"trajectory: got {came}, expected what unroll.forward returns")
    if trajectory.cell != cell:
        raise ValueError(f"trajectory: got a run of {trajectory.cell}, expected one of {cell}")
    array("trajectory.xs", trajectory.xs, ("T", "B", params.W.shape[1]), like=params.W)
    T, B, _ = trajectory.xs.shape
    sizes = cell.state_sizes(params.R.shape[1])
    for name, states, size in zip(cell.state_names, trajectory.states, sizes, strict=True):
        array(f"trajectory's {name}", states, (T + 1, B, size), like=params.W)


def state(
    cell: Cell, params: Params, state: Array | tuple[Array, ...] | None, batch: Shape
) -> tuple[Array, ...]:
    """Check a state and return it as a tuple, one (*batch, size) array per name; None gives zeros.

    As in torch.nn, a cell with one state takes the bare array, a cell with two takes a tuple.
    """
    names, sizes = cell.state_names, cell.state_sizes(params.R.shape[1])
    if state is None:
        return tuple(ops.zeros((*batch, size), params.W) for size in sizes)
    states = tuple(state) if isinstance(state, tuple | list) else (state,)
    if len(states) != len(names):
        raise ValueError(
            f"state: got {len(states)} arrays, expected {len(names)}: {', '.join(names)}"
        )
    for name, value, size in zip(names, states, sizes, strict=True):
        array(f"state {name}", value, (*batch, size), like=params.W)
    return states
