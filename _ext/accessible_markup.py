"""Mend the theme's markup where a keyboard or a screen reader stumbles over it, and name notes.

- A wide table scrolls inside its own box on a phone: the box must be reachable by keyboard.
- What unfolds a chapter's entry in the contents has no name.
- The bibliography is marked as a list whose entries are no list items.
- `> **Note.** ...`, `> **Convention.** ...` and `> **Careful.** ...` are plain block quotes in every
  notebook viewer; here they get a class each, so that the style sheet can tell them apart.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

TABLE = '<div class="pst-scrollable-table-container"'
MENDED = (
    (f"{TABLE}>", f'{TABLE} tabindex="0" role="region" aria-label="Table">'),
    ('role="doc-biblioentry"', 'role="listitem"'),
)
KINDS = {"Note.": "lc-note", "Convention.": "lc-note", "Careful.": "lc-careful"}


def mend_body(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    for theirs, ours in MENDED:
        context["body"] = context.get("body", "").replace(theirs, ours)


def name_folds(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    theirs = context.get("generate_toctree_html")
    if theirs is not None:
        context["generate_toctree_html"] = lambda *args, **kwargs: str(
            theirs(*args, **kwargs)
        ).replace("<summary>", '<summary aria-label="Its exercise">')


def name_notes(app: Sphinx, doctree: nodes.document) -> None:
    for quote in doctree.findall(nodes.block_quote):
        first = next(iter(quote.findall(nodes.strong)), None)
        kind = KINDS.get(first.astext()) if first is not None else None
        if kind:
            quote["classes"].append(kind)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", name_notes)
    app.connect("html-page-context", mend_body)
    app.connect("html-page-context", name_folds, priority=900)  # after the theme has made it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
