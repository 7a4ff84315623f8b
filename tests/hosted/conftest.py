"""The course as others get it: from its repository, and as a wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from chapters import ROOT, repository_url
from machine import PYTHON


@pytest.fixture(scope="session")
def repository(tmp_path_factory) -> Path:
    """A repository whose last commit is the working tree as it is."""
    folder = tmp_path_factory.mktemp("repository")

    def git(*arguments: str, cwd: Path = folder) -> str:
        who = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")
        command = ["git", *who, *arguments]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout

    try:
        listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    except (OSError, subprocess.CalledProcessError):
        pytest.fail("this needs git, and a clone made by it: git clone " + repository_url())
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git("init", "--quiet", "--initial-branch", "main")
    git("add", "--all")
    git("commit", "--quiet", "--no-gpg-sign", "--message", "the working tree")
    return folder


@pytest.fixture(scope="session")
def dist(repository, tmp_path_factory) -> Path:
    """The folder with the wheel, built from the source distribution, built from the repository."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, repository]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def course(dist, tmp_path_factory) -> Path:
    """A folder for PYTHONPATH into which pip installed the wheel."""
    folder = tmp_path_factory.mktemp("course")
    (wheel,) = dist.glob("*.whl")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", folder, wheel], check=True)
    return folder


@pytest.fixture(scope="session")
def colab_is_there() -> None:
    """Skip where Colab's versions are not; fail where they have to be."""
    if not PYTHON.exists():
        if os.environ.get("CI") and sys.version_info < (3, 13):
            pytest.fail("Colab's versions are not installed: run `make test`")
        pytest.skip(
            "Colab's versions are not installed: `make test` does it for Python 3.11 and 3.12"
        )
