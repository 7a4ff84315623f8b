"""A run written to a file in one step, so that it is whole or not there, and read back with care."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import torch

VERSION = 1


class DamagedError(ValueError):
    """A checkpoint that can't be read: cut off, changed, or no checkpoint at all."""


class MismatchError(ValueError):
    """A checkpoint of another run, or of another version of this package."""


def save(path: Path, settings: dict[str, str], state: dict[str, Any]) -> None:
    """Write a checkpoint beside its place and move it there: a reader finds the old one or the new one.

    Raises OSError, such as for a full disk; the old one is still there then, and nothing else.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(part, "wb") as file:
            torch.save({"version": VERSION, "settings": settings, "state": state}, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def load(path: Path, settings: dict[str, str], device: torch.device) -> dict[str, Any]:
    """The state of a checkpoint that was written for the same settings.

    Only numbers and arrays are read, so that no file can bring a program along. Raises DamagedError
    for a file that is no whole checkpoint, MismatchError for one of another version or other settings.
    """
    content = io.BytesIO(path.read_bytes())
    try:
        found = torch.load(content, map_location=device, weights_only=True)
        version, came, state = found["version"], found["settings"], found["state"]
    except Exception as error:  # torch.load has no error of its own for this
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DamagedError(
            f"checkpoint: {path} can't be read ({reason}); delete it to begin anew"
        ) from error
    if version != VERSION:
        raise MismatchError(f"checkpoint: {path} has version {version}, expected {VERSION}")
    for name in sorted(settings.keys() | came.keys()):
        if settings.get(name) != came.get(name):
            raise MismatchError(
                f"checkpoint: {path} is of a run with {name} = {came.get(name)}, expected "
                f"{settings.get(name)}; give another path, or delete it to begin anew"
            )
    return state
