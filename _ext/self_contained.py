"""Keep the built pages free of scripts that leave the site, fail on it, or weigh it down for nothing.

Jupyter Book always loads sphinx-thebe, which runs code on a remote server that this course does
not use: its script declares a constant twice, which is an error on every page, and names an
address elsewhere. The theme loads its icons twice, as fonts and as a script of half a megabyte
(compressed) that redraws them. MathJax comes to pages without a formula, too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def _is_thebe(asset: Any) -> bool:
    body = getattr(asset, "attributes", {}).get("body") or ""
    return "thebe" in str(asset.filename or "") or "thebe" in body


def _is_mathjax(asset: Any) -> bool:
    body = getattr(asset, "attributes", {}).get("body") or ""
    return "mathjax" in str(asset.filename or "") or body.startswith("window.MathJax")


TYPESET = Path(__file__).with_name("typeset.js").read_text(encoding="utf-8")
ICONS_AGAIN = re.compile(r'\s*<script src="[^"]*/fontawesome/[^"]*/js/[^"]*"></script>')


def drop_files(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    # has_equations() answers for the first page's whole table of contents, which that page does not show.
    known = app.env.get_domain("math").data["has_equations"]
    formulas = any(known.values()) if app.builder.name == "singlehtml" else known.get(page, False)
    for kind in ("script_files", "css_files"):
        context[kind] = [
            asset
            for asset in context[kind]
            if not (_is_thebe(asset) or (not formulas and _is_mathjax(asset)))
        ]


def set_formulas_in_parts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    for asset in context["script_files"]:
        body = getattr(asset, "attributes", {}).get("body") or ""
        if body.startswith("window.MathJax") and TYPESET not in body:
            asset.attributes["body"] = f"{body};\n{TYPESET}"


def drop_thebe_settings(app: Sphinx, doctree: nodes.document, page: str) -> None:
    for node in list(doctree.findall(nodes.raw)):
        text = node.astext()
        if "text/x-thebe-config" in text or text.startswith("<script>kernelName"):
            node.parent.remove(node)


def drop_icons_script(app: Sphinx, failure: Exception | None) -> None:
    """The theme's template names it, so that it can only be taken out of what was written."""
    if failure or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        path.write_text(ICONS_AGAIN.sub("", page), encoding="utf-8")
    for script in Path(app.outdir, "_static", "vendor", "fontawesome").glob("*/js/*"):
        script.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", drop_files, priority=900)
    app.connect("html-page-context", set_formulas_in_parts, priority=900)
    app.connect("build-finished", drop_icons_script, priority=700)
    app.connect("doctree-resolved", drop_thebe_settings, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
