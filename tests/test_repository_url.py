"""The repository's address stands in _config.yml; every other mention agrees with it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from urllib.parse import quote

import pytest
import yaml
from chapters import CHAPTERS, EXERCISES, ROOT, read, repository_url

GITHUB = re.compile(r"(?:https://|git@|git\+https://)?github\.com[/:]([\w.-]+/[\w.-]+)")


def mentions(text: str) -> set[str]:
    return {name.removesuffix(".git").rstrip(".") for name in GITHUB.findall(text)}


def ours() -> str:
    (name,) = mentions(repository_url())
    return name


def test_address_is_a_github_repository_without_a_trailing_slash():
    assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", repository_url())


def test_package_names_it():
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
    assert urls["Repository"] == repository_url()
    assert {name for url in urls.values() for name in mentions(url)} == {ours()}


def test_citation_names_it():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["repository-code"] == repository_url()


def test_readme_names_it():
    assert ours() in mentions((ROOT / "README.md").read_text())


@pytest.mark.parametrize("path", CHAPTERS + EXERCISES, ids=lambda path: path.stem)
def test_first_cell_of_a_notebook_names_it(path):
    assert mentions(read(path).cells[0].source) == {ours()}


def test_package_and_citation_have_the_same_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == project["version"]


@pytest.fixture
def fork(tmp_path):
    """A clone with the files as they are now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "--all"], cwd=tmp_path, check=True)
    return tmp_path


def point(fork, url):
    command = [sys.executable, fork / "tools" / "repository.py", url]
    return subprocess.run(command, capture_output=True, text=True)


def everything(fork):
    return {
        path.relative_to(fork): path.read_bytes()
        for path in fork.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def test_a_fork_points_at_itself_everywhere(fork):
    theirs, before = "https://github.com/" + "ada-l/lstm.2027", everything(fork)
    assert point(fork, theirs + "/").returncode == 0
    texts = {path: content.decode(errors="replace") for path, content in everything(fork).items()}
    assert not [path for path, text in texts.items() if repository_url() in text]
    assert not [path for path, text in texts.items() if quote(repository_url(), safe="") in text]
    assert theirs in texts[CHAPTERS[0].relative_to(ROOT)]
    assert (
        "github.com%2Fada-l%2Flstm.2027" in texts[(ROOT / "book/instructors.md").relative_to(ROOT)]
    )
    assert point(fork, repository_url()).returncode == 0
    assert everything(fork) == before


@pytest.mark.parametrize(
    "url", ["", "lstm", "https://example.org/a/b", "https://github.com/a", "x\ny"]
)
def test_what_is_no_repository_changes_nothing(fork, url):
    before = everything(fork)
    done = point(fork, url)
    assert done.returncode == 2
    assert "expected https://github.com/OWNER/NAME" in done.stderr
    assert everything(fork) == before
