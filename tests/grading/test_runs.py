"""A run over a folder: the same twice, resumable, and refused before it does harm."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import pytest

from conftest import ROOT, command, grade, hand_in

pytestmark = pytest.mark.xdist_group("grading")


@pytest.fixture
def few(all_cases, tmp_path):
    """Ten notebooks that are quick to grade."""
    cases, _ = all_cases
    return hand_in(tmp_path / "in", dict(list(cases.items())[:10]))


def table(out):
    return (out / "grades.csv").read_text(encoding="utf-8")


def test_the_same_twice_and_after_a_kill(sandboxed, few, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    assert grade(few, first).returncode == 0  # seeds of their own: marks do not hang on the draw
    process = subprocess.Popen(
        command(few, second, "--workers", 1), cwd=ROOT, stderr=subprocess.DEVNULL
    )
    results = second / "results"
    deadline = time.monotonic() + 120
    while not (results.is_dir() and list(results.glob("*.json"))) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {path: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert 0 < len(kept) < 10
    assert not (second / "grades.csv").exists()
    assert grade(few, second).returncode == 0
    assert all(path.stat().st_mtime_ns == at for path, at in kept.items()), "done again"
    assert table(first) == table(second)


def test_a_changed_or_damaged_result_is_done_again(sandboxed, few, tmp_path):
    out = tmp_path / "out"
    assert grade(few, out).returncode == 0
    before = table(out)
    damaged, *_ = (out / "results").glob("*.json")
    damaged.write_text("{")
    assert grade(few, out).returncode == 0
    assert table(out) == before
    shutil.copy(few / "wrong.ipynb", few / "correct.ipynb")
    assert grade(few, out).returncode == 0
    assert table(out) != before


def test_folders_of_students_and_doubles(sandboxed, few, tmp_path):
    folder = tmp_path / "by student"
    for student, files in {"ada": ("correct", "wrong"), "bo": ("correct",)}.items():
        (folder / student / "02").mkdir(parents=True)
        for file in files:
            shutil.copy(few / f"{file}.ipynb", folder / student / "02" / f"{file}.ipynb")
    assert grade(folder, tmp_path / "out").returncode == 0
    lines = table(tmp_path / "out").splitlines()[1:]
    assert [line.partition(",")[0] for line in lines] == ["ada", "ada", "bo"]
    assert ["one of 2 notebooks" in line for line in lines] == [True, True, False]


def refused(*arguments, **kwargs):
    done = grade(*arguments, **kwargs)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_bad_input_is_refused_before_anything_is_written(sandboxed, few, tmp_path):
    empty, out = tmp_path / "empty", tmp_path / "out"
    empty.mkdir()
    assert "no file in" in refused(empty, out)
    assert "not a folder" in refused(tmp_path / "nowhere", out)
    assert "expected one of 0" in refused(few, out, "--exercise", "02_backprop")
    assert "lies inside" in refused(few, few / "out")
    assert "above 0" in refused(few, out, "--workers", 0)
    assert not out.exists()
    assert not (few / "out").exists()


def test_other_files_in_out_are_left_alone(sandboxed, few, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "grades.csv").write_text("mine")
    assert "holds other files" in refused(few, out)
    assert [path.name for path in out.iterdir()] == ["grades.csv"]
    assert table(out) == "mine"
    second = tmp_path / "second"
    assert grade(few, second).returncode == 0
    before = table(second)
    assert "another run" in refused(few.parent / "in", second, "--seconds", 3, "--seed", 7)
    other = tmp_path / "other"
    shutil.copytree(few, other)
    assert "another run" in refused(other, second)
    assert table(second) == before


def test_without_bubblewrap(few, tmp_path):
    bare = os.environ | {"PATH": str(tmp_path)}
    assert "apt-get install bubblewrap" in refused(few, tmp_path / "out", env=bare)
    assert not (tmp_path / "out").exists()
    assert grade(few, tmp_path / "out", "--no-sandbox", env=bare).returncode == 0
    assert "WITHOUT a sandbox" in (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")


def test_help_says_how():
    done = grade("--help")
    assert done.returncode == 0
    for word in ("SUBMISSIONS", "OUT", "--exercise", "--no-sandbox"):
        assert word in done.stdout
