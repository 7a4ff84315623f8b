"""The exercises as the grader sees them: the answers, what is asked of them, and what is right."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import numpy as np

from grading import values

FOLDER = Path(__file__).resolve().parents[1] / "exercises"
CALLS = 10  # how often each answer is called
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Part:
    """A function that the student writes, and the points that it is worth."""

    name: str
    points: int
    arguments: tuple[Any, ...]  # of each call, coded
    wanted: tuple[Any, ...]  # of each call: what the solution returns
    tolerance: float
    judge: Callable[[Any, Any, Any], bool] | None

    def wrong(self, number: int, found: Any) -> str | None:
        """What is wrong with the value of a call, without the right one; None if it is right."""
        wanted = self.wanted[number]
        if self.judge is None:
            return values.difference(found, wanted, self.tolerance)
        arguments = [values.decode(argument) for argument in self.arguments[number]]
        try:
            right = self.judge(arguments, found, wanted)
        except Exception:  # a value that the judge did not reckon with is not a right one
            right = False
        return None if right is True or right is np.True_ else "wrong"


@dataclass(frozen=True)
class Prose:
    """An answer in words, marked by a person."""

    name: str
    points: int


@dataclass(frozen=True)
class Exercise:
    """An assignable notebook: its answers in order, and the code that they may rely on."""

    name: str
    title: str
    parts: tuple[Part, ...]
    prose: tuple[Prose, ...]
    given: tuple[tuple[str, str], ...]  # name and source of the cells that answers may use
    fixed: frozenset[str]  # names of the cells that a student is not to change
    digest: str  # of the source and of what is asked

    @property
    def points(self) -> int:
        """What the parts that the grader marks are worth together."""
        return sum(part.points for part in self.parts)


def names() -> list[str]:
    """The names of all exercises, in the order of the chapters."""
    return sorted(path.stem for path in FOLDER.glob("*.md"))


@cache
def load(name: str, seed: int) -> Exercise:
    """An exercise, with arguments drawn for this seed and the solution's values for them.

    Raises ValueError for an unknown name.
    """
    if name not in names():
        raise ValueError(f"exercise: got {name!r}, expected one of {', '.join(names())}")
    source, asked = FOLDER / f"{name}.md", FOLDER / f"{name}.py"
    notebook = jupytext.read(source)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    given = tuple(
        (key, cell.source)
        for key, cell in cells.items()
        if "given" in cell.metadata.get("tags", ())
    )
    answers = {
        key: cell.source
        for key, cell in cells.items()
        if key and cell.cell_type == "code" and cell.metadata.nbgrader.solution
    }
    questions, namespace = _module(asked), {}
    for key, code in (*given, *answers.items()):
        exec(compile(code, f"<{name}: {key}>", "exec"), namespace)
    parts = [
        _part(key, cells[f"{key}-check"].metadata.nbgrader.points, namespace[key], questions, seed)
        for key in answers
    ]
    prose = [
        Prose(key, cell.metadata.nbgrader.points)
        for key, cell in cells.items()
        if key and cell.cell_type == "markdown"
    ]
    return Exercise(
        name=name,
        title=_title(notebook),
        parts=tuple(parts),
        prose=tuple(prose),
        given=given,
        fixed=frozenset(key for key in cells if key) - answers.keys() - {p.name for p in prose},
        digest=hashlib.sha256(source.read_bytes() + asked.read_bytes()).hexdigest(),
    )


def _part(name: str, points: int, solution: Any, questions: Any, seed: int) -> Part:
    arguments, wanted = [], []
    for number in range(CALLS):
        # The name keeps two answers with the same sizes from being asked the same.
        rng = np.random.default_rng([seed, number, *name.encode()])
        coded = tuple(values.encode(argument) for argument in getattr(questions, name)(rng))
        arguments.append(coded)
        right = solution(*[values.decode(argument) for argument in coded])
        wanted.append(values.decode(values.encode(right)))
    tolerance = getattr(questions, "TOLERANCE", {}).get(name, TOLERANCE)
    judge = getattr(questions, f"judge_{name}", None)
    return Part(name, points, tuple(arguments), tuple(wanted), tolerance, judge)


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"asked_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _title(notebook: nbformat.NotebookNode) -> str:
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return cell.source.splitlines()[0].removeprefix("# ")
    raise ValueError("no title")
