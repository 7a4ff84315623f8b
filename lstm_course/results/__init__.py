"""Stored results of long trainings, each beside a note of how it was made."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def stored(name: str) -> Any:
    """A stored result. Raises FileNotFoundError for a name that there is not."""
    return json.loads((files(__name__) / f"{name}.json").read_text(encoding="utf-8"))
