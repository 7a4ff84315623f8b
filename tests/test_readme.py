"""The README's commands print what it says they print."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest
from chapters import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^\$ (python -c .+)\n((?:(?!\$ |```).+\n)+)", TEXT, flags=re.MULTILINE)


def test_every_command_is_found():
    assert len(SHOWN) == TEXT.count("$ python -c") >= 4


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=range(len(SHOWN)))
def test_command_prints_what_is_shown(command, output):
    program = [sys.executable, *shlex.split(command)[1:]]
    done = subprocess.run(program, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stderr == ""
    assert done.stdout == output


def test_layout_names_what_exists():
    layout = TEXT.split("## Layout")[1].split("```")[1]
    named = re.findall(r"^(\S+?)(?: (\S+/))?  ", layout, flags=re.MULTILINE)
    for names in named:
        for name in filter(None, names):
            assert (ROOT / name).exists(), name
