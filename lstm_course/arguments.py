"""Checks of plain arguments: each error names the argument, what came and what was expected."""

from __future__ import annotations

from math import isfinite
from numbers import Integral, Real
from typing import Any


def whole(name: str, value: Any, at_least: int = 1) -> int:
    """Return a whole number from ``at_least`` on. Raises TypeError or ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name}: got {value!r}, expected a whole number")
    if value < at_least:
        raise ValueError(f"{name}: got {value}, expected at least {at_least}")
    return int(value)


def number(name: str, value: Any, low: float = float("-inf"), high: float = float("inf")) -> float:
    """Return a finite number in [low, high]. Raises TypeError or ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: got {value!r}, expected a number")
    if not (isfinite(value) and low <= value <= high):
        limits = f" in [{low:g}, {high:g}]" if isfinite(high) else f", {low:g} or above"
        limits = "" if not isfinite(low) else limits
        raise ValueError(f"{name}: got {value}, expected a finite number{limits}")
    return float(value)


def flag(name: str, value: Any) -> bool:
    """Return True or False. Raises TypeError for anything else."""
    if not isinstance(value, bool):
        raise TypeError(f"{name}: got {value!r}, expected True or False")
    return value


def choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return one of a few names. Raises ValueError for anything else."""
    if not (isinstance(value, str) and value in choices):
        raise ValueError(f"{name}: got {value!r}, expected one of {', '.join(map(repr, choices))}")
    return value
