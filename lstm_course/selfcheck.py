"""Checks of a student's answers: they say what is wrong, where, and by how far.

The exercises' check cells call these. Each raises AssertionError with a sentence for the student, and
returns nothing, or the answer, if all is well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

NOT_YET = "{name} returns nothing yet: write its lines in the cell above, and run that cell again"


def answer(function: Callable[..., Any], *args: Any) -> Any:
    """What the student's function returns for these arguments.

    Raises AssertionError as long as that is None, and if the function changed one of its arguments,
    which would spoil every later check.
    """
    __tracebackhide__ = True
    name = function.__name__
    before = [np.array(arg) if isinstance(arg, np.ndarray) else arg for arg in args]
    found = function(*args)
    for i, (arg, old) in enumerate(zip(args, before, strict=True)):
        if isinstance(arg, np.ndarray) and not np.array_equal(arg, old, equal_nan=True):
            raise AssertionError(
                f"{name} changed its argument number {i + 1} in place: work on a copy of it"
            )
    if found is None:
        raise AssertionError(NOT_YET.format(name=name))
    return found


def answers(function: Callable[..., Any], count: int, *args: Any) -> tuple[Any, ...]:
    """The ``count`` values that the student's function returns, as `answer`.

    Raises AssertionError if there are more or fewer of them.
    """
    __tracebackhide__ = True
    found = answer(function, *args)
    if not isinstance(found, tuple | list) or len(found) != count:
        got = f"{len(found)}" if isinstance(found, tuple | list) else type(found).__name__
        raise AssertionError(f"{function.__name__}: returned {got}, expected {count} values")
    return tuple(found)


def same(found: Any, wanted: Any, name: str, hint: str = "", tolerance: float = 1e-8) -> None:
    """Assert that numbers agree, entry by entry: |found − wanted| ≤ tolerance · (1 + |wanted|).

    ``found`` and ``wanted`` are numbers, arrays or what NumPy makes arrays of, of the same shape.
    Raises AssertionError that names the entry that is farthest off, both values, and the hint.
    """
    __tracebackhide__ = True
    wanted = _array(wanted)
    found = _numbers(found, wanted.shape, name, hint)
    off = np.abs(found - wanted)
    wrong = off > tolerance * (1 + np.abs(wanted))
    if wrong.any():
        where = np.unravel_index(np.argmax(np.where(wrong, off, -1)), wanted.shape)
        place = f"{name}[{', '.join(map(str, where))}]" if where else name
        many = f" ({wrong.sum()} of {wanted.size} entries are off)" if wanted.size > 1 else ""
        raise AssertionError(
            f"{place} is {found[where]:.6g}, expected {wanted[where]:.6g}{many}. {hint}".rstrip()
        )


def gradient(
    found: Any,
    loss: Callable[[np.ndarray], float],
    at: np.ndarray,
    name: str,
    hint: str = "",
    tolerance: float = 1e-6,
) -> None:
    """Assert that ``found`` is the derivative of ``loss`` with respect to an array, at ``at``.

    The derivative is measured by central differences, ``loss`` being called with changed copies of
    ``at`` (float64). Raises AssertionError that names the weight for which ``found`` is farthest off.
    """
    __tracebackhide__ = True
    at = np.array(at, dtype=float)
    measured = np.empty(at.shape)
    step = 1e-6
    for i in np.ndindex(at.shape):
        above, below = at.copy(), at.copy()
        above[i] += step
        below[i] -= step
        measured[i] = (loss(above) - loss(below)) / (2 * step)
    same(found, measured, name, f"(By finite differences.) {hint}", tolerance)


def _array(value: Any) -> np.ndarray:
    """As float64; a torch tensor may have a gradient."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value, dtype=float)


def _numbers(found: Any, shape: tuple[int, ...], name: str, hint: str) -> np.ndarray:
    __tracebackhide__ = True
    if found is None:
        raise AssertionError(f"{name} is None: something returns nothing yet")
    try:
        numbers = _array(found)
    except (TypeError, ValueError):
        raise AssertionError(
            f"{name}: got {type(found).__name__}, expected numbers of shape {shape}"
        ) from None
    if numbers.shape != shape:
        raise AssertionError(f"{name}: shape {numbers.shape}, expected {shape}. {hint}".rstrip())
    if not np.isfinite(numbers).all():
        raise AssertionError(f"{name}: some entries are not finite numbers. {hint}".rstrip())
    return numbers
