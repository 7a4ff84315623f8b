"""The browser of this machine, for what has to be seen or printed."""

from __future__ import annotations

import shutil

# The names that Chromium and Chrome go by; `.ci/run` installs the first.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = f"no browser: none of {', '.join(NAMES)} is on PATH (apt install chromium)"


def find() -> str | None:
    """The program's path, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)
