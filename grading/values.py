"""Values on their way in and out of the sandbox: numbers, strings and arrays as JSON, nothing else.

Both sides use this file. Nothing that a student's code sends is ever unpickled or evaluated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LARGEST = 100_000  # numbers in one value
DEEPEST = 8


def encode(value: Any, depth: int = 0) -> Any:
    """As what `json` writes. Raises TypeError or ValueError for what no exercise asks for."""
    if depth > DEEPEST:
        raise ValueError(f"lists inside lists, more than {DEEPEST} deep")
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        if isinstance(value, str) and len(value) > LARGEST:
            raise ValueError(f"a text of {len(value)} characters, more than {LARGEST}")
        if isinstance(value, int) and value.bit_length() > 1000:
            raise ValueError(f"a whole number of {value.bit_length()} bits, more than 1000")
        return value
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            raise TypeError(f"an array of {value.dtype}, expected one of numbers")
        if value.size > LARGEST:
            raise ValueError(f"an array of {value.size} numbers, more than {LARGEST}")
        return {"array": value.ravel().tolist(), "shape": list(value.shape)}
    if isinstance(value, list | tuple):
        if len(value) > LARGEST:
            raise ValueError(f"a list of {len(value)} entries, more than {LARGEST}")
        return {"list": [encode(entry, depth + 1) for entry in value]}
    if isinstance(value, dict):
        return {"dict": {str(key): encode(entry, depth + 1) for key, entry in value.items()}}
    raise TypeError(f"a value of type {type(value).__name__}, expected numbers, arrays or text")


def decode(coded: Any) -> Any:
    """What `encode` was given; tuples come back as lists.

    Raises ValueError for anything that `encode` does not make.
    """
    if coded is None or isinstance(coded, bool | int | float | str):
        return coded
    try:
        if "array" in coded:
            numbers = np.array(coded["array"], dtype=None if coded["array"] else float)
            if numbers.dtype.kind not in "biuf":
                raise ValueError("an array that holds something else than numbers")
            return numbers.reshape(coded["shape"])
        if "list" in coded:
            return [decode(entry) for entry in coded["list"]]
        return {str(key): decode(entry) for key, entry in coded["dict"].items()}
    except (AttributeError, KeyError, OverflowError, TypeError, RecursionError) as error:
        raise ValueError(f"not a coded value: {type(error).__name__}") from None


def difference(found: Any, wanted: Any, tolerance: float) -> str | None:
    """How a value differs from the right one, in words that do not give the right one away; or None.

    Numbers agree if they differ by no more than ``tolerance`` times the largest of the right array's
    entries (and 1e-9); truth values, texts and whole numbers agree if they are equal.
    """
    if found is None:
        return "nothing was returned"
    if isinstance(wanted, dict):
        if not isinstance(found, dict) or found.keys() != wanted.keys():
            return f"expected the keys {', '.join(wanted)}"
        pairs = [(found[key], wanted[key], f"entry {key!r}") for key in wanted]
    elif isinstance(wanted, list) and not _numbers(wanted):
        if not isinstance(found, list) or len(found) != len(wanted):
            return f"expected {len(wanted)} values"
        pairs = [
            (f, w, f"value {i + 1}") for i, (f, w) in enumerate(zip(found, wanted, strict=True))
        ]
    elif isinstance(wanted, str | bool):
        return None if type(found) is type(wanted) and found == wanted else "wrong"
    else:
        return _numeric_difference(found, np.asarray(wanted), tolerance)
    for f, w, place in pairs:
        if (said := difference(f, w, tolerance)) is not None:
            return f"{place}: {said}"
    return None


def _numbers(values: list[Any]) -> bool:
    return bool(values) and all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in values
    )


def _numeric_difference(found: Any, wanted: np.ndarray, tolerance: float) -> str | None:
    try:
        numbers = np.asarray(found)
    except ValueError:
        return "rows of different lengths, expected an array of numbers"
    if numbers.dtype.kind not in ("b" if wanted.dtype.kind == "b" else "iuf"):
        return "not numbers" if wanted.dtype.kind != "b" else "expected truth values"
    if numbers.shape != wanted.shape:
        return f"shape {numbers.shape}, expected {wanted.shape}"
    if wanted.dtype.kind == "b":
        return None if np.array_equal(numbers, wanted) else "wrong"
    if not np.isfinite(numbers).all():
        return "some numbers are not finite"
    largest = float(np.abs(wanted).max(initial=0))
    off = float(np.abs(numbers.astype(float) - wanted).max(initial=0))
    if off <= (0 if wanted.dtype.kind in "iu" else tolerance * largest + 1e-9):
        return None
    return (
        f"off by up to {100 * off / largest:.1g} % of the largest entry" if largest else "not zero"
    )
