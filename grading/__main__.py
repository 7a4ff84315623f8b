"""`python -m grading SUBMISSIONS OUT`: grade a folder of notebooks."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from grading import batch, exercises, sandbox
from grading.marking import IN_ALL, SECONDS, Settings


def main(arguments: list[str] | None = None) -> int:
    """Grade; 0 if that came to its end, whatever the marks, 2 if it could not begin."""
    parser = argparse.ArgumentParser(
        prog="python -m grading",
        description="Grade a folder of notebooks: each student's code runs in a sandbox, on inputs that "
        "the student has not seen. Writes grades.csv, summary.html and feedback/ below OUT. Run again "
        "after an interruption, it does only what is missing.",
        epilog="SUBMISSIONS holds notebooks named after their students (ada.ipynb, or "
        "ada_02_backpropagation_through_time.ipynb), or a folder for each student.",
    )
    parser.add_argument("submissions", metavar="SUBMISSIONS", type=Path)
    parser.add_argument("out", metavar="OUT", type=Path, help="a folder that does not exist yet")
    parser.add_argument(
        "--exercise", help="of all notebooks (default: each says itself which it is)"
    )
    parser.add_argument(
        "--workers", type=int, default=_at_once(), help="notebooks at once (%(default)s)"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        help=f"for a step (%(default)g); a notebook has {IN_ALL} times as many",
    )
    parser.add_argument(
        "--seed", type=int, help="of the secret inputs (default: drawn, kept in OUT)"
    )
    parser.add_argument(
        "--no-sandbox",
        action="store_true",
        help="run students' code with YOUR rights: only for notebooks that you trust",
    )
    given = parser.parse_args(arguments)
    settings = Settings(given.seed or 0, given.exercise, given.seconds, not given.no_sandbox)
    try:
        if given.exercise is not None and given.exercise not in exercises.names():
            known = ", ".join(exercises.names())
            raise ValueError(f"--exercise: got {given.exercise!r}, expected one of {known}")
        if given.workers < 1 or not 0 < given.seconds < 1e6 or settings.seed < 0:
            raise ValueError(
                "--workers, --seconds: expected numbers above 0 (and finite); --seed: 0 or above"
            )
        if settings.sandboxed:
            sandbox.check()
        marked = batch.grade(
            given.submissions,
            given.out,
            settings=settings,
            fresh_seed=given.seed is None,
            workers=given.workers,
        )
    except (ValueError, OSError, sandbox.SandboxError) as error:
        print(f"Not graded. {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. Run the same command again to go on.", file=sys.stderr)
        return 130
    refused = sum(result["exercise"] is None for result in marked)
    print(f"{len(marked)} files, {refused} of them not gradable: {given.out / 'summary.html'}")
    return 0


def _at_once() -> int:
    """As many as there are processors, and memory: one that takes all it may costs no other's marks."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory // sandbox.MEMORY))


if __name__ == "__main__":
    sys.exit(main())
