"""The figures of pages that are no notebooks are what tools/figures.py draws."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_stored_figures_are_the_drawn_ones(tmp_path):
    spec = importlib.util.spec_from_file_location("figures", ROOT / "tools" / "figures.py")
    figures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(figures)
    figures.draw_all(tmp_path)
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    stored = {path.name: path.read_bytes() for path in figures.IMAGES.glob("*.svg")}
    assert drawn == stored, "run `make notebooks`"
