"""From a submission to its marks: run the answers in the sandbox, compare what they return outside."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from grading import exercises, sandbox, submissions, values
from grading.exercises import Exercise
from grading.submissions import Answers, Submission, UnreadableError

SECONDS = 8.0  # for each step: a cell, or a call of an answer
ATTEMPTS = 4  # runs of one notebook; each goes on without the step that ended the one before
IN_ALL = 15  # how many steps' time a notebook may take, all its runs together
LONGEST_MESSAGE = 400
MOST_NOTES = 20


@dataclass(frozen=True)
class Settings:
    """What all submissions of a run share."""

    seed: int
    exercise: str | None = None  # of all notebooks, whatever they say
    seconds: float = SECONDS
    sandboxed: bool = True


def mark_or_say_why(submission: Submission, settings: Settings) -> dict[str, Any]:
    """The result of one file; what is wrong with this program must not stop the others."""
    try:
        return mark(submission, settings)
    except sandbox.SandboxError:
        raise
    except Exception as error:
        said = f"the grader itself failed on it: {type(error).__name__}: {error}"[:300]
        return _unmarked(submission) | {"status": "not graded", "notes": [said]}


def _unmarked(submission: Submission) -> dict[str, Any]:
    return {
        "file": submission.name,
        "student": submission.student,
        "exercise": None,
        "status": "graded",
        "points": 0,
        "possible": None,
        "parts": [],
        "prose": [],
        "notes": [],
        "printed": "",
    }


def mark(submission: Submission, settings: Settings) -> dict[str, Any]:
    """The result of one file, as it is stored: always a result, whatever the file holds."""
    result = _unmarked(submission)
    try:
        notebook = submissions.read(submission)
        name = settings.exercise or submissions.exercise_of(notebook, submission)
    except UnreadableError as error:
        return result | {"status": "not graded", "notes": [str(error)]}
    exercise = exercises.load(name, settings.seed)
    answers = submissions.answers(notebook, exercise)
    found, ended, printed = _run(exercise, answers, settings)
    parts = [_marked(part, found, ended, answers) for part in exercise.parts]
    return result | {
        "exercise": name,
        "points": sum(part["points"] for part in parts),
        "possible": exercise.points,
        "parts": parts,
        "prose": [
            {"name": p.name, "possible": p.points, "text": answers.prose.get(p.name, "")}
            for p in exercise.prose
        ],
        "notes": [*answers.notes, *ended.values(), *_own_errors(found, exercise)][:MOST_NOTES],
        "printed": printed,
    }


Found = dict[tuple[str, str, int], dict[str, Any]]


def _run(
    exercise: Exercise, answers: Answers, settings: Settings
) -> tuple[Found, dict[str, str], str]:
    """Run all cells, then call all answers; begin again without a step that ended the process.

    Returns the lines of the steps that came to their end, why a step that did not was ended, by its name,
    and the beginning of what was printed.
    """
    deadline = time.monotonic() + IN_ALL * settings.seconds
    cells = list(answers.cells)
    calls = [
        (part.name, number, arguments)
        for part in exercise.parts
        if part.name not in answers.missing
        for number, arguments in enumerate(part.arguments)
    ]
    found: Found = {}
    ended: dict[str, str] = {}
    printed = ""
    for _ in range(ATTEMPTS):
        outcome = sandbox.run(
            {"cells": cells, "calls": [(name, arguments) for name, _, arguments in calls]},
            seconds=settings.seconds,
            in_all=deadline - time.monotonic(),
            sandboxed=settings.sandboxed,
        )
        printed = printed or outcome.printed
        steps = [
            ("start", "", 0),
            *(("cell", name, 0) for name, _ in cells),
            *(("call", name, number) for name, number, _ in calls),
        ]
        found.update(zip(steps, outcome.lines, strict=False))
        if not outcome.ended:
            break
        kind, name, _ = steps[len(outcome.lines)]
        ended[name] = f"{name}: {outcome.ended}"
        if kind == "cell":
            cells = [cell for cell in cells if cell[0] != name]
        calls = [call for call in calls if call[0] != name]
        if time.monotonic() > deadline:
            break
    return found, ended, printed


def _error(line: dict[str, Any]) -> str | None:
    """What went wrong at a step, as it says itself: whatever a program likes to say."""
    said = line.get("error")
    return said[:LONGEST_MESSAGE] if isinstance(said, str) else None


def _own_errors(found: Found, exercise: Exercise) -> list[str]:
    """What went wrong in cells that hold no answer: it costs nothing, but may explain something."""
    answers = {part.name for part in exercise.parts}
    return [
        said
        for (kind, name, _), line in found.items()
        if kind == "cell" and name not in answers and (said := _error(line))
    ]


def _marked(
    part: exercises.Part, found: Found, ended: dict[str, str], answers: Answers
) -> dict[str, Any]:
    """One answer's points, and what is said about it."""
    result = {"name": part.name, "possible": part.points, "points": 0}
    if part.name in answers.missing:
        return result | {"said": "not found in the notebook"}
    if part.name in ended:
        return result | {"said": ended[part.name].partition(": ")[2]}
    said = [
        _wrong(part, number, found.get(("call", part.name, number)))
        for number in range(len(part.arguments))
    ]
    wrong = [s for s in said if s is not None]
    if not wrong:
        return result | {"points": part.points, "said": "right"}
    if cell := _error(found.get(("cell", part.name, 0), {})):
        return result | {"said": cell}
    return result | {"said": f"wrong for {len(wrong)} of {len(said)} inputs: {wrong[0]}"}


def _wrong(part: exercises.Part, number: int, line: dict[str, Any] | None) -> str | None:
    if line is None:
        return "the run had ended before"
    if "value" not in line:
        return _error(line) or "nothing was returned"
    try:
        return part.wrong(number, values.decode(line["value"]))
    except ValueError as error:
        return str(error)
