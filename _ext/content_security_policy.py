"""Give every built page a content security policy that it obeys: nothing of another origin runs or loads.

A static host sets no headers, so the policy stands in the page. The theme and the figures have scripts
in the page itself; each is allowed by its checksum, so that one that somebody slips in is not.
"""

from __future__ import annotations

import base64
import hashlib
import html
from pathlib import Path

from bs4 import BeautifulSoup
from sphinx.application import Sphinx

# Formulas and figures set styles from scripts; a style can't run anything.
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; "
    "script-src 'self' 'unsafe-hashes' {hashes}"
)
CHARSET = '<meta charset="utf-8" />'  # must stand in the first 1024 bytes
SCRIPT_TYPES = {"", "text/javascript", "module"}  # the others are data, which no browser runs


def checksum(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def scripts(page: BeautifulSoup) -> set[str]:
    """What stands between script tags, and runs."""
    return {
        script.string
        for script in page.find_all("script", src=False)
        if script.string and script.get("type", "") in SCRIPT_TYPES
    }


def handlers(page: BeautifulSoup) -> set[str]:
    """What runs when a button is pressed."""
    attributes = (pair for element in page.find_all(True) for pair in element.attrs.items())
    return {value for name, value in attributes if name.startswith("on")}


def protect(app: Sphinx, failure: Exception | None) -> None:
    if failure or app.builder.format != "html":
        return
    paths = [
        path
        for path in Path(app.outdir).rglob("*.html")
        if path.relative_to(app.outdir).parts[0] != "_static"
    ]
    pages = {path: path.read_text(encoding="utf-8") for path in paths}
    parsed = {path: BeautifulSoup(page, "html.parser") for path, page in pages.items()}
    # The search reads other pages to quote from them, and their handlers must pass there, too.
    everywhere = set().union(*map(handlers, parsed.values()))
    for path, page in pages.items():
        hashes = sorted(map(checksum, scripts(parsed[path]) | everywhere))
        policy = html.escape(POLICY.format(hashes=" ".join(hashes)))
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}" />'
        path.write_text(page.replace(CHARSET, f"{CHARSET}\n    {meta}", 1), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    # After all others that change pages.
    app.connect("build-finished", protect, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
