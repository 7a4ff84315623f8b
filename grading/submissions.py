"""What students hand in: notebooks in a folder, whose, of which exercise, and with which answers."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grading import exercises
from grading.exercises import Exercise

LARGEST = 16 * 2**20  # bytes of a file
MOST_CELLS = 1000
MAGIC = re.compile(r"^([ \t]*)[%!].*$", flags=re.MULTILINE)
# Not by Python's parser: what a student's code makes of that must not happen here.
DEFINED = re.compile(r"^def[ \t]+(\w+)[ \t]*\(", flags=re.MULTILINE)


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


@dataclass(frozen=True)
class Cell:
    """What counts of a cell."""

    kind: str
    source: str
    grade_id: str | None


@dataclass(frozen=True)
class Notebook:
    """What counts of a notebook."""

    exercise: Any  # which one it says that it answers
    cells: list[Cell]


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
    for path in sorted(folder.rglob("*")):
        # What lies in a folder that can't be read is missed; the folder itself then stands for it.
        if path.is_dir() and not path.is_symlink() and os.access(path, os.R_OK | os.X_OK):
            continue
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


def content(submission: Submission) -> bytes:
    """The bytes of a file. Raises UnreadableError if it can't be that of a notebook."""
    try:
        found = submission.path.lstat()
        if not stat.S_ISREG(found.st_mode):  # whose end might never come, or which lies elsewhere
            raise UnreadableError("a link, a special file or a closed folder, not a notebook")
        if submission.path.suffix != ".ipynb":
            raise UnreadableError("not a notebook: its name does not end in .ipynb")
        if found.st_size > LARGEST:
            size, most = (f"{n / 2**20:.0f} MiB" for n in (found.st_size, LARGEST))
            raise UnreadableError(f"too large: {size}, at most {most}")
        return submission.path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"can't be read: {error.strerror}") from None


def read(submission: Submission) -> Notebook:
    """The notebook of a file. Raises UnreadableError if it is none.

    What a notebook has besides code, text and the cells' names is left aside, valid or not.
    """
    try:
        text = content(submission).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("not a notebook: not a text in UTF-8") from None
    try:
        found = json.loads(text)
    except RecursionError:
        raise UnreadableError("not a notebook: lists inside lists without end") from None
    except ValueError as error:
        raise UnreadableError(f"not a notebook: no JSON, {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        raise UnreadableError("not a notebook: it has no list of cells")
    if len(found["cells"]) > MOST_CELLS:
        raise UnreadableError(f"too large: {len(found['cells'])} cells, at most {MOST_CELLS}")
    cells = [_cell(number, cell) for number, cell in enumerate(found["cells"], start=1)]
    return Notebook(_entry(_entry(found, "metadata"), "lstm_course").get("exercise"), cells)


def _cell(number: int, cell: Any) -> Cell:
    source = cell.get("source", "") if isinstance(cell, dict) else None
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise UnreadableError(f"not a notebook: cell {number} has no text")
    key = _entry(_entry(cell, "metadata"), "nbgrader").get("grade_id")
    return Cell(str(cell.get("cell_type")), source, key if isinstance(key, str) else None)


def _entry(where: dict[str, Any], name: str) -> dict[str, Any]:
    """An object inside an object; an empty one where there is none."""
    found = where.get(name)
    return found if isinstance(found, dict) else {}


def exercise_of(notebook: Notebook, submission: Submission) -> str:
    """The exercise that a notebook answers: it says so itself, or its name or its cells do.

    Raises UnreadableError if none fits.
    """
    there = exercises.names()
    if notebook.exercise in there:
        return notebook.exercise
    for name in there:
        if name in submission.name:
            return name
    raise UnreadableError("of no exercise: neither the notebook nor its name says which")


def answers(notebook: Notebook, exercise: Exercise) -> Answers:
    """The cells to run, in the notebook's order, the given ones in their original wording.

    An answer is found by its cell's grade_id, and if that is gone by the function that a cell defines.
    Where there are several, the last one counts, as it would in a run from top to bottom.
    """
    found = Answers()
    wanted = {part.name for part in exercise.parts}
    prose = {part.name for part in exercise.prose}
    answered: dict[str, int] = {}
    for number, cell in enumerate(notebook.cells):
        key = cell.grade_id
        if cell.kind == "markdown" and key in prose:
            found.prose[key] = cell.source
        if cell.kind != "code" or key in exercise.fixed or not cell.source.strip():
            continue
        source = MAGIC.sub(r"\1pass", cell.source)
        defined = wanted.intersection(DEFINED.findall(source))
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
