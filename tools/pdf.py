"""Print the whole book into one PDF, with links and an outline that work: _build/lstm-course.pdf.

    python tools/pdf.py

Sphinx writes all pages as a single one, a headless Chromium sets its formulas and prints it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import browser
from playwright.sync_api import Browser, sync_playwright
from serve import serving

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
SINGLE = BUILD / "singlehtml"
PDF = BUILD / "lstm-course.pdf"
MINUTES = 60 * 1000  # in milliseconds
MARGIN = {"top": "18mm", "bottom": "20mm", "left": "16mm", "right": "16mm"}
FOOTER = (
    '<div style="width: 100%; text-align: center; font: 8pt sans-serif">'
    '<span class="pageNumber"></span></div>'
)


def write_single_page() -> str:
    """All pages as one, at the top of its folder, from where its links to pictures and styles lead."""
    command = ["jupyter-book", "build", ".", "--builder", "singlehtml", "-q"]
    program = Path(sys.executable).with_name(command[0])
    subprocess.run([program, *command[1:]], cwd=ROOT, check=True)
    shutil.copyfile(SINGLE / "book" / "index.html", SINGLE / "book.html")
    return "book.html"


def print_page(chromium: Browser, site: Path, page: str, target: Path) -> None:
    """Print a page of a built site; the target is written last, and whole."""
    with serving(site, "/") as origin:
        tab = chromium.new_page(color_scheme="light")
        tab.set_default_timeout(10 * MINUTES)
        tab.goto(f"{origin}/{page}", wait_until="load")
        tab.evaluate("window.MathJax.startup.promise")
        part = target.with_suffix(".part")
        tab.pdf(
            path=part,
            format="A4",
            margin=MARGIN,
            outline=True,
            tagged=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOTER,
        )
        tab.close()
    part.replace(target)


def main() -> int:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    program = browser.find()
    if program is None:
        print(f"pdf: {browser.MISSING}. Nothing was done.", file=sys.stderr)
        return 2
    page = write_single_page()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        print_page(chromium, SINGLE, page, PDF)
        chromium.close()
    print(f"The book is printed: {PDF} ({PDF.stat().st_size / 1e6:.0f} MB).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
