"""In Colab, simulated: the first cell installs the course from its repository, and nothing else."""

from __future__ import annotations

import subprocess

import pytest
from chapters import CHAPTERS, EXERCISES, read, repository_url
from machine import PYTHON, colab, errors, fetching, run

pytestmark = [pytest.mark.xdist_group("colab-install"), pytest.mark.usefixtures("colab_is_there")]
SAID = "Note: you may need to restart the kernel to use updated packages.\n"


def pip(*arguments: str) -> str:
    command = [PYTHON, "-m", "pip", *arguments]
    return subprocess.run(command, env=colab(), capture_output=True, text=True, check=True).stdout


@pytest.fixture
def without_course():
    pip("uninstall", "--quiet", "--yes", "lstm-course")
    yield
    pip("uninstall", "--quiet", "--yes", "lstm-course")


@pytest.mark.parametrize("path", [CHAPTERS[1], EXERCISES[1]], ids=["chapter", "exercise"])
@pytest.mark.usefixtures("without_course")
def test_the_first_cell_installs_the_course_alone(path, repository, tmp_path):
    before = set(pip("freeze", "--all").splitlines())
    assert not any(line.startswith("lstm") for line in before)
    done = run(read(path), tmp_path, colab() | fetching(repository))
    first = next(cell for cell in done.cells if cell.cell_type == "code")
    assert "".join(output.text for output in first.outputs) == SAID, first.outputs
    after = set(pip("freeze", "--all").splitlines())
    (new,) = after - before
    assert before < after
    assert new.startswith(f"lstm-course @ git+{repository_url()}@")
    failed = errors(done)
    assert all(name.endswith("-check") for name in failed), failed
