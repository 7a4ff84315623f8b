"""Truth from outside, as it lies in tests/data; its README says where each file is from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parents[1] / "data"


@cache
def vectors(file: str) -> dict[str, dict[str, np.ndarray]]:
    """The arrays of an .npz with keys ``case/name``, by case and name."""
    found: dict[str, dict[str, np.ndarray]] = {}
    with np.load(DATA / f"{file}.npz") as archive:
        for key in archive.files:
            case, _, name = key.partition("/")
            found.setdefault(case, {})[name] = archive[key]
    return found


@cache
def described(file: str) -> dict:
    """The ``cases`` of a .json."""
    return json.loads((DATA / f"{file}.json").read_text(encoding="utf-8"))["cases"]
