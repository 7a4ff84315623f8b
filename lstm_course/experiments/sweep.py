"""Jobs over any Executor of ``concurrent.futures``: a pool of processes here, a cluster elsewhere."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm

from lstm_course.experiments import catalogue
from lstm_course.experiments.store import CorruptError, Store
from lstm_course.train import DamagedError, MismatchError, train

ATTEMPTS = 3  # how often a job whose worker was killed is tried
POINTS = 60  # of a learning curve that is kept


@dataclass(frozen=True)
class Job:
    """Some seeds of one row, which train side by side."""

    row: str
    seeds: tuple[int, ...]
    limit: int | None = None  #: sequences, if not the row's own

    @property
    def name(self) -> str:
        """What its result is called."""
        limit = "" if self.limit is None else f"/limit={self.limit}"
        return f"{self.row}/seeds={self.seeds[0]}-{self.seeds[-1]}{limit}"

    @classmethod
    def named(cls, name: str) -> Job:
        """The job of a result. Raises ValueError for a name that no job has."""
        row, _, rest = name.partition("/seeds=")
        seeds, _, limit = rest.partition("/limit=")
        first, last = map(int, seeds.split("-"))
        return cls(row, tuple(range(first, last + 1)), int(limit) if limit else None)

    @property
    def command(self) -> str:
        """What runs it, and the jobs of smaller seeds before it, on the command line."""
        row = catalogue.named(self.row)
        given = {
            "--variant": row.variant,
            "--setting": row.setting,
            "--cell": row.cell,
            "--seeds": str(self.seeds[-1] + 1),
            "--block": str(len(self.seeds)),
        }
        if self.limit is not None:
            given["--limit"] = str(self.limit)
        words = ["python", "-m", "lstm_course.experiments", "run", row.experiment]
        return shlex.join(words + [word for pair in given.items() for word in pair])


def jobs_of(
    rows: Iterable[catalogue.Row], seeds: int, block: int = 10, limit: int | None = None
) -> list[Job]:
    """The jobs of rows with seeds 0, 1, …, a block of them in each job."""
    blocks = [tuple(range(seeds))[i : i + block] for i in range(0, seeds, block)]
    return [Job(row.name, b, limit) for row in rows for b in blocks]


def run_job(
    job: Job, folder: str, *, device: str = "cpu", progress: bool = False
) -> list[dict[str, Any]]:
    """Run one job, or go on where it was interrupted, and keep its result; if it is there, read it.

    It runs on one thread: small nets are fastest so, and the number of threads can't change a digit.
    """
    store = Store(folder)
    try:
        if found := store.read(job.name):
            return found["outcomes"]
    except CorruptError as error:
        print(f"{error}; the job is run again", file=sys.stderr)
        store.path(job.name).unlink()
    row = catalogue.named(job.row)
    task, threads = row.task(), torch.get_num_threads()
    torch.set_num_threads(1)
    run = partial(
        train,
        [row.net(seed) for seed in job.seeds],
        [task.draw(seed) for seed in job.seeds],
        seeds=job.seeds,
        optimiser=row.optimiser,
        objective=row.objective,
        batch=row.batch,
        limit=job.limit or row.limit,
        clip=row.clip,
        stops=task.stops,
        report=task.report(row.objective),
        device=device,
        checkpoint=store.checkpoint(job.name),
        progress=progress,
    )
    try:
        outcomes = run()
    except (DamagedError, MismatchError) as error:
        print(f"{error}; the job is run from its beginning", file=sys.stderr)
        store.checkpoint(job.name).unlink()
        outcomes = run()
    finally:
        torch.set_num_threads(threads)
    kept = [
        {
            "seed": o.seed,
            "status": o.status,
            "sequences": o.sequences,
            "reached": list(o.reached),
            "reports": list(o.reports),
            "losses": [
                [int(n), float(f"{loss:.3g}")]
                for n, loss in o.losses[:: len(o.losses) // POINTS + 1]
            ],
        }
        for o in outcomes
    ]
    store.write(job.name, kept)
    return kept


def sweep(
    jobs: Sequence[Job],
    folder: str | Path,
    *,
    executor: Executor | None = None,
    workers: int = 2,
    device: str = "cpu",
    progress: bool = True,
    run: Callable[..., Any] = run_job,
) -> dict[str, str]:
    """Run all jobs whose results are missing, and return what went wrong, by name of the job.

    ``executor``: any of ``concurrent.futures``, whose workers see ``folder``; such as what
    ``Client(...).get_executor()`` of Dask returns. Without one, ``workers`` processes are started, and
    anew if one of them is killed. A job that fails is reported, and the others go on.
    """
    store = Store(folder)
    missing, failed = [], {}
    for job in jobs:
        try:
            if store.read(job.name):
                continue
        except CorruptError as error:
            print(f"{error}; the job is run again", file=sys.stderr)
        missing.append(job)
    bar = tqdm(total=len(jobs), initial=len(jobs) - len(missing), unit="job", disable=not progress)
    attempts = dict.fromkeys(missing, 0)
    with bar:
        while missing:
            pool = executor or ProcessPoolExecutor(
                min(workers, len(missing)), mp_context=get_context("spawn")
            )
            killed = []
            try:
                futures = {
                    pool.submit(run, job, str(folder), device=device): job for job in missing
                }
                for future in as_completed(futures):
                    job = futures[future]
                    try:
                        future.result()
                        bar.update()
                    except BrokenExecutor as error:
                        attempts[job] += 1
                        if attempts[job] < ATTEMPTS and executor is None:
                            killed.append(job)
                        else:
                            failed[job.name] = f"its worker was killed ({error})"
                    except Exception as error:
                        failed[job.name] = f"{type(error).__name__}: {error}"
            finally:
                if executor is None:
                    pool.shutdown(cancel_futures=True)
            if killed:
                print(f"a worker was killed; {len(killed)} jobs are run again", file=sys.stderr)
            missing = killed
    return failed
