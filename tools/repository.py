"""Point everything at another repository: the launch buttons, first cells, links, package and citation.

    python tools/repository.py https://github.com/OWNER/NAME

Every mention of the address that stands in _config.yml is replaced, in all files that git tracks.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import yaml

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = re.compile(r"https://github\.com/[\w-]+/[\w.-]+")


def published(url: str) -> str:
    """Where GitHub Pages publishes a repository."""
    owner, name = url.split("/")[-2:]
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def forms(url: str) -> list[str]:
    """The ways in which an address is written: as it is, inside another one's query, and as a site."""
    return [url, quote(url, safe=""), published(url)]


def main() -> int:
    """Replace; 0 if all files were written, 2 if nothing was."""
    parser = argparse.ArgumentParser(description="Point everything at another repository.")
    parser.add_argument("url", metavar="URL", help="https://github.com/OWNER/NAME")
    url = parser.parse_args().url.removesuffix("/").removesuffix(".git")
    if not ADDRESS.fullmatch(url):
        parser.error(
            f"URL: got {url!r}, expected https://github.com/OWNER/NAME (Colab opens notebooks from there)"
        )
    old = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        parser.error("this needs git, and a clone made by it: nothing was changed")
    changed = {}
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if not path.is_file():
            continue
        before = path.read_bytes()
        after = before
        for theirs, ours in zip(forms(old), forms(url), strict=True):
            # Not where the old address goes on, as that of another repository.
            after = re.sub(re.escape(theirs).encode() + rb"(?![\w-]|\.\w)", ours.encode(), after)
        if after != before:
            changed[path] = after
    for path, content in changed.items():
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        part.chmod(path.stat().st_mode)
        os.replace(part, path)
    print(f"{url} now stands in {len(changed)} files. Look at `git diff`, then run `make test`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
