"""The state of a run of training, and one update of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from lstm_course.nn import Replicas, clip_each_grad_norm_
from lstm_course.train.batches import Batch, Draw, Streams
from lstm_course.train.objective import each_loss, objective_named
from lstm_course.train.stop import Recent, Stop

POINTS = 200  # of a learning curve, about

Optimiser = Callable[[Iterable[torch.nn.Parameter]], torch.optim.Optimizer]


class Outcome(NamedTuple):
    """What became of one net."""

    seed: int  #: what it drew from
    status: str  #: "solved", "not solved", or "diverged": its loss was no finite number
    sequences: int  #: how many it was trained on
    reached: tuple[int, ...]  #: after how many sequences it reached each stop
    reports: tuple[Any, ...]  #: what ``report`` said of it at each stop
    losses: np.ndarray  #: (points, 2): sequences so far, mean loss since the point before
    net: torch.nn.Module  #: trained, by itself


class Training:
    """The state of a run: everything that an update changes. Nets that are done leave it."""

    def __init__(
        self,
        nets: list[torch.nn.Module],
        draw: Draw | Sequence[Draw],
        seeds: list[int],
        optimiser: Optimiser,
        limit: int,
        objective: str,
        batch: int,
        clip: float | None,
        stops: Sequence[Stop],
        report: Callable[[torch.nn.Module, int], Any] | None,
        device: torch.device,
    ) -> None:
        self.seeds, self.limit, self.batch, self.clip = seeds, limit, batch, clip
        self.stops, self.report, self.device = list(stops), report, device
        self.objective = objective_named(objective)
        self.replicas = Replicas(nets).to(device)
        trained = [p for p in self.replicas.parameters() if p.requires_grad]
        self.optimiser = optimiser(trained)
        self.streams = Streams(draw, seeds, batch)
        self.recent = Recent(self.stops[0].recent, len(nets)) if self.stops else None
        self.active = list(range(len(nets)))  # which of the nets the replicas are
        self.sequences = 0
        R = len(nets)
        self.status = ["not solved"] * R
        self.ended_after = [limit] * R
        self.reached: list[list[int]] = [[] for _ in range(R)]
        self.reports: list[list[Any]] = [[] for _ in range(R)]
        self.tests = [0] * R
        self.losses: list[list[tuple[int, float]]] = [[] for _ in range(R)]
        self.since = np.zeros(R), 0  # summed losses of the active nets, and of how many updates
        self.finished: dict[int, dict[str, torch.Tensor]] = {}  # weights of nets that are done
        self.point_every = max(1, limit // (POINTS * batch))  # updates

    def update(self) -> None:
        """Train every active net on its next sequences, and let go of those that are done."""
        given = self.streams.next()
        inputs, targets, lengths, wanted = (
            torch.from_numpy(np.ascontiguousarray(array)).to(self.device)
            for array in (*given, given.wanted())
        )
        dtype = next(p.dtype for p in self.replicas.parameters() if p.is_floating_point())
        targets, wanted = targets.to(dtype), wanted.to(dtype)
        if inputs.is_floating_point():
            inputs = inputs.to(dtype)
        self.optimiser.zero_grad()
        returned = self.replicas(inputs, lengths)
        losses = each_loss(self.objective, returned, targets, wanted)
        losses.sum().backward()
        if self.clip is not None:
            clip_each_grad_norm_(self.replicas.parameters(), self.clip)
        self.optimiser.step()
        self.sequences += self.batch
        losses = losses.detach().cpu().numpy().astype(float)
        self._note(losses)
        done = self._diverged(losses)
        if self.recent:
            if self.stops[0].recent:
                outputs = self.objective.outputs(returned.detach()).cpu().numpy()
                self.recent.add(*self.stops[0].judge(outputs, given))
            if self.sequences % self.stops[0].every < self.batch:
                done |= self._stopped(done)
        if done:
            self._let_go(done)

    def _note(self, losses: np.ndarray) -> None:
        total, count = self.since
        self.since = total + losses, count + 1
        if self.since[1] == self.point_every:
            for i, mean in zip(self.active, self.since[0] / self.since[1], strict=True):
                self.losses[i].append((self.sequences, float(mean)))
            self.since = np.zeros(len(self.active)), 0

    def _diverged(self, losses: np.ndarray) -> set[int]:
        """The places of nets whose loss is not finite."""
        places = set(np.flatnonzero(~np.isfinite(losses)).tolist())
        for place in places:
            i = self.active[place]
            self.status[i] = "diverged"
            warnings.warn(
                f"seed {self.seeds[i]}: the loss was {losses[place]} after {self.sequences} sequences; "
                "this net is given up, the others go on",
                RuntimeWarning,
                stacklevel=4,
            )
        return places

    def _stopped(self, leave: set[int]) -> set[int]:
        """The places of nets that have now reached their last stop; ``leave`` are given up already."""
        for level, stop in enumerate(self.stops):
            for place in np.flatnonzero(self.recent.good(stop)).tolist():
                i = self.active[place]
                if place in leave or len(self.reached[i]) != level or not self._passes(place, stop):
                    continue
                self.reached[i].append(self.sequences)
                if self.report:
                    self.reports[i].append(self.report(self.replicas.net(place), self.seeds[i]))
                if len(self.reached[i]) == len(self.stops):
                    self.status[i] = "solved"
        return {p for p, i in enumerate(self.active) if self.status[i] == "solved"}

    def _passes(self, place: int, stop: Stop) -> bool:
        if not stop.test:
            return True
        net, i = self.replicas.net(place), self.active[place]
        wrong, error = [], []
        for batch in stop.test(self.seeds[i], self.tests[i]):
            outputs = self.objective.outputs(returned_by(net, batch)).cpu().numpy()
            for found, one in zip((wrong, error), stop.judge(outputs, batch), strict=True):
                found.extend(one)
            if sum(wrong) >= stop.wrong_below:
                break
        self.tests[i] += 1
        return bool(stop.fulfilled(np.array(wrong), np.array(error)))

    def _let_go(self, places: set[int]) -> None:
        for place in places:
            i = self.active[place]
            self.ended_after[i] = self.sequences
            self.finished[i] = self.replicas.net(place).state_dict()
        keep = [place for place in range(len(self.active)) if place not in places]
        self.active = [self.active[place] for place in keep]
        self.since = self.since[0][keep], self.since[1]
        if not keep:
            return
        keep_nets(self.replicas, self.optimiser, keep)
        self.streams.keep(keep)
        if self.recent:
            self.recent.keep(keep)

    def end(self) -> None:
        """Note the weights of nets that were still learning at the limit."""
        if self.active:
            self._let_go(set(range(len(self.active))))

    def postfix(self) -> dict[str, str]:
        """What the progress bar says beside the rate."""
        last = [self.losses[i][-1][1] for i in self.active if self.losses[i]]
        loss = f"{np.mean(last):.3g}" if last else "–"
        return {"loss": loss, "solved": f"{self.status.count('solved')}/{len(self.status)}"}

    def outcomes(self) -> list[Outcome]:
        """What became of each net, in the order of the seeds."""
        found = []
        for i, seed in enumerate(self.seeds):
            net = self.replicas.net(0)
            net.load_state_dict(self.finished[i])
            losses = np.array(self.losses[i], float).reshape(-1, 2)
            reached, reports = tuple(self.reached[i]), tuple(self.reports[i])
            found.append(
                Outcome(seed, self.status[i], self.ended_after[i], reached, reports, losses, net)
            )
        return found

    NOTES = (
        "active",
        "sequences",
        "status",
        "ended_after",
        "reached",
        "reports",
        "tests",
        "losses",
    )

    def state(self) -> dict[str, Any]:
        """Everything that :meth:`restore` needs to go on from here."""
        return {
            **{name: getattr(self, name) for name in self.NOTES},
            "finished": self.finished,
            "since": (torch.from_numpy(self.since[0].copy()), self.since[1]),
            "weights": self.replicas.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "streams": self.streams.state(),
            "recent": self.recent.state() if self.recent else None,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from where ``state`` was taken."""
        if state["active"]:
            keep_nets(self.replicas, self.optimiser, state["active"])
            self.streams.keep(state["active"])
            self.streams.restore(state["streams"])
            self.replicas.load_state_dict(state["weights"])
            self.optimiser.load_state_dict(state["optimiser"])
            if self.recent:
                self.recent.restore(state["recent"])
        for name in self.NOTES:
            setattr(self, name, state[name])
        self.finished = state["finished"]
        self.since = state["since"][0].numpy(), state["since"][1]


def keep_nets(replicas: Replicas, optimiser: torch.optim.Optimizer, nets: Sequence[int]) -> None:
    """Go on with some of the nets, and with what an optimiser has noted of them."""
    before = dict(replicas.named_parameters())
    replicas.keep(nets)
    now = {before[name]: parameter for name, parameter in replicas.named_parameters()}
    for group in optimiser.param_groups:
        group["params"] = [now[parameter] for parameter in group["params"]]
    for parameter, values in list(optimiser.state.items()):
        del optimiser.state[parameter]
        optimiser.state[now[parameter]] = {
            name: value[[*nets]] if isinstance(value, torch.Tensor) and value.dim() else value
            for name, value in values.items()
        }


def returned_by(net: torch.nn.Module, batch: Batch) -> torch.Tensor:
    """What one net returns for a batch: (B, K) or (T, B, K), without gradients."""
    some = next(net.parameters())
    inputs = torch.from_numpy(np.ascontiguousarray(batch.inputs)).to(some.device)
    if inputs.is_floating_point():
        inputs = inputs.to(some.dtype)
    with torch.no_grad():
        return net(inputs, torch.from_numpy(np.ascontiguousarray(batch.lengths)).to(some.device))
