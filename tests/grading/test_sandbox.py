"""The limits of a single run: on time, whatever a program writes, and on what it sends."""

from __future__ import annotations

import os
import shutil
import time

import pytest
from handed_in import SEND

from conftest import grade, hand_in
from grading import sandbox

pytestmark = [pytest.mark.xdist_group("grading"), pytest.mark.usefixtures("sandboxed")]


def run(*cells, seconds, in_all=60.0):
    started = time.monotonic()
    job = {"cells": [(f"cell {k}", source) for k, source in enumerate(cells)], "calls": []}
    outcome = sandbox.run(job, seconds=seconds, in_all=in_all)
    assert time.monotonic() - started < 20
    return outcome


def test_lines_of_its_own_gain_no_time():
    drip = SEND + "import time\nwhile True:\n    send('{}\\n')\n    time.sleep(0.1)"
    outcome = run("", drip, "", seconds=0.5)
    assert outcome.ended == "ran for more than 0.5 seconds"
    assert [line["step"] for line in outcome.lines] == [0, 1]


def test_many_short_steps_have_a_limit_together():
    outcome = run(*["import time; time.sleep(0.2)"] * 100, seconds=5, in_all=0.5)
    assert outcome.ended == "used up the time of the whole notebook"
    assert 2 <= len(outcome.lines) <= 4


def test_an_endless_line_is_cut():
    outcome = run(SEND + "while True: send('[' * 2**16)", seconds=10)
    assert outcome.ended == "sent more than any answer needs"


def test_a_sandbox_that_fails_costs_no_student_marks(all_cases, tmp_path):
    """As when another program has taken all that the machine has, after the check at the beginning."""
    failing = tmp_path / "bwrap"
    failing.write_text(
        f"#!/bin/sh\n[ ! -e {tmp_path}/once ] || {{ echo no more processes; exit 1; }}\n"
        f'touch {tmp_path}/once\nexec {shutil.which("bwrap")} "$@"\n'
    )
    failing.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    one = hand_in(tmp_path / "in", {"correct": all_cases[0]["correct"]})
    done = grade(one, tmp_path / "out", env=os.environ | {"PATH": path})
    assert (done.returncode, "no more processes" in done.stderr) == (2, True)
    assert not list((tmp_path / "out" / "results").iterdir())
    assert grade(one, tmp_path / "out").returncode == 0
