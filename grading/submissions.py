"""What students hand in: notebooks in a folder, whose, of which exercise, and with which answers."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from grading import exercises
from grading.exercises import Exercise

LARGEST = 30 * 2**20  # bytes of a file
MAGIC = re.compile(r"^(\s*)[%!].*$", flags=re.MULTILINE)


class UnreadableError(ValueError):
    """A file that can't be graded; the message is for the row in the table."""


@dataclass(frozen=True)
class Submission:
    """A file that was handed in."""

    path: Path
    name: str  # its path inside the folder
    student: str

    @property
    def key(self) -> str:
        """A name for files about it, whatever characters its own name has."""
        return hashlib.sha256(self.name.encode("utf-8", "surrogateescape")).hexdigest()[:16]


@dataclass
class Answers:
    """A notebook's cells as they are to be run, its prose, and what was odd about it."""

    cells: list[tuple[str, str]] = field(default_factory=list)
    prose: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find(folder: Path) -> list[Submission]:
    """All files below a folder, in the order of their names.

    A file in a folder of its own belongs to the student whose name the outermost folder has; else the
    file's own name says whose it is.
    """
    found = []
    for path in sorted(p for p in folder.rglob("*") if not p.is_dir() or p.is_symlink()):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") or part == "__MACOSX" for part in parts):
            continue
        name = "/".join(parts)
        found.append(Submission(path, name, parts[0] if len(parts) > 1 else _owner(path.stem)))
    return found


def _owner(stem: str) -> str:
    """The student's part of a file name such as `ada_02_backpropagation_through_time`."""
    for exercise in exercises.names():
        if exercise in stem:
            rest = stem.replace(exercise, "").strip(" _-.")
            return rest or stem
    return stem


def read(submission: Submission) -> dict[str, Any]:
    """The notebook of a file. Raises UnreadableError if it is none."""
    if submission.path.is_symlink() or not submission.path.is_file():
        raise UnreadableError("a link or a special file, not a notebook")
    size = submission.path.stat().st_size
    if submission.path.suffix != ".ipynb":
        raise UnreadableError("not a notebook: its name does not end in .ipynb")
    if size > LARGEST:
        raise UnreadableError(f"too large: {size / 2**20:.0f} MiB, at most {LARGEST / 2**20:.0f}")
    try:
        text = submission.path.read_bytes().decode("utf-8-sig")
        notebook = nbformat.reads(text, as_version=4)
        _check_shape(notebook)
    except UnicodeDecodeError:
        raise UnreadableError("not a notebook: not a text in UTF-8") from None
    except RecursionError:
        raise UnreadableError("not a notebook: lists inside lists without end") from None
    except Exception as error:  # nbformat raises many kinds for what is JSON and no notebook
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise UnreadableError(f"not a notebook that can be read: {reason}") from None
    return notebook


def _check_shape(notebook: Any) -> None:
    """Raise ValueError where what is needed is missing; nbformat refuses more, which editors write."""
    if not isinstance(notebook.get("metadata", {}), dict):
        raise ValueError("its metadata is no object")
    for number, cell in enumerate(notebook["cells"], start=1):
        for part, kind in (("cell_type", str), ("source", str), ("metadata", dict)):
            if not isinstance(cell.setdefault(part, kind()), kind):
                raise ValueError(f"cell {number}: its {part} is of a wrong type")


def exercise_of(notebook: Any, submission: Submission) -> str:
    """The exercise that a notebook answers: it says so itself, or its name or its cells do.

    Raises UnreadableError if none fits.
    """
    there = exercises.names()
    own = notebook.get("metadata", {}).get("lstm_course")
    said = own.get("exercise") if isinstance(own, dict) else None
    if said in there:
        return said
    for name in there:
        if name in submission.name:
            return name
    raise UnreadableError("of no exercise: neither the notebook nor its name says which")


def answers(notebook: Any, exercise: Exercise) -> Answers:
    """The cells to run, in the notebook's order, the given ones in their original wording.

    An answer is found by its cell's grade_id, and if that is gone by the function that a cell defines.
    Where there are several, the last one counts, as it would in a run from top to bottom.
    """
    found = Answers()
    wanted = {part.name for part in exercise.parts}
    prose = {part.name for part in exercise.prose}
    answered: dict[str, int] = {}
    for number, cell in enumerate(notebook.cells):
        key = _grade_id(cell)
        if cell.cell_type == "markdown" and key in prose:
            found.prose[key] = cell.source
        if cell.cell_type != "code" or key in exercise.fixed or not cell.source.strip():
            continue
        source = MAGIC.sub(r"\1pass", cell.source)
        defined = _defined(source) & wanted
        name = key if key in wanted else next(iter(sorted(defined)), f"own cell {number + 1}")
        for answer in defined | ({key} & wanted):
            answered[answer] = answered.get(answer, 0) + 1
            if key != answer and key not in wanted:
                found.notes.append(f"{answer}: found by its name, the cell's mark is gone")
        found.cells.append((name, source))
    for part in exercise.parts:
        if part.name not in answered:
            found.missing.append(part.name)
        elif answered[part.name] > 1:
            found.notes.append(f"{part.name}: {answered[part.name]} cells, the last one counts")
    found.cells = [*exercise.given, *found.cells]
    return found


def _grade_id(cell: Any) -> str | None:
    own = cell.metadata.get("nbgrader")
    key = own.get("grade_id") if isinstance(own, dict) else None
    return key if isinstance(key, str) else None


def _defined(source: str) -> set[str]:
    """The functions that a cell defines, read from it without running it."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"^def\s+(\w+)\s*\(", source, flags=re.MULTILINE))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
