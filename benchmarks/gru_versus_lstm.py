"""LSTM against GRU on three tasks, at equal size and with equal parameters, many seeds each.

    python benchmarks/gru_versus_lstm.py           all of it, about 10 CPU minutes; stored in
                                                   lstm_course/results/gru_versus_lstm.json
    python benchmarks/gru_versus_lstm.py --times   only measure the time per training step again
    python benchmarks/gru_versus_lstm.py --quick   three seeds, few updates, nothing stored

Every net is one recurrent layer of ``lstm_course.nn`` and a linear output, trained by Adam with gradients
clipped at norm 1, in float32. The learning rate is chosen for each net and task by seeds of its own,
whose nets are not counted. The seeds of the comparison come with their own starts and data: nets
of one seed see the same sequences, whatever their architecture, so their differences are paired.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from statsmodels.datasets import sunspots
from torch.nn.functional import cross_entropy, mse_loss
from tqdm import tqdm

import lstm_course
from lstm_course import nn
from lstm_course.tasks import adding, temporal_order

RESULT = Path(lstm_course.__file__).parent / "results" / "gru_versus_lstm.json"
SEEDS = range(20)
TUNING = range(100, 105)
RATES = (0.001, 0.003, 0.01, 0.03)
BATCH, TEST, EVERY = 16, 250, 50
TRAINED_UNTIL, VALIDATED_UNTIL = 1920, 1955  # years of the sunspots; the rest is the test


class Net(torch.nn.Module):
    """A recurrent layer and a linear output at every step: (T, B, D) to (T, B, M)."""

    def __init__(self, kind: str, sizes: tuple[int, int, int], forget_bias: float, seed: int):
        super().__init__()
        D, H, M = sizes
        torch.manual_seed(seed)
        self.layer = getattr(nn, kind)(D, H)
        self.out = torch.nn.Linear(H, M)
        if forget_bias:  # on top of torch's own start, which is about 0
            with torch.no_grad():
                self.layer.bias_ih_l0[H : 2 * H] += forget_bias

    def forward(self, xs: torch.Tensor) -> torch.Tensor:
        return self.out(self.layer(xs)[0])


@dataclass(frozen=True)
class Kind:
    """What is compared: an architecture, its size on each task, and how its gate that keeps starts."""

    layer: str
    sizes: dict[str, int]
    forget_bias: float = 0.0


SMALL = {"adding": 24, "temporal order": 16, "sunspots": 12}
LARGE = {"adding": 28, "temporal order": 19, "sunspots": 14}
KINDS = {
    "LSTM": Kind("LSTM", SMALL),
    "GRU, same size": Kind("GRU", SMALL),
    "GRU, same parameters": Kind("GRU", LARGE),
    "LSTM, forget bias 1": Kind("LSTM", SMALL, forget_bias=1.0),
}


class Adding:
    """Experiment 4 with T = 30: sequences of 30 to 33 steps. Scored: root mean square error."""

    D, M, updates = 2, 1, 2000

    def draw(self, count: int, rng: np.random.Generator) -> adding.Sequences:
        return adding.draw(count, rng, shortest=30)

    def loss(self, ends: torch.Tensor, batch: adding.Sequences) -> torch.Tensor:
        return mse_loss(ends[..., 0], tensor(batch.targets))

    def at_end(self, outputs: torch.Tensor, batch: adding.Sequences) -> torch.Tensor:
        return batch.at_end(outputs[..., 0])[..., None]

    def score(self, ends: torch.Tensor, test: adding.Sequences) -> tuple[float, float]:
        ends = ends[..., 0].numpy()
        return float(((ends - test.targets) ** 2).mean() ** 0.5), float(test.right(ends).mean())


class TemporalOrder:
    """Experiment 6a, shortened: 30 to 33 steps, X or Y at 3–6 and 15–18. Scored: cross-entropy."""

    D, M, updates = 8, 4, 1000

    def draw(self, count: int, rng: np.random.Generator) -> temporal_order.Sequences:
        return temporal_order.draw(count, rng, places=((3, 6), (15, 18)), lengths=(30, 33))

    def loss(self, ends: torch.Tensor, batch: temporal_order.Sequences) -> torch.Tensor:
        return cross_entropy(ends, torch.from_numpy(batch.classes))

    def at_end(self, outputs: torch.Tensor, batch: temporal_order.Sequences) -> torch.Tensor:
        return batch.at_end(outputs)

    def score(self, ends: torch.Tensor, test: temporal_order.Sequences) -> tuple[float, float]:
        loss, probabilities = float(self.loss(ends, test)), ends.softmax(-1).numpy()
        return loss, float(test.right(probabilities).mean())


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.asarray(array, np.float32))


class Training:
    """Nets of one kind side by side, one for each seed and learning rate."""

    def __init__(
        self, kind: Kind, task: str, sizes: tuple[int, int], jobs: list[tuple[int, float]]
    ):
        D, M = sizes
        nets = [
            Net(kind.layer, (D, kind.sizes[task], M), kind.forget_bias, seed) for seed, _ in jobs
        ]
        self.weights = sum(p.numel() for p in nets[0].parameters())
        self.nets = nn.Replicas(nets)
        self.rates = torch.tensor([rate for _, rate in jobs])
        self.optimizer = torch.optim.Adam(self.nets.parameters(), lr=1.0)

    def update(self, loss: torch.Tensor) -> None:
        """One step of Adam, each net at its own rate: Adam's step is proportional to the rate."""
        self.optimizer.zero_grad()
        loss.backward()
        nn.clip_each_grad_norm_(self.nets.parameters(), 1.0)
        before = [p.detach().clone() for p in self.nets.parameters()]
        self.optimizer.step()
        with torch.no_grad():
            for p, old in zip(self.nets.parameters(), before, strict=True):
                p.copy_(old + self.rates.view(-1, *[1] * (p.dim() - 1)) * (p - old))


def train(kind: Kind, name: str, task, jobs: list[tuple[int, float]], updates: int) -> list[dict]:
    """Train on new sequences at every update; return the score of each job at every test."""
    training = Training(kind, name, (task.D, task.M), jobs)
    rngs = [np.random.default_rng([seed, 1]) for seed, _ in jobs]
    test = task.draw(TEST, np.random.default_rng(12345))  # the same for all
    test_xs = tensor(test.xs)
    rows = [{"seed": s, "rate": r, "weights": training.weights, "curve": []} for s, r in jobs]
    for update in range(1, updates + 1):
        batches = [task.draw(BATCH, rng) for rng in rngs]
        outputs = training.nets(tensor(np.stack([b.xs for b in batches])))
        losses = [task.loss(task.at_end(o, b), b) for o, b in zip(outputs, batches, strict=True)]
        training.update(sum(losses))
        if update % EVERY == 0:
            with torch.no_grad():
                outputs = training.nets(test_xs.expand(len(jobs), *test_xs.shape))
                for row, out in zip(rows, outputs, strict=True):
                    row["curve"].append(task.score(task.at_end(out, test), test))
    return rows


class Sunspots:
    """Yearly sunspot numbers, the next year's wanted at every step. Scored: RMSE in sunspots.

    Trained on windows of 32 years up to 1920, whose first 10 predictions don't count. Of each net the
    state with the smallest error on 1921-1955 is kept, and tested on 1956-2008, run on from 1700.
    """

    D, M, updates, window, warm_up = 1, 1, 600, 32, 10

    def __init__(self) -> None:
        data = sunspots.load_pandas().data
        self.years = data["YEAR"].to_numpy().astype(int)
        self.counts = data["SUNACTIVITY"].to_numpy()
        trained = self.counts[self.years <= TRAINED_UNTIL]
        self.mean, self.std = trained.mean(), trained.std()
        self.series = ((self.counts - self.mean) / self.std)[:, None].astype(np.float32)
        self.starts = len(trained) - self.window  # of windows whose last target is in 1920

    def windows(self, rng: np.random.Generator) -> np.ndarray:
        """Years of the inputs and of the last target, counted from 0: (window + 1, BATCH)."""
        return np.arange(self.window + 1)[:, None] + rng.integers(self.starts, size=BATCH)


def forecast(
    kind: Kind, name: str, task: Sunspots, jobs: list[tuple[int, float]], updates: int
) -> list[dict]:
    """Train on the sunspots; return validation and test error of each job, and its test forecasts."""
    training = Training(kind, name, (task.D, task.M), jobs)
    rngs = [np.random.default_rng([seed, 1]) for seed, _ in jobs]
    whole = torch.from_numpy(task.series[:-1, None]).expand(len(jobs), -1, -1, -1)
    years, counts = task.years[1:], task.counts[1:]  # of what is forecast
    validate = (years > TRAINED_UNTIL) & (years <= VALIDATED_UNTIL)
    test = years > VALIDATED_UNTIL
    rows = [
        {"seed": s, "rate": r, "weights": training.weights, "validation": np.inf} for s, r in jobs
    ]
    for update in range(1, updates + 1):
        windows = torch.from_numpy(task.series[np.stack([task.windows(rng) for rng in rngs])])
        outputs = training.nets(windows[:, :-1])
        errors = (outputs - windows[:, 1:])[:, task.warm_up :]
        training.update((errors**2).mean((1, 2, 3)).sum())
        if update % EVERY == 0:
            with torch.no_grad():
                outputs = training.nets(whole)[..., 0, 0].numpy() * task.std + task.mean
            for row, output in zip(rows, outputs, strict=True):
                errors = output - counts
                validation = float((errors[validate] ** 2).mean() ** 0.5)
                if validation < row["validation"]:
                    row["validation"], row["update"] = validation, update
                    row["error"] = float((errors[test] ** 2).mean() ** 0.5)
                    row["forecasts"] = output[test].round(1).tolist()
    return rows


def jobs_of(seeds: range, rates: tuple[float, ...]) -> list[tuple[int, float]]:
    return [(seed, rate) for seed in seeds for rate in rates]


def final(row: dict) -> float:
    """What the learning rate is chosen by: the mean score of the last four tests, or validation."""
    return (
        row["validation"]
        if "validation" in row
        else float(np.mean([s for s, _ in row["curve"]][-4:]))
    )


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list | tuple) else value


def as_json(result: dict) -> str:
    return json.dumps(result, separators=(",", ":")) + "\n"


TASKS = {"adding": Adding, "temporal order": TemporalOrder, "sunspots": Sunspots}


def compare(name: str, kind: str, quick: bool) -> tuple[dict, float]:
    """Tune and train one kind of net on one task; return what is stored, and the CPU seconds it took."""
    torch.set_num_threads(1)
    started, task = time.process_time(), TASKS[name]()
    run = forecast if name == "sunspots" else train
    updates = 100 if quick else task.updates
    tried = run(KINDS[kind], name, task, jobs_of(TUNING[:1] if quick else TUNING, RATES), updates)
    means = {
        rate: float(np.mean([final(row) for row in tried if row["rate"] == rate])) for rate in RATES
    }
    best = min(means, key=means.__getitem__)
    rows = run(KINDS[kind], name, task, jobs_of(SEEDS[:3] if quick else SEEDS, (best,)), updates)
    found = {
        "hidden": KINDS[kind].sizes[name],
        "weights": rows[0]["weights"],
        "tuning": {f"{rate:g}": mean for rate, mean in means.items()},
        "rate": best,
    }
    for key in rows[0].keys() - found.keys():
        found[key] = [row[key] for row in rows]
    return dict(sorted(found.items())), time.process_time() - started


def times() -> dict:
    """CPU time of a GRU's training step over an LSTM's of the same size, interleaved, one thread."""
    torch.set_num_threads(1)
    rows = []
    for D, H in ((8, 16), (8, 128), (256, 512)):
        xs = torch.randn(20, 16, D)
        layers = {
            (where, kind): getattr(library, kind)(D, H)
            for where, library in (("ours", nn), ("torch.nn", torch.nn))
            for kind in ("LSTM", "GRU")
        }
        runs = {(where, kind): (layer, True) for (where, kind), layer in layers.items()}
        for kind in ("LSTM", "GRU"):  # torch.nn without the library that fuses a whole LSTM
            runs["torch.nn, oneDNN off", kind] = (layers["torch.nn", kind], False)
        seconds = {run: [] for run in runs}
        for _ in range(21):
            for run, (layer, with_onednn) in runs.items():
                with torch.backends.mkldnn.flags(enabled=with_onednn):
                    started = time.process_time()
                    layer(xs)[0].sum().backward()
                seconds[run].append(time.process_time() - started)
        typical = {run: median(times[1:]) for run, times in seconds.items()}
        ratios = {
            where: typical[where, "GRU"] / typical[where, "LSTM"]
            for where in ("ours", "torch.nn", "torch.nn, oneDNN off")
        }
        slower = {
            kind: typical["torch.nn, oneDNN off", kind] / typical["torch.nn", kind]
            for kind in ("LSTM", "GRU")
        }
        rows.append(
            {
                "input": D,
                "hidden": H,
                "GRU over LSTM": {name: round(r, 1) for name, r in ratios.items()},
                "oneDNN off over on": {name: round(r, 1) for name, r in slower.items()},
            }
        )
    return {"machine": f"{platform.machine()}, one thread", "steps": 20, "batch": 16, "rows": rows}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="few seeds and updates, nothing stored"
    )
    parser.add_argument("--times", action="store_true", help="measure times alone, store them")
    quick = parser.parse_args().quick
    if parser.parse_args().times:
        stored = json.loads(RESULT.read_text())
        RESULT.write_text(as_json(stored | {"times": times()}))
        return
    pairs = [(name, kind) for name in TASKS for kind in KINDS]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(compare, name, kind, quick) for name, kind in pairs]
        found = [job.result() for job in tqdm(jobs)]
    results: dict[str, dict] = {name: {} for name in TASKS}
    for (name, kind), (result, _) in zip(pairs, found, strict=True):
        results[name][kind] = result
        ends = result.get("error") or [curve[-1][0] for curve in result["curve"]]
        print(f"{name:15} {kind:21} {result['weights']:5} {result['rate']:6} {np.mean(ends):8.3f}")
    if not quick:
        facts = {
            "command": "python benchmarks/gru_versus_lstm.py",
            "cpu_minutes": sum(seconds for _, seconds in found) / 60,
            "python": platform.python_version(),
            **{name: version(name) for name in ("torch", "numpy", "statsmodels")},
            "batch": BATCH,
            "tested_every": EVERY,
            "test_sequences": TEST,
            "rates": RATES,
            "tuning_seeds": list(TUNING),
            "updates": {name: task.updates for name, task in TASKS.items()},
        }
        RESULT.write_text(as_json(rounded(facts | {"tasks": results, "times": times()})))
        print(f"stored in {RESULT}")


if __name__ == "__main__":
    main()
