"""Sweeps: one result for each job whatever happens to its worker, its disk, or the whole sweep."""

from __future__ import annotations

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lstm_course import experiments
from lstm_course.experiments import store as stores
from lstm_course.experiments.__main__ import main
from lstm_course.results import stored

ROW = "adding/T=100/modern/lstm1997"
JOBS = [experiments.Job(ROW, (2 * i, 2 * i + 1), limit=160) for i in range(4)]


def journal(folder, word, job):
    with open(Path(folder) / ".journal", "a") as file:
        file.write(f"{word} {job.name}\n")


def noted(folder, word):
    lines = (Path(folder) / ".journal").read_text().splitlines()
    return [line.partition(" ")[2] for line in lines if line.startswith(word)]


def run_and_note(job, folder, *, device="cpu"):
    """A job, short; the first worker that comes to the second one is killed."""
    journal(folder, "start", job)
    if job == JOBS[1] and noted(folder, "start").count(job.name) == 1:
        time.sleep(1)  # others are at work meanwhile
        os.kill(os.getpid(), signal.SIGKILL)
    found = experiments.run_job(job, folder)
    journal(folder, "end", job)
    return found


def fail_first(job, folder, *, device="cpu"):
    if job == JOBS[0]:
        raise RuntimeError("something broke")
    return experiments.run_job(job, folder)


def results(folder):
    return {r["job"]: r["outcomes"] for r in stores.Store(folder).all()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    assert experiments.sweep(JOBS, folder, executor=ThreadPoolExecutor(1), progress=False) == {}
    return results(folder)


def test_one_file_for_each_job_and_nothing_else(tmp_path, undisturbed):
    assert (
        experiments.sweep(JOBS[:2], tmp_path, executor=ThreadPoolExecutor(1), progress=False) == {}
    )
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 3
    assert names[-1] == "results.json"
    assert results(tmp_path) == {job.name: undisturbed[job.name] for job in JOBS[:2]}
    for outcome in undisturbed[JOBS[0].name]:
        assert outcome["status"] == "not solved"
        assert outcome["sequences"] == 160


def test_what_is_there_is_not_run_again(tmp_path):
    once = ThreadPoolExecutor(1)
    experiments.sweep(JOBS[:1], tmp_path, executor=once, progress=False)
    (path,) = tmp_path.glob("adding*.json")
    before = path.stat().st_mtime_ns
    assert experiments.sweep(JOBS[:1], tmp_path, executor=once, progress=False) == {}
    assert path.stat().st_mtime_ns == before


@pytest.mark.xdist_group("sweeps")
def test_a_killed_worker_of_the_pool(tmp_path, undisturbed, capsys):
    assert experiments.sweep(JOBS, tmp_path, progress=False, run=run_and_note) == {}
    assert "a worker was killed" in capsys.readouterr().err
    assert results(tmp_path) == undisturbed


@pytest.mark.xdist_group("sweeps")
def test_a_killed_worker_of_a_dask_cluster(tmp_path, undisturbed):
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        failed = experiments.sweep(
            JOBS, tmp_path, executor=client.get_executor(), progress=False, run=run_and_note
        )
    assert failed == {}
    assert results(tmp_path) == undisturbed
    ends = noted(tmp_path, "end")
    assert sorted(ends) == sorted(job.name for job in JOBS)  # each once
    starts = noted(tmp_path, "start")
    assert starts.count(JOBS[1].name) == 2


@pytest.mark.xdist_group("sweeps")
def test_sigkill_at_a_random_moment_and_again(tmp_path):
    """The whole sweep is killed, workers too; the same command ends with the same table."""
    command = [sys.executable, "-m", "lstm_course.experiments", "run", "adding", "--limit", "480"]
    command += ["--setting", "modern", "--cell", "lstm1997", "--cell", "gru", "--seeds", "4"]
    command += ["--block", "2", "--results"]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True, "check": True}
    expected = subprocess.run([*command, str(tmp_path / "whole")], **quiet).stdout
    assert "adding" in expected
    folder, after = tmp_path / "killed", random.uniform(2, 12)
    process = subprocess.Popen(
        [*command, str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(after)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    again = subprocess.run([*command, str(folder)], **quiet).stdout
    assert again == expected, f"killed after {after:.1f} s"
    assert results(folder) == results(tmp_path / "whole")


def test_a_job_that_fails_is_reported_and_the_others_go_on(tmp_path, undisturbed):
    failed = experiments.sweep(
        JOBS[:2], tmp_path, executor=ThreadPoolExecutor(1), progress=False, run=fail_first
    )
    assert failed == {JOBS[0].name: "RuntimeError: something broke"}
    assert results(tmp_path) == {JOBS[1].name: undisturbed[JOBS[1].name]}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1, "job": "another"}'])
def test_a_corrupt_result_is_said_and_run_again(content, tmp_path, undisturbed, capsys):
    store = stores.Store(tmp_path)
    store.path(JOBS[0].name).write_text(content)
    assert (
        experiments.sweep(JOBS[:1], tmp_path, executor=ThreadPoolExecutor(1), progress=False) == {}
    )
    assert "can't be read" in capsys.readouterr().err
    assert results(tmp_path) == {JOBS[0].name: undisturbed[JOBS[0].name]}


def test_a_damaged_checkpoint_is_said_and_the_job_begun_anew(tmp_path, undisturbed, capsys):
    store = stores.Store(tmp_path)
    store.checkpoint(JOBS[0].name).write_bytes(b"half")
    assert experiments.run_job(JOBS[0], tmp_path) == undisturbed[JOBS[0].name]
    assert "the job is run from its beginning" in capsys.readouterr().err
    assert not store.checkpoint(JOBS[0].name).exists()


def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    def full(value, file, **_):
        file.write("half of it")
        raise OSError(28, "No space left on device")

    store = stores.Store(tmp_path)
    monkeypatch.setattr(json, "dump", full)
    with pytest.raises(OSError, match="No space left"):
        store.write("job", [{"seed": 0}])
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_results_of_another_version_are_refused(tmp_path):
    (tmp_path / "results.json").write_text('{"version": 0}')
    with pytest.raises(experiments.OtherVersionError, match="has version 0, expected 1"):
        experiments.sweep(JOBS, tmp_path)
    (tmp_path / "results.json").write_text("garbage")
    with pytest.raises(experiments.OtherVersionError, match="has version none that can be read"):
        experiments.sweep(JOBS, tmp_path)
    (tmp_path / "results.json").rename(tmp_path / "thesis.doc")
    with pytest.raises(experiments.OtherVersionError, match="holds thesis.doc"):
        experiments.sweep(JOBS, tmp_path)


def test_table_puts_seeds_together_with_wilson_s_interval():
    def outcome(seed, solved):
        return {
            "seed": seed,
            "status": "solved" if solved else "not solved",
            "sequences": 100 * (seed + 1),
            "reached": [100 * (seed + 1)] if solved else [],
            "reports": [{"tested": 2560, "wrong": seed, "error": 0.0}] if solved else [],
            "losses": [],
        }

    row = "adding/T=100/1997/lstm1997"
    found = experiments.table(
        [
            {"job": f"{row}/seeds=0-4", "outcomes": [outcome(s, True) for s in range(5)]},
            {"job": f"{row}/seeds=5-9", "outcomes": [outcome(s, s < 9) for s in range(5, 10)]},
        ]
    )
    (line,) = found.to_dict("records")
    assert (line["seeds"], line["solved"], line["median"], line["mean"]) == (10, 9, 500, 500)
    assert (line["paper"], line["wrong"]) == (74_000, 8)
    assert (round(line["low"], 3), round(line["high"], 3)) == (0.596, 0.982)  # Wilson, 9 of 10


def test_what_there_is_not_is_a_dash(capsys, tmp_path):
    outcome = {"seed": 0, "status": "solved", "sequences": 7, "reached": [7], "losses": []}
    outcome["reports"] = [{"tested": 2560, "wrong": 0, "error": 0.0}]
    store = stores.Store(tmp_path)
    store.write("noise-free/p=100/modern/gru/seeds=0-0", [outcome])  # no figure in the paper
    assert main(["table", "--results", str(tmp_path)]) == 0
    *_, median, mean, paper, wrong = capsys.readouterr().out.split()
    assert (median, mean, paper, wrong) == ("7", "7", "–", "–")


def test_command_line(capsys, tmp_path):
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in experiments.ABOUT)
    assert main(["run", "addition", "--results", str(tmp_path)]) == 2
    assert "experiment: got 'addition', expected one of reber" in capsys.readouterr().err
    assert main(["run", "adding", "--seeds", "0", "--results", str(tmp_path)]) == 2
    assert "--seeds: got 0" in capsys.readouterr().err
    assert main(["table", "--results", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "no results yet\n"
    assert main(["collect", str(tmp_path / "all.json"), "--results", str(tmp_path)]) == 2
    assert "holds no results" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_collected_results_give_the_same_table(tmp_path, undisturbed):
    store = stores.Store(tmp_path / "results")
    for name, outcomes in undisturbed.items():
        store.write(name, outcomes)
    out = tmp_path / "all.json"
    assert main(["collect", str(out), "--results", str(tmp_path / "results")]) == 0
    collected = json.loads(out.read_text())
    assert collected["torch"]
    assert [r["command"].split()[4] for r in collected["results"]] == ["adding"] * len(undisturbed)
    assert experiments.table(collected["results"]).equals(experiments.table(store.all()))


def test_the_stored_results_are_of_rows_that_there_are(capsys):
    assert main(["table"]) == 0
    assert "adding" in capsys.readouterr().out
    names = {row.name for row in experiments.rows()}
    for result in stored("experiments_1997")["results"]:
        job = experiments.Job.named(result["job"])
        assert job.row in names
        assert [o["seed"] for o in result["outcomes"]] == list(job.seeds)


@pytest.mark.parametrize(("seeds", "block", "limit"), [(20, 20, None), (20, 10, None), (4, 4, 900)])
def test_the_command_of_a_job_runs_it(seeds, block, limit, tmp_path, monkeypatch):
    asked = []

    def sweep(jobs, folder, **_):
        asked.extend(jobs)
        return {}

    monkeypatch.setattr(experiments, "sweep", sweep)
    rows = experiments.chosen(["distractors"], settings=["1997"])
    for job in experiments.jobs_of(rows, seeds, block, limit):
        assert experiments.Job.named(job.name) == job
        assert main([*shlex.split(job.command)[3:], "--results", str(tmp_path)]) == 0
        assert asked[-1] == job
        assert {one.row for one in asked} == {job.row}
        asked.clear()
