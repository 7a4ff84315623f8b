"""``python -m lstm_course.experiments list | run | table | collect``: see ``--help`` of each."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from lstm_course import experiments
from lstm_course.experiments.store import Store, write
from lstm_course.results import stored

QUICK = {"variants": ("T=100",), "settings": ("modern",), "cells": ("lstm1997", "lstm")}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lstm_course.experiments", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the experiments, their variants, settings and cells")
    run = commands.add_parser("run", help="train what is missing, and print the table")
    table = commands.add_parser("table", help="print the table of a folder, or the stored one")
    collect = commands.add_parser("collect", help="put a folder's results into one file")
    collect.add_argument("file", type=Path)
    collect.add_argument("--results", default="results", help="the folder (default ./results)")
    for command in (run, table):
        command.add_argument("experiment", nargs="*", help="by name; none means all")
        command.add_argument("--variant", action="append", default=[])
        command.add_argument(
            "--setting", action="append", default=[], help="1997, untruncated or modern"
        )
        command.add_argument("--cell", action="append", default=[], help="rnn, lstm1997, lstm, gru")
    run.add_argument("--seeds", type=int, default=20, help="how many nets of each row (default 20)")
    run.add_argument("--block", type=int, default=10, help="how many train side by side")
    run.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    run.add_argument("--device", default="cpu", help="cpu or cuda")
    run.add_argument("--results", default="results", help="folder for results (default ./results)")
    run.add_argument("--limit", type=int, help="sequences, instead of each row's own limit")
    run.add_argument("--quick", action="store_true", help="a few seeds of what learns fast")
    table.add_argument(
        "--results", help="a folder; by default the results that come with the course"
    )
    given = parser.parse_args(arguments)
    try:
        commands = {"list": _list, "run": _run, "table": _table, "collect": _collect}
        return commands[given.command](given)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 130


def _chosen(given: argparse.Namespace) -> list[experiments.Row]:
    return experiments.chosen(given.experiment, given.variant, given.setting, given.cell)


def _list(_: argparse.Namespace) -> int:
    for name, about in experiments.ABOUT.items():
        print(f"{name:18} experiment {about}")
        for setting in experiments.SETTINGS:
            rows = [row for row in experiments.chosen([name]) if row.setting == setting]
            variants = dict.fromkeys(row.variant for row in rows)
            cells = dict.fromkeys(row.cell for row in rows)
            if rows:
                print(f"    {setting:11} {', '.join(cells)}: {'; '.join(variants)}")
    return 0


def _run(given: argparse.Namespace) -> int:
    rows = _chosen(given)
    if given.quick:
        rows = [
            row for row in rows if row.setting in QUICK["settings"] and row.cell in QUICK["cells"]
        ]
        given.seeds = min(given.seeds, 5)
    for name in ("seeds", "block", "workers"):
        if getattr(given, name) < 1:
            raise ValueError(f"--{name}: got {getattr(given, name)}, expected at least 1")
    jobs = experiments.jobs_of(rows, given.seeds, given.block, given.limit)
    failed = experiments.sweep(jobs, given.results, workers=given.workers, device=given.device)
    names = {job.name for job in jobs}
    _print(experiments.table(r for r in Store(given.results).all() if r["job"] in names))
    for name, reason in failed.items():
        print(f"failed: {name}: {reason}", file=sys.stderr)
    return 1 if failed else 0


def _table(given: argparse.Namespace) -> int:
    names = {row.name for row in _chosen(given)}
    results = Store(given.results).all() if given.results else stored("experiments_1997")["results"]
    _print(experiments.table(r for r in results if r["job"].partition("/seeds=")[0] in names))
    return 0


def _collect(given: argparse.Namespace) -> int:
    results = Store(given.results).all()
    if not results:
        raise ValueError(f"--results: {given.results} holds no results")
    results = [{"command": experiments.Job.named(r["job"]).command, **r} for r in results]
    versions = {name: version(name) for name in ("torch", "numba", "numpy")}
    facts = {"python": platform.python_version(), "machine": platform.machine(), **versions}
    write(given.file, {**facts, "results": results})
    print(f"{len(results)} jobs in {given.file}")
    return 0


def _print(table: pd.DataFrame) -> None:
    if table.empty:
        print("no results yet")
        return
    shown = table.assign(
        rate=[
            f"{s}/{n} [{low:.0%}, {high:.0%}]"
            for s, n, low, high in zip(
                table.solved, table.seeds, table.low, table.high, strict=True
            )
        ]
    )
    columns = [
        "experiment",
        "variant",
        "setting",
        "cell",
        "rate",
        "median",
        "mean",
        "paper",
        "wrong",
    ]
    print(shown[columns].to_string(index=False, na_rep="–", float_format=lambda x: f"{x:,.0f}"))


if __name__ == "__main__":
    sys.exit(main())
