"""One run over all the notebooks of `handed_in`, shared by the tests."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import assignments
import handed_in
import pytest

from grading import sandbox

ROOT = Path(__file__).resolve().parents[2]


class Graded(NamedTuple):
    """A finished run."""

    out: Path
    outside: Path
    cases: dict[str, handed_in.Case]
    rows: dict[str, dict[str, str]]  # of grades.csv, by file
    results: dict[str, dict[str, Any]]  # by file


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "grading", *map(str, arguments)]


def grade(*arguments: object, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=600, **kwargs
    )


def file_of(name: str, case: handed_in.Case) -> str:
    return case.name or f"{name}.ipynb"


@pytest.fixture(scope="session")
def sandboxed() -> None:
    """Skip where there is no sandbox; fail where there has to be one."""
    try:
        sandbox.check()
    except sandbox.SandboxError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def all_cases(tmp_path_factory) -> tuple[dict[str, handed_in.Case], Path]:
    outside = tmp_path_factory.mktemp("outside")
    solved = assignments.solved(assignments.SOURCES / f"{handed_in.EXERCISE}.md")
    return handed_in.cases(solved, outside), outside


def hand_in(folder: Path, cases: dict[str, handed_in.Case]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, case in cases.items():
        path = folder / file_of(name, case)
        case.content(path) if callable(case.content) else path.write_bytes(case.content)
    return folder


@pytest.fixture(scope="session")
def graded(sandboxed, all_cases, tmp_path_factory) -> Graded:
    """Everything graded, in one command."""
    cases, outside = all_cases
    folder = hand_in(tmp_path_factory.mktemp("handed-in"), cases)
    out = tmp_path_factory.mktemp("graded") / "out"
    done = grade(folder, out, "--seed", 1, "--workers", 2, "--seconds", 5)
    assert done.returncode == 0, done.stderr
    with open(out / "grades.csv", encoding="utf-8", newline="") as file:
        rows = {row["file"].removeprefix("'"): row for row in csv.DictReader(file)}
    stored = [json.loads(path.read_text()) for path in (out / "results").glob("*.json")]
    return Graded(out, outside, cases, rows, {result["file"]: result for result in stored})
