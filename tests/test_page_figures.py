"""The figures and tables of pages that are no notebooks are what tools/figures.py makes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def figures():
    spec = importlib.util.spec_from_file_location("figures", ROOT / "tools" / "figures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_stored_figures_are_the_drawn_ones(figures, tmp_path):
    figures.draw_all(tmp_path)
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    stored = {path.name: path.read_bytes() for path in figures.IMAGES.glob("*.svg")}
    assert drawn == stored, "run `make notebooks`"


def test_the_stored_card_is_the_drawn_one(figures, tmp_path):
    figures.draw_card(tmp_path / "card.png")
    assert (tmp_path / "card.png").read_bytes() == figures.CARD.read_bytes(), "run `make notebooks`"


def test_stored_tables_are_the_written_ones(figures, tmp_path):
    figures.write_tables(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_text() == (figures.TABLES / path.name).read_text(), "run `make notebooks`"
