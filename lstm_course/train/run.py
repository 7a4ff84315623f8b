"""Many nets trained at once; each stops when it is done, and one that fails disturbs no other."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm

from lstm_course.arguments import number, whole
from lstm_course.train import checkpoint as checkpoints
from lstm_course.train.batches import Draw
from lstm_course.train.objective import objective_named
from lstm_course.train.stop import Stop
from lstm_course.train.training import Optimiser, Outcome, Training

SAVE_EVERY = 60  # seconds


def train(
    nets: Sequence[torch.nn.Module],
    draw: Draw | Sequence[Draw],
    *,
    seeds: Sequence[int],
    optimiser: Optimiser,
    limit: int,
    objective: str = "squared",
    batch: int = 32,
    clip: float | None = None,
    stops: Sequence[Stop] = (),
    report: Callable[[torch.nn.Module, int], Any] | None = None,
    device: torch.device | str = "cpu",
    checkpoint: str | Path | None = None,
    progress: bool = True,
) -> list[Outcome]:
    """Train R nets of one architecture side by side, each on sequences of its own.

    A net is called with inputs and lengths, as :class:`lstm_course.nn.WithReadout` is. Net r draws from
    ``seeds[r]``, by ``draw`` or, of several, by the r-th: its sequences do not depend on which others are
    trained with it. An update takes
    ``batch`` sequences (1: on-line, as in 1997), gradients are clipped at norm ``clip`` net by net.
    ``optimiser`` makes an elementwise optimiser of parameters, such as a ``functools.partial`` of
    ``torch.optim.Adam``. A net that reaches all ``stops``, one after the other, is done, and so are all
    after ``limit`` sequences each. One whose loss is not finite is given up with a warning. ``report`` is
    called with a net and its seed at each stop; it returns numbers, or lists or dicts of them.

    With a ``checkpoint`` the run is written to that file every minute, at Ctrl-C and at the end. If the
    file is there the run goes on from it, on the same machine to the same bits as if it had not been
    interrupted. A finished run's outcomes are read from it.

    Raises TypeError or ValueError for arguments that do not fit, before any training; DamagedError or
    MismatchError for a checkpoint that can't be read or is of another run.
    """
    nets, seeds = list(nets), [whole("seeds", seed, at_least=0) for seed in seeds]
    if len(nets) != len(seeds) or len(set(seeds)) != len(seeds):
        raise ValueError(
            f"seeds: got {seeds}, expected {len(nets)} different ones, one for each net"
        )
    whole("limit", limit)
    whole("batch", batch)
    if clip is not None:
        number("clip", clip, low=0)
    objective_named(objective)
    if len({(s.within, s.recent, s.every, s.right) for s in stops}) > 1:
        raise ValueError("stops: expected the same within, recent, every and right in all of them")
    settings = {
        name: str(value)
        for name, value in {
            "nets": nets[0],
            "seeds": seeds,
            "optimiser": optimiser,
            "limit": limit,
            "objective": objective,
            "batch": batch,
            "clip": clip,
            "stops": [(s.within, s.recent, s.wrong_below, s.mean_error, s.every) for s in stops],
        }.items()
    }
    path = None if checkpoint is None else Path(checkpoint)
    device = torch.device(device)
    stored = checkpoints.load(path, settings, device) if path and path.exists() else None
    run = Training(
        nets, draw, seeds, optimiser, limit, objective, batch, clip, stops, report, device
    )
    if stored:
        run.restore(stored)
    saved = time.monotonic()
    with (
        _interruptible() as interrupted,
        tqdm(total=limit, initial=run.sequences, unit="seq", disable=not progress) as bar,
    ):
        while run.active and run.sequences < limit:
            before = run.sequences
            run.update()
            bar.update(run.sequences - before)
            bar.set_postfix(run.postfix(), refresh=False)
            if path and (interrupted.is_set() or time.monotonic() - saved > SAVE_EVERY):
                checkpoints.save(path, settings, run.state())
                saved = time.monotonic()
            if interrupted.is_set():
                raise KeyboardInterrupt
    run.end()
    if path:
        checkpoints.save(path, settings, run.state())
    return run.outcomes()


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Ctrl-C only sets a sign, so that no update is cut in two; in other threads it does nothing."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
