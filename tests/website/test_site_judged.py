"""The stored report of Lighthouse (`make lighthouse`) is as good as the course promises."""

from __future__ import annotations

import json

import lighthouse
import pytest

REPORT = json.loads(lighthouse.STORED.read_text(encoding="utf-8"))
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 95}


@pytest.mark.parametrize("page", lighthouse.PAGES)
@pytest.mark.parametrize("category", LEAST)
def test_stored_scores(page, category):
    assert REPORT["pages"][page][category] >= LEAST[category]
