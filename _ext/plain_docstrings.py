"""Let docstrings write |x| for a size: in reStructuredText a pair of bars is a substitution."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def escape_bars(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    lines[:] = [line.replace("|", r"\|") for line in lines]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", escape_bars)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
