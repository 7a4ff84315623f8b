"""A folder of submissions to a folder of results: in parallel, one file each, resumable."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from grading import exercises, marking, report, submissions
from grading.marking import Settings
from grading.submissions import Submission, UnreadableError

RUN = "grading.json"
VERSION = 1


def grade(
    folder: Path,
    out: Path,
    *,
    settings: Settings,
    fresh_seed: bool,
    workers: int,
    progress: bool = True,
) -> list[dict[str, Any]]:
    """Grade all files of a folder; write results, grades.csv, feedback and a summary below ``out``.

    What an earlier, unfinished run left in ``out`` is kept, and only what is missing is done. Raises
    ValueError if there is nothing to grade, or ``out`` holds anything else.
    """
    if not folder.is_dir():
        raise ValueError(f"SUBMISSIONS: {folder} is not a folder")
    found = submissions.find(folder)
    if not found:
        raise ValueError(f"SUBMISSIONS: there is no file in {folder}")
    if out.resolve().is_relative_to(folder.resolve()):
        raise ValueError("OUT: lies inside SUBMISSIONS; choose a folder elsewhere")
    settings = _opened(folder, out, settings, fresh_seed)
    results = out / "results"
    results.mkdir(exist_ok=True)

    def one(submission: Submission) -> dict[str, Any]:
        path, state = results / f"{submission.key}.json", _state(submission, settings)
        kept = _kept(path, state)
        if kept is None:
            kept = marking.mark_or_say_why(submission, settings) | {"state": state}
            write(path, json.dumps(kept, indent=1))
        return kept

    # Threads suffice: each waits for the process in which the student's code runs.
    with ThreadPoolExecutor(workers) as pool:
        jobs = {pool.submit(one, submission): submission.name for submission in found}
        done = {}
        try:
            for job in tqdm(
                as_completed(jobs), total=len(jobs), unit="notebook", disable=not progress
            ):
                done[jobs[job]] = job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    marked = [done[submission.name] for submission in found]
    _note_doubles(marked)
    report.write_all(out, marked, settings, write)
    return marked


def write(path: Path, text: str) -> None:
    """Write a whole file or none of it."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", errors="backslashreplace")
    os.replace(part, path)


def _opened(folder: Path, out: Path, settings: Settings, fresh_seed: bool) -> Settings:
    """Make ``out``, or check that it belongs to these submissions; the seed of a run stays the same."""
    run = out / RUN
    own = {
        "version": VERSION,
        "submissions": str(folder.resolve()),
        "exercise": settings.exercise,
        "sandboxed": settings.sandboxed,
    }
    if out.exists() and not out.is_dir():
        raise ValueError(f"OUT: {out} is a file, expected a folder or nothing")
    if out.is_dir() and any(out.iterdir()):
        try:
            before = json.loads(run.read_text(encoding="utf-8"))
            seed = int(before.pop("seed"))
        except (OSError, ValueError, KeyError, AttributeError):
            raise ValueError(f"OUT: {out} holds other files; nothing was written there") from None
        if before != own or not (fresh_seed or seed == settings.seed):
            raise ValueError(
                f"OUT: {out} holds the results of another run ({before.get('submissions')}, "
                f"seed {seed}); choose another folder. Nothing was overwritten"
            )
        return replace(settings, seed=seed)
    out.mkdir(parents=True, exist_ok=True)
    if fresh_seed:
        settings = replace(settings, seed=secrets.randbelow(2**32))
    write(run, json.dumps(own | {"seed": settings.seed}, indent=1))
    return settings


def _state(submission: Submission, settings: Settings) -> str:
    """Changes with the file, the exercises and the settings: an older result then does not count."""
    digest = hashlib.sha256(repr((VERSION, settings)).encode())
    for name in exercises.names():
        digest.update(exercises.load(name, settings.seed).digest.encode())
    try:
        digest.update(submissions.content(submission))
    except UnreadableError as error:
        digest.update(str(error).encode())
    return digest.hexdigest()


def _kept(path: Path, state: str) -> dict[str, Any] | None:
    """An earlier result, if it is whole and of this state."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        return result if result["state"] == state else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note_doubles(results: list[dict[str, Any]]) -> None:
    """Say so where a student handed in the same exercise more than once; a person decides."""
    count = Counter((r["student"], r["exercise"]) for r in results if r["exercise"])
    for result in results:
        if (several := count[result["student"], result["exercise"]]) > 1:
            result["notes"] = [*result["notes"], f"one of {several} notebooks of this student"]
