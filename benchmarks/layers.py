"""Training steps of our layers against torch.nn's, as ratios of CPU time in one interleaved run.

    make bench                         all sizes, stored in benchmarks/layers.json
    python benchmarks/layers.py --quick  the small sizes, nothing stored

A step is a forward and a backward run, gradients of input and weights included, on one thread. Above 1
is faster than torch.nn. `autograd` is a textbook's loop: the same equations, operation by operation.
`floor` is the time of the matrix products alone, each a call of torch's library or NumPy's, the faster of
the two, as a part of our step. `memory` is our step's peak as a part of torch.nn's, where there is one.

Replicas: 32 nets with Adam, each 100 steps long, in one call of nn.Replicas against one by one with
torch.nn, as a ratio of training steps of nets per CPU second.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median

# One thread; and libraries as they come, not as a machine's settings hold them to an older processor.
os.environ.update(
    OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", OPENBLAS_CORETYPE=""
)

import numpy as np
import torch
from tqdm import tqdm

from lstm_course import nn, unroll

SIZES = [
    (100, 32, 2, 8),
    (100, 64, 2, 64),
    (100, 32, 16, 64),
    (1000, 16, 1, 64),
    (100, 64, 128, 128),
    (100, 64, 512, 512),
]
KINDS = {
    "LSTM": (nn.LSTM, {}),
    "GRU": (nn.GRU, {}),
    "RNN": (nn.RNN, {}),
    "LSTM, peepholes": (nn.LSTM, {"peepholes": True}),
    "LSTM, coupled": (nn.LSTM, {"coupled": True}),
    "LSTM of 1997": (nn.LSTM1997, {}),
    "GRU, reset before": (nn.GRU, {"reset": "before"}),
}
RESULT = Path(__file__).with_suffix(".json")

Step = Callable[[], object]


def of_layer(layer: torch.nn.Module, xs: torch.Tensor) -> Step:
    """One training step of a layer, ours or torch's."""
    return lambda: layer(xs.requires_grad_())[0].sum().backward()


def of_autograd(layer: nn.Layer, xs: torch.Tensor) -> Step:
    """The same equations, differentiated by autograd operation by operation: the textbook's way."""
    return lambda: (
        unroll.forward(layer.cell, layer.params(), xs.requires_grad_()).hs.sum().backward()
    )


def of_products(layer: nn.Layer, xs: torch.Tensor, numpy: bool) -> Step:
    """The matrix products of a training step by NumPy's library or torch's, and nothing else."""
    (T, B, D), (rows, H) = xs.shape, layer.weight_hh_l0.shape
    W, R = layer.weight_ih_l0.detach(), layer.weight_hh_l0.detach()
    flat, hs = xs.detach().reshape(T * B, D), torch.randn(T, B, H)
    errors = torch.randn(T, B, rows)
    deltas, states = errors.view(T * B, rows), hs.view(T * B, H)
    if numpy:
        W, R, flat, hs, errors, deltas, states = (
            tensor.numpy() for tensor in (W, R, flat, hs, errors, deltas, states)
        )
    multiply = np.matmul if numpy else torch.mm

    def step() -> None:
        multiply(flat, W.T)
        for h, error in zip(hs, errors, strict=True):
            multiply(h, R.T)
            multiply(error, R)
        multiply(deltas.T, flat)
        multiply(deltas.T, states)
        multiply(deltas, W)

    return step


class Net(torch.nn.Module):
    """A layer and a readout of its last step."""

    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.layer, self.readout = layer, torch.nn.Linear(layer.hidden_size, 1)

    def forward(self, xs: torch.Tensor) -> torch.Tensor:
        return self.readout(self.layer(xs)[0][-1])


def of_training(net: torch.nn.Module, xs: torch.Tensor) -> Step:
    """One step of Adam, for one net or for replicas."""
    adam = torch.optim.Adam(net.parameters(), lr=1e-3, fused=isinstance(net, nn.Replicas))

    def step() -> None:
        adam.zero_grad()
        net(xs).square().mean((-1, -2)).sum().backward()
        adam.step()

    return step


def peak(step: Step) -> int:
    """How many kB a step takes at its peak; 0 where the system does not tell (it is not Linux)."""
    if not Path("/proc/self/clear_refs").exists():
        return 0
    step()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    step()
    return _status("VmHWM") - before


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def measure(steps: dict[str, Step], rounds: int) -> dict[str, float]:
    """CPU seconds of each step, the median of interleaved rounds.

    Each step runs once unmeasured before it is measured, so that none pays for the memory that the one
    before it gave back to the system.
    """
    times = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            step()
            started = time.process_time()
            step()
            times[name].append(time.process_time() - started)
    return {name: median(values) for name, values in times.items()}


def compare(
    kind: str, size: tuple[int, int, int, int], rounds: int
) -> dict[str, float | str | list]:
    """One row of the result: ratios of CPU time to ours, and of the floor's to torch.nn's."""
    T, B, D, H = size
    make, variant = KINDS[kind]
    torch.manual_seed(0)
    layer, xs = make(D, H, **variant), torch.randn(T, B, D)
    steps = {"ours": of_layer(layer, xs.clone())}
    steps |= {f"floor {lib}": of_products(layer, xs, lib == "numpy") for lib in ("numpy", "torch")}
    if not variant and make is not nn.LSTM1997:
        reference = getattr(torch.nn, kind)(D, H)
        reference.load_state_dict(layer.state_dict())
        steps["torch.nn"] = of_layer(reference, xs.clone())
    steps["autograd"] = of_autograd(layer, xs.clone())
    seconds = measure(steps, rounds)
    seconds["floor"] = min(seconds["floor numpy"], seconds["floor torch"])
    row: dict[str, float | str | list] = {"kind": kind, "size": list(size)}
    for name in ("torch.nn", "autograd", "floor"):
        if name in seconds:
            row[name] = round(seconds[name] / seconds["ours"], 2)
    if "torch.nn" in steps and (theirs := peak(steps["torch.nn"])):
        row["memory"] = round(peak(steps["ours"]) / theirs, 2)
    return row


def compare_replicas(B: int, H: int, rounds: int) -> dict[str, float | int]:
    """32 nets at once against one of torch.nn's after the other."""
    T, D, nets = 100, 2, 32
    torch.manual_seed(0)
    replicas = nn.Replicas([Net(nn.LSTM(D, H)) for _ in range(nets)])
    xs = torch.randn(nets, T, B, D)
    steps = {
        "replicas": of_training(replicas, xs),
        "one": of_training(Net(torch.nn.LSTM(D, H)), xs[0]),
    }
    seconds = measure(steps, rounds)
    return {
        "B": B,
        "H": H,
        "nets": nets,
        "ratio": round(nets * seconds["one"] / seconds["replicas"], 1),
    }


def processor() -> str:
    """The processor's name, where the system tells it."""
    lines = Path("/proc/cpuinfo")
    names = (
        [x for x in lines.read_text().splitlines() if "model name" in x] if lines.exists() else []
    )
    return names[0].partition(":")[2].strip() if names else platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes only, nothing stored")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    jobs = [(kind, size) for size in SIZES for kind in KINDS if not quick or size[3] <= 64]
    rows = []
    for kind, size in tqdm(jobs):
        rows.append(
            compare(kind, size, rounds=5 if quick or size[3] > 100 or size[0] > 100 else 15)
        )
    together = [compare_replicas(B, H, 5 if quick else 25) for B, H in ((1, 8), (1, 32), (16, 8))]
    print(
        f"{'T, B, D, H':22}{'':20}{'torch.nn':>9}{'autograd':>9}{'floor':>7}{'memory':>8}"
        "   (CPU time / ours; our memory / torch.nn's)"
    )
    for row in rows:
        ratios = (
            f"{row.get(name, '–'):>{w}}"
            for name, w in (("torch.nn", 9), ("autograd", 9), ("floor", 7), ("memory", 8))
        )
        print(f"{', '.join(map(str, row['size'])):22}{row['kind']:20}{''.join(ratios)}")
    for row in together:
        print(
            f"{row['nets']} LSTMs at once, B = {row['B']}, H = {row['H']}: {row['ratio']} times as fast"
        )
    if not quick:
        versions = {name: version(name) for name in ("torch", "numba", "numpy", "scipy")}
        facts = {"processor": processor(), "threads": 1, "python": platform.python_version()}
        RESULT.write_text(
            json.dumps({**facts, **versions, "rows": rows, "replicas": together}, indent=1) + "\n"
        )
        print(f"stored in {RESULT}")


if __name__ == "__main__":
    main()
