"""Every experiment by name: its variants, and the nets that learn it, as in 1997 and as today.

Experiment 1 is there as in 1997 but for one thing, too: with the whole gradient, "untruncated".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial

import torch

from lstm_course.experiments import nets, tasks
from lstm_course.experiments.tasks import Task

CELLS = ("rnn", "lstm1997", "lstm", "gru")
SETTINGS = ("1997", "untruncated", "modern")
ABOUT = {
    "reber": "1: the embedded Reber grammar",
    "noise-free": "2a: noise-free sequences with a long lag",
    "no-regularities": "2b: random symbols between the two that matter",
    "distractors": "2c: very long lags, many distractors",
    "two-sequences-3a": "3a: noise and signal on one channel",
    "two-sequences-3b": "3b: the signal is noisy, too",
    "two-sequences-3c": "3c: noisy targets",
    "adding": "4: the sum of two marked numbers",
    "multiplication": "5: the product of two marked numbers",
    "temporal-order-6a": "6a: the order of two symbols",
    "temporal-order-6b": "6b: the order of three symbols",
}
NOTHING_NEW = ("reber", "noise-free")  # the sequences that could be tested are the criterion's own
Paper = tuple[str, dict[str, object]]  # a table of results/paper1997.json, and what tells its row


@dataclass(frozen=True)
class Row:
    """One net on one task: a row of the table."""

    experiment: str
    variant: str
    setting: str
    cell: str
    task: Callable[[], Task]
    net: Callable[[int], torch.nn.Module]
    objective: str
    optimiser: Callable[..., torch.optim.Optimizer]
    batch: int
    limit: int
    clip: float | None = None
    paper: Paper | None = None

    @property
    def name(self) -> str:
        """What the row is called in files and on the command line."""
        return f"{self.experiment}/{self.variant}/{self.setting}/{self.cell}"


@cache
def rows() -> tuple[Row, ...]:
    """All rows, in the paper's order."""
    return tuple(_rows())


def named(name: str) -> Row:
    """The row of a name. Raises ValueError for a name that there is not."""
    for row in rows():
        if row.name == name:
            return row
    raise ValueError(f"row: got {name!r}, expected one of {', '.join(row.name for row in rows())}")


def chosen(
    experiments: Iterable[str] = (),
    variants: Iterable[str] = (),
    settings: Iterable[str] = (),
    cells: Iterable[str] = (),
) -> list[Row]:
    """The rows that fit; nothing given means all. Raises ValueError for an unknown name, listing those
    there are.
    """
    found = list(rows())
    for name, wanted in (
        ("experiment", experiments),
        ("variant", variants),
        ("setting", settings),
        ("cell", cells),
    ):
        wanted = list(wanted)
        there = list(dict.fromkeys(getattr(row, name) for row in found))
        for value in wanted:
            if value not in there:
                raise ValueError(f"{name}: got {value!r}, expected one of {', '.join(there)}")
        found = [row for row in found if not wanted or getattr(row, name) in wanted]
    return found


def _rows() -> Iterable[Row]:
    size = {"blocks": 4, "size": 1}, {"blocks": 3, "size": 2}
    table = "table1_exp1_embedded_reber"
    for shape, rate in ((0, 0.1), (1, 0.1), (1, 0.2), (0, 0.5), (1, 0.5)):
        net = size[shape]
        as_in_1997 = _of_1997(
            "reber",
            f"{net['blocks']}x{net['size']},rate={rate}",
            tasks.embedded_reber,
            dict(**net, limit=0.2, biases="gates", output_gates=[-1, -2, -3, -4][: net["blocks"]]),
            rate,
            200_000,
            (table, {"weights": (264, 276)[shape], "lr": rate}),
        )
        yield as_in_1997
        whole = partial(as_in_1997.net, truncated=False)
        yield replace(as_in_1997, setting="untruncated", net=whole, paper=None)
    net = dict(**size[1], output_gates=[-1, -2, -3])
    yield from _of_today("reber", "3x2,rate=0.1", tasks.embedded_reber, 12, 200_000, net)

    for experiment, task, paper in (
        ("noise-free", tasks.noise_free, ("table2_exp2a", {"method": "LSTM"})),
        ("no-regularities", tasks.no_regularities, ("exp2b_text", {})),
    ):
        yield Row(
            experiment,
            "p=100",
            "1997",
            "lstm1997",
            partial(task, 100),
            partial(nets.PredictorOf1997, symbols=101),
            "logistic squared",
            partial(nets.CellAddedLater, lr=1.0, after=2_000),
            1,
            50_000,
            paper=paper,
        )
        yield from _of_today(experiment, "p=100", partial(task, 100), 16, 50_000, None)

    for q, p in (
        (50, 50), (100, 100), (200, 200), (500, 500), (1000, 1000),
        (1000, 500), (1000, 200), (1000, 100), (1000, 50),
    ):  # fmt: skip
        task, net = partial(tasks.with_distractors, q, p), {"blocks": 2, "size": 1}
        yield _of_1997(
            "distractors",
            f"q={q},p={p}",
            task,
            dict(**net, limit=0.2, biases="none"),
            0.01,
            400_000,
            ("table3_exp2c", {"q": q, "p": p}),
        )
        if q == 100:
            yield from _of_today("distractors", f"q={q},p={p}", task, 16, 100_000, net)

    three = {"blocks": 3, "size": 1}
    for kind, cases, rate, table in (
        ("3a", ((100, 3), (100, 1), (1000, 3)), 1.0, "table4_exp3a"),
        ("3b", ((100, 3), (100, 1), (1000, 1)), 1.0, "table5_exp3b"),
        ("3c", ((100, 3), (100, 1)), 0.1, "table6_exp3c"),
    ):
        for T, N in cases:
            task = partial(tasks.two_sequence, kind, T, N)
            gates = {"input_gates": [-1, -3, -5], "output_gates": [-2, -4, -6]}
            yield _of_1997(
                f"two-sequences-{kind}",
                f"T={T},N={N}",
                task,
                dict(**three, limit=0.1, biases="hidden", **gates),
                rate,
                2_000_000 if kind == "3c" or T > 100 else 400_000,
                (table, {"T": T, "N": N}),
            )
            if T == 100:
                yield from _of_today(
                    f"two-sequences-{kind}",
                    f"T={T},N={N}",
                    task,
                    16,
                    200_000,
                    dict(**three, **gates),
                )

    two = {"blocks": 2, "size": 2}
    for T, limit in ((100, 500_000), (500, 1_500_000), (1000, 3_000_000)):
        task, gates = partial(tasks.addition, T), {"input_gates": [-3, -6]}
        yield _of_1997(
            "adding",
            f"T={T}",
            task,
            dict(**two, limit=0.1, **gates),
            0.5,
            limit,
            ("table7_exp4_adding", {"T": T}),
        )
        if T == 100:
            yield from _of_today("adding", f"T={T}", task, 32, 100_000, dict(**two, **gates))
    task = partial(tasks.product, 100)
    yield _of_1997(
        "multiplication",
        "T=100",
        task,
        dict(**two, limit=0.1),
        0.1,
        2_000_000,
        ("table8_exp5_multiplication", {"n_seq": 13}),
    )
    yield from _of_today(
        "multiplication", "T=100", task, 32, 300_000, dict(**two, input_gates=[-3, -6])
    )
    for kind, places, blocks, rate, limit in (
        ("6a", tasks.temporal_order.TWO, 2, 0.5, 300_000),
        ("6b", tasks.temporal_order.THREE, 3, 0.1, 2_500_000),
    ):
        task = partial(tasks.order, places)
        net = {"blocks": blocks, "size": 2, "input_gates": [-2, -4, -6][:blocks]}
        yield _of_1997(
            f"temporal-order-{kind}",
            "T=100",
            task,
            dict(**net, limit=0.1),
            rate,
            limit,
            ("table9_exp6_temporal_order", {"task": kind}),
        )
        yield from _of_today(f"temporal-order-{kind}", "T=100", task, 32, 200_000, net)


def _net_of_1997(seed: int, task: Callable[[], Task], **net: object) -> torch.nn.Module:
    sizes = task()
    return nets.of_1997(
        seed,
        inputs=sizes.inputs,
        outputs=sizes.outputs,
        symbols=sizes.symbols,
        every_step=sizes.every_step,
        **net,
    )


def _net_of_today(seed: int, task: Callable[[], Task], cell: str, hidden: int) -> torch.nn.Module:
    sizes = task()
    return nets.of_today(
        cell,
        seed,
        inputs=sizes.inputs,
        outputs=sizes.outputs,
        hidden=hidden,
        longest=max(3, sizes.longest),
        symbols=sizes.symbols,
        every_step=sizes.every_step,
    )


def _of_1997(
    experiment: str,
    variant: str,
    task: Callable[[], Task],
    net: dict[str, object],
    rate: float,
    limit: int,
    paper: Paper,
) -> Row:
    """As the paper has it: on-line gradient descent, squared error, truncated gradient."""
    return Row(
        experiment,
        variant,
        "1997",
        "lstm1997",
        task,
        partial(_net_of_1997, task=task, **net),
        "logistic squared",
        partial(torch.optim.SGD, lr=rate, fused=True),
        1,
        limit,
        paper=paper,
    )


def _of_today(
    experiment: str,
    variant: str,
    task: Callable[[], Task],
    hidden: int,
    limit: int,
    of_1997: dict[str, object] | None,
) -> Iterable[Row]:
    """Batches, Adam, clipped gradients; gates by chrono initialisation, the net of 1997 by its own."""
    regression = experiment in ("adding", "multiplication") or experiment.startswith("two-")
    makers = {
        cell: partial(_net_of_today, task=task, cell=cell, hidden=hidden)
        for cell in ("rnn", "lstm", "gru")
    }
    if of_1997:
        makers["lstm1997"] = partial(_net_of_1997, task=task, limit=0.1, **of_1997)
    for cell in CELLS:
        if cell in makers:
            yield Row(
                experiment,
                variant,
                "modern",
                cell,
                task,
                makers[cell],
                "squared" if regression else "cross-entropy",
                partial(torch.optim.Adam, lr=0.01, fused=True),
                16,
                limit,
                clip=1.0,
            )
