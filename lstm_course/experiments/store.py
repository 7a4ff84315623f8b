"""Results on disk: a file for each job, written in one step, and a note of the version beside them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

VERSION = 1
HEADER = "results.json"


class OtherVersionError(ValueError):
    """A folder of results that another version of the package has written."""


class CorruptError(ValueError):
    """A result that can't be read."""


class Store:
    """A folder of results. Raises OtherVersionError for one of another version, OSError for a file."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        header = self.folder / HEADER
        if not header.exists():
            if others := [p.name for p in self.folder.iterdir() if not p.name.startswith(".")]:
                raise OtherVersionError(
                    f"results: {self.folder} holds {others[0]}, but no {HEADER}: choose an empty folder"
                )
            write(header, {"version": VERSION})
        try:
            version = json.loads(header.read_text(encoding="utf-8"))["version"]
        except (ValueError, TypeError, KeyError):
            version = "none that can be read"
        if version != VERSION:
            raise OtherVersionError(
                f"results: {self.folder} has version {version}, expected {VERSION}: choose another folder"
            )

    def path(self, job: str) -> Path:
        """Where a job's result is, or will be."""
        return self.folder / f"{_safe(job)}.json"

    def checkpoint(self, job: str) -> Path:
        """Where a job that was interrupted goes on from."""
        return self.folder / f".{_safe(job)}.checkpoint"

    def read(self, job: str) -> dict[str, Any] | None:
        """A job's result, None if there is none. Raises CorruptError for one that can't be read."""
        path = self.path(job)
        if not path.exists():
            return None
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["job"] != job or found["version"] != VERSION or not found["outcomes"]:
                raise ValueError("it is not this job's")
        except (ValueError, TypeError, KeyError) as error:
            raise CorruptError(f"results: {path} can't be read ({error})") from error
        return found

    def write(self, job: str, outcomes: list[dict[str, Any]]) -> None:
        """Keep a job's result; its checkpoint is not needed any more. Raises OSError for a full disk."""
        write(self.path(job), {"version": VERSION, "job": job, "outcomes": outcomes})
        self.checkpoint(job).unlink(missing_ok=True)

    def all(self) -> list[dict[str, Any]]:
        """All results that can be read, by name of the job."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            if path.name != HEADER:
                try:
                    result = json.loads(path.read_text(encoding="utf-8"))
                    found.append(result if result["outcomes"] else None)
                except (ValueError, TypeError, KeyError):
                    continue
        return [result for result in found if result]


def write(path: Path, value: Any) -> None:
    """Write JSON beside its place and move it there: nobody ever reads half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "w", encoding="utf-8") as file:
            json.dump(value, file, separators=(",", ":"))
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _safe(name: str) -> str:
    return name.replace("/", "__")
