"""The repository's address stands in _config.yml; every other mention agrees with it."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from chapters import CHAPTERS, ROOT, read, repository_url

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


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_first_cell_of_chapter_names_it(path):
    assert mentions(read(path).cells[0].source) == {ours()}


def test_package_and_citation_have_the_same_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == project["version"]
