"""Hold the built site to third_party.toml: every script, style and font is listed there, byte for byte.

A file that nobody listed, or that is not what it was when it was listed, ends the build.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import SphinxError

LIST = "third_party.toml"
# What a browser runs or lays out a page by.
KINDS = {".js", ".css", ".woff", ".woff2", ".ttf"}


class ThirdPartyError(SphinxError):
    category = "Third-party files"


def checksum(folder: Path, names: list[str]) -> str:
    """SHA-256 of what `sha256sum` prints for these files of a folder."""
    lines = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def find(folder: Path, asset: dict[str, Any]) -> list[str]:
    """The files of an asset, as names below the folder, sorted."""
    found = {path for pattern in asset["files"] for path in folder.glob(pattern) if path.is_file()}
    return sorted(path.relative_to(folder).as_posix() for path in found if path.suffix in KINDS)


def problems(folder: Path, listed: dict[str, Any]) -> list[str]:
    """What in the folder is not as it is listed, one line each."""
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in KINDS
    }
    there -= set(listed["own"])
    found = []
    for asset in listed["asset"]:
        names = find(folder, asset)
        there -= set(names)
        if (now := checksum(folder, names)) != asset["sha256"]:
            found.append(
                f"{asset['name']} {asset['version']}: got sha256 {now}, not the listed one"
            )
    return found + [f"{name}: not listed" for name in sorted(there)]


def verify(app: Sphinx, failure: Exception | None) -> None:
    if failure or app.builder.name != "html":
        return
    listed = tomllib.loads(Path(app.srcdir, LIST).read_text(encoding="utf-8"))
    if found := problems(Path(app.outdir, "_static"), listed):
        raise ThirdPartyError(
            "\n".join(found)
            + f"\nIf you changed a version on purpose, look at what came, and bring {LIST} up to date."
        )


def setup(app: Sphinx) -> dict[str, bool]:
    # After others have copied their files, before any is taken out again.
    app.connect("build-finished", verify, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
