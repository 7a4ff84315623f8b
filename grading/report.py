"""What a run leaves for people: grades.csv, a page for each student, and a summary."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2

from grading import exercises
from grading.marking import Settings

COLUMNS = (
    "student",
    "file",
    "exercise",
    "points",
    "possible",
    "to mark by hand",
    "status",
    "parts",
    "notes",
)
UNSANDBOXED = (
    "Graded WITHOUT a sandbox: the students' code ran with your rights, could read and change your "
    "files, these results among them. Do not trust these marks."
)
# What a spreadsheet would take for a formula, also one that parts cells at semicolons.
FORMULA = re.compile(r"((?:^|;)\s*)([=+\-@|＝＋－＠])")
# The controls of terminals, and those that turn the order of what is shown around.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
Write = Callable[[Path, str], None]

pages = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def write_all(out: Path, results: list[dict[str, Any]], settings: Settings, write: Write) -> None:
    """Write the table, the feedback and the summary below ``out``, each as a whole."""
    write(out / "grades.csv", table(results))
    feedback = out / "feedback"
    feedback.mkdir(exist_ok=True)
    titles = {name: exercises.load(name, settings.seed).title for name in exercises.names()}
    students = []
    by_student = sorted(results, key=lambda r: (r["student"], r["file"]))
    for student, own in groupby(by_student, key=lambda r: r["student"]):
        notebooks, page = list(own), f"{_file_name(student)}.html"
        content = {"student": student, "notebooks": notebooks, "titles": titles}
        write(feedback / page, _clean(pages.get_template("feedback.html").render(content)))
        students.append({"name": student, "page": page, "notebooks": notebooks})
    summary = pages.get_template("summary.html").render(
        students=students,
        titles=titles,
        warning="" if settings.sandboxed else UNSANDBOXED,
        results=results,
        tally=list(_tally(results)),
    )
    write(out / "summary.html", _clean(summary))


def table(results: Iterable[dict[str, Any]]) -> str:
    """The text of grades.csv: a line for each file, in the order of their names."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for r in results:
        parts = "; ".join(f"{p['name']} {p['points']}/{p['possible']}" for p in r["parts"])
        line = [r["student"], r["file"], r["exercise"] or "", r["points"], r["possible"] or ""]
        line += [sum(p["possible"] for p in r["prose"]), r["status"], parts, "; ".join(r["notes"])]
        lines.writerow([_cell(value) for value in line])
    return text.getvalue()


def _cell(value: object) -> object:
    """A value that a spreadsheet shows and does not compute."""
    if not isinstance(value, str):
        return value
    return FORMULA.sub(r"\1'\2", CONTROL.sub("�", re.sub(r"[\t\n]", " ", value)))


def _clean(page: str) -> str:
    return CONTROL.sub("�", page)


def _tally(results: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """For each answer of each exercise, how many have it right."""
    graded = sorted((r for r in results if r["exercise"]), key=lambda r: r["exercise"])
    for name, group in groupby(graded, key=lambda r: r["exercise"]):
        own = list(group)
        for i, part in enumerate(own[0]["parts"]):
            right = sum(r["parts"][i]["points"] > 0 for r in own)
            yield {"exercise": name, "name": part["name"], "right": right, "of": len(own)}


def _file_name(student: str) -> str:
    """A name that every file system takes, different for different students."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", student).strip("._")[:60] or "student"
    mark = hashlib.sha256(student.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{plain}-{mark}"
