"""The package as a wheel: all of its files, and NumPy alone is enough for the equations."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

EQUATIONS = """
import sys
import numpy as np
import lstm_course
from lstm_course import convert, initialize, jacobian, unroll
from lstm_course.cells import LSTM

params = initialize.uniform(LSTM(), 2, 3, seed=0)
run = unroll.forward(LSTM(), params, np.ones((5, 1, 2)))
print(unroll.backward(LSTM(), params, run, np.ones((5, 1, 3))).params.R.shape)
print(jacobian.highway(LSTM(), params, np.ones((5, 2))).share.shape)
print(lstm_course.__file__)
"""


def test_it_has_every_module_and_data_file(repository, dist):
    (wheel,) = dist.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = (path for path in (repository / "lstm_course").rglob("*") if path.is_file())
    assert held == {path.relative_to(repository).as_posix() for path in files}


def test_numpy_is_enough_for_the_equations(course, tmp_path):
    site = Path(find_spec("numpy").origin).parents[1]
    for name in ("numpy", "numpy.libs"):
        if (site / name).exists():
            (tmp_path / name).symlink_to(site / name)
    env = os.environ | {"PYTHONPATH": os.pathsep.join((str(course), str(tmp_path)))}
    bare = [sys.executable, "-S", "-c", EQUATIONS]  # -S: nothing else that is installed
    done = subprocess.run(bare, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.split("\n")[:2] == ["(12, 3)", "(6,)"]
    assert str(course) in done.stdout
