"""What a training step holds, and what it leaves behind, beside torch.nn's."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

# In a process of its own, so that no other test's memory is counted.
PROGRAM = """
import ctypes, sys
from pathlib import Path
import torch
from lstm_course import nn

def status(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

def step_of(layer, xs):
    def step():
        layer.zero_grad()
        layer(xs)[0].sum().backward()
    step()
    return step

def peak(step):
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    before = status("VmRSS")
    step()
    return status("VmHWM") - before

torch.set_num_threads(1)
xs = torch.randn(100, 32, 16, requires_grad=True)
ours, theirs = (step_of(module.{kind}(16, 64), xs) for module in (nn, torch.nn))
print(peak(ours), peak(theirs))
small = step_of(nn.{kind}(2, 8), torch.randn(20, 4, 2))
for _ in range(50):
    small()
ctypes.CDLL(None).malloc_trim(0)
before = status("VmRSS")
for _ in range(1000):
    small()
ctypes.CDLL(None).malloc_trim(0)
print(status("VmRSS") - before)
"""


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_no_more_than_torch_holds_and_nothing_kept(kind):
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("{kind}", kind)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    ours, theirs, gained = map(int, found)
    assert 0 < ours <= 1.5 * theirs, f"{ours} kB at the peak, torch.nn {theirs} kB"
    assert gained < 1024, f"{gained} kB more after 1,000 steps"
