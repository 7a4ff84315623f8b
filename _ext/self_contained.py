"""Keep the built pages free of scripts that leave the site or fail on it.

Jupyter Book always loads sphinx-thebe, which runs code on a remote server that this course does
not use: its script declares a constant twice, which is an error on every page, and names an
address elsewhere.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def _is_thebe(asset: Any) -> bool:
    body = getattr(asset, "attributes", {}).get("body") or ""
    return "thebe" in str(asset.filename or "") or "thebe" in body


def drop_thebe_files(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context[kind] if not _is_thebe(asset)]


def drop_thebe_settings(app: Sphinx, doctree: nodes.document, page: str) -> None:
    for node in list(doctree.findall(nodes.raw)):
        text = node.astext()
        if "text/x-thebe-config" in text or text.startswith("<script>kernelName"):
            node.parent.remove(node)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", drop_thebe_files, priority=900)
    app.connect("doctree-resolved", drop_thebe_settings, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
