"""What all runs of pytest share: the notebooks' environment, and a last word on skips."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent / "tools"))
from notebooks import ENVIRONMENT

skipped_for_want_of_a_browser = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[skipped_for_want_of_a_browser] = 0
    # The kernels that nbval starts inherit it.
    if config.getoption("nbval"):
        os.environ.update(ENVIRONMENT)


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    config.stash[skipped_for_want_of_a_browser] = sum(
        "no browser" in str(r.longrepr) for r in skipped
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    count = config.stash.get(skipped_for_want_of_a_browser, 0)
    if count:
        print(
            f"\nNOT CHECKED: {count} checks of the built site need a browser, and there is none.\n"
            "Install one and run `make test` again: apt install chromium"
        )
