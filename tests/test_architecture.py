"""The package is a house in which no import runs up, and the page that shows it tells the truth."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from chapters import BOOK, ROOT

LINTER = Path(sys.executable).with_name("lint-imports")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [LINTER, "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def storeys() -> list[list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (c for c in project["tool"]["importlinter"]["contracts"] if c["id"] == "storeys")
    return [[name.strip() for name in layer.split("|")] for layer in contract["layers"]]


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "lstm_course", tmp_path / "lstm_course")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_no_import_runs_up():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("cells/rnn.py", "from lstm_course import unroll\n"),
        ("plotting/decay.py", "from lstm_course.cells import RNN\n"),
    ],
)
def test_an_import_that_runs_up_is_found(copy, module, line):
    with (copy / "lstm_course" / module).open("a") as file:
        file.write(line)
    done = lint(copy)
    assert done.returncode == 1, done.stdout


def test_a_module_that_has_no_storey_is_found(copy):
    (copy / "lstm_course" / "shed.py").touch()
    assert lint(copy).returncode == 1


def test_the_page_shows_the_storeys():
    page = (BOOK / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("| storey |")[2].partition("\n\n")[0]
    shown = [re.findall(r"`(\w+)`", row.split("|")[2]) for row in table.splitlines()[2:]]
    assert shown == storeys()
