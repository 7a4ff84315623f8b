"""Training steps of our layers against torch.nn's, as ratios of CPU time in one interleaved run.

    make bench                         all sizes, stored in benchmarks/layers.json
    python benchmarks/layers.py --quick  the small sizes, nothing stored

A step is a forward and a backward run, gradients of input and weights included, on one thread. Above 1
is faster than torch.nn. `floor` is the time of the matrix products alone, as torch computes them: no
recurrence that uses torch's products can be faster than this. Variants that torch.nn does not have are
compared with the same equations under autograd, step by step.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

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


def of_products(layer: nn.Layer, xs: torch.Tensor) -> Step:
    """The matrix products of a training step, and nothing else."""
    (T, B, D), (rows, H) = xs.shape, layer.weight_hh_l0.shape
    W, R = layer.weight_ih_l0.detach(), layer.weight_hh_l0.detach()
    flat, hs = xs.detach().reshape(T * B, D), torch.randn(T, B, H)
    errors = torch.randn(T, B, rows)

    def step() -> None:
        torch.mm(flat, W.t())
        for h, error in zip(hs, errors, strict=True):
            torch.mm(h, R.t())
            torch.mm(error, R)
        deltas = errors.view(T * B, rows)
        torch.mm(deltas.t(), flat)
        torch.mm(deltas.t(), hs.view(T * B, H))
        torch.mm(deltas, W)

    return step


def measure(steps: dict[str, Step], rounds: int) -> dict[str, float]:
    """CPU seconds of each step, the median of interleaved rounds."""
    times = {name: [] for name in steps}
    for step in steps.values():
        step()
        step()
    for _ in range(rounds):
        for name, step in steps.items():
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
    steps = {"ours": of_layer(layer, xs.clone()), "floor": of_products(layer, xs)}
    if not variant and make is not nn.LSTM1997:
        reference = getattr(torch.nn, kind)(D, H)
        reference.load_state_dict(layer.state_dict())
        steps["torch.nn"] = of_layer(reference, xs.clone())
    steps["autograd"] = of_autograd(layer, xs.clone())
    seconds = measure(steps, rounds)
    row: dict[str, float | str | list] = {"kind": kind, "size": list(size)}
    for name in ("torch.nn", "autograd", "floor"):
        if name in seconds:
            row[name] = round(seconds[name] / seconds["ours"], 2)
    return row


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
    print(f"{'T, B, D, H':22}{'':20}{'torch.nn':>9}{'autograd':>9}{'floor':>7}   (CPU time / ours)")
    for row in rows:
        ratios = (
            f"{row.get(name, '–'):>{w}}"
            for name, w in (("torch.nn", 9), ("autograd", 9), ("floor", 7))
        )
        print(f"{', '.join(map(str, row['size'])):22}{row['kind']:20}{''.join(ratios)}")
    if not quick:
        versions = {name: version(name) for name in ("torch", "numba", "numpy")}
        facts = {"processor": processor(), "threads": 1, "python": platform.python_version()}
        RESULT.write_text(json.dumps({**facts, **versions, "rows": rows}, indent=1) + "\n")
        print(f"stored in {RESULT}")


if __name__ == "__main__":
    main()
