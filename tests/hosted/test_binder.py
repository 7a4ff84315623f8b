"""On Binder: the course at its own versions, and a button that opens a page's notebook in JupyterLab."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from chapters import BOOK, CHAPTERS, EXERCISES, ROOT, config, repository_url

BINDER = ROOT / ".binder"


def test_it_installs_the_course_and_versions_that_stand_elsewhere():
    listed = BINDER / "requirements.txt"
    assert "==" not in listed.read_text(encoding="utf-8")
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--report", "-"]
    offline = ["--no-index", "--no-build-isolation", "--requirement", listed]
    done = subprocess.run([*command, *offline], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    missing = [part["metadata"]["name"] for part in json.loads(done.stdout)["install"]]
    assert missing == ["lstm-course"], (
        "the rest should be here, at the versions of requirements.txt"
    )


def test_it_trusts_every_notebook():
    script = BINDER / "postBuild"
    assert os.access(script, os.X_OK)
    (patterns,) = re.findall(r"^jupyter trust (.+)$", script.read_text(), flags=re.MULTILINE)
    trusted = {path for pattern in patterns.split() for path in ROOT.glob(pattern)}
    assert trusted == {*CHAPTERS, *EXERCISES}


def test_its_python_is_the_one_that_everything_is_tested_with():
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    (version,) = re.findall(r'python-version: "(.+)"', workflow)
    assert (BINDER / "runtime.txt").read_text().strip() == f"python-{version}"


@pytest.mark.parametrize(
    "notebook", CHAPTERS + EXERCISES, ids=lambda path: path.relative_to(BOOK).as_posix()
)
def test_the_button_opens_the_notebook_in_jupyterlab(notebook):
    name = notebook.relative_to(ROOT)
    page = ROOT / "_build" / "html" / name.with_suffix(".html")
    built = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    (button,) = built.select("a[title='Launch on Binder']")
    owner_and_name = repository_url().removeprefix("https://github.com/")
    assert button["href"] == (
        f"{config()['launch_buttons']['binderhub_url']}/v2/gh/{owner_and_name}/main"
        f"?urlpath=lab/tree/{name.as_posix()}"
    )
