"""Many nets in one call: each trains as if it were alone."""

from __future__ import annotations

import pytest
import torch
from cases import B, D, H, T

from lstm_course import kernels, nn
from lstm_course.kernels import recurrence

R = 6
KINDS = {
    "LSTM": lambda: nn.LSTM(D, H),
    "deep, both ways": lambda: nn.LSTM(D, H, num_layers=2, bidirectional=True),
    "peepholes": lambda: nn.LSTM(D, H, peepholes=True, batch_first=True),
    "GRU": lambda: nn.GRU(D, H),
    "GRU before": lambda: nn.GRU(D, H, reset="before"),
    "RNN without bias": lambda: nn.RNN(D, H, bias=False),
    "1997": lambda: nn.LSTM1997(D, H),
    "1997, blocks": lambda: nn.LSTM1997(D, H, block_size=2),  # not compiled
    "simplified": lambda: nn.SimplifiedGRU(D, H, update=0.3),
}


class Net(torch.nn.Module):
    """A layer and a readout of its last step."""

    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.readout = torch.nn.Linear(H * (1 + getattr(layer, "bidirectional", False)), 1)

    def forward(self, xs: torch.Tensor) -> torch.Tensor:
        return self.readout(self.layer(xs)[0][:, -1])


def nets(make, count=R):
    made = []
    for seed in range(count):
        torch.manual_seed(seed)
        made.append(Net(make()).double())
    return made


def train(net, xs, steps=3):
    """A few steps of Adam with clipping; the losses of all nets are added up, as each has its own."""
    adam, losses = torch.optim.Adam(net.parameters(), lr=0.1), []
    clip = (
        nn.clip_each_grad_norm_ if isinstance(net, nn.Replicas) else torch.nn.utils.clip_grad_norm_
    )
    for _ in range(steps):
        adam.zero_grad()
        loss = (net(xs) - 1).square().mean((-1, -2))
        loss.sum().backward()
        clip(net.parameters(), 0.1)
        adam.step()
        losses.append(loss.detach())
    return torch.stack(losses)


@pytest.mark.parametrize("engine", ["side by side", "one by one", "no numba"])
@pytest.mark.parametrize("kind", KINDS)
def test_training_together_is_training_alone(kind, engine, monkeypatch):
    monkeypatch.setattr(recurrence, "side_by_side", lambda *_: engine == "side by side")
    if engine == "no numba":
        monkeypatch.setenv(recurrence.EAGER, "1")
    alone = nets(KINDS[kind])
    replicas = nn.Replicas(alone)
    xs = torch.randn(R, B, T, D, dtype=torch.float64)
    together = train(replicas, xs)
    for r, net in enumerate(alone):
        torch.testing.assert_close(together[:, r], train(net, xs[r]), rtol=0, atol=1e-10)
        for a, b in zip(replicas.net(r).parameters(), net.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-9)


def test_the_nets_that_went_in_stay_as_they_were():
    (net,) = nets(KINDS["GRU"], 1)
    before = [p.clone() for p in net.parameters()]
    replicas = nn.Replicas([net])
    train(replicas, torch.randn(1, B, T, D, dtype=torch.float64))
    for p, old in zip(net.parameters(), before, strict=True):
        assert torch.equal(p, old)


def test_small_nets_run_side_by_side(monkeypatch):
    calls = []
    forward = kernels.forward

    def counted(*arguments):
        calls.append(arguments[2].shape)
        return forward(*arguments)

    monkeypatch.setattr(kernels, "forward", counted)
    replicas = nn.Replicas([nn.LSTM(D, H) for _ in range(R)])
    replicas(torch.randn(R, T, B, D))
    assert calls == [(R, T, B, D)]


def test_state_and_weights_keep_their_names():
    layer = nn.LSTM(D, H)
    replicas = nn.Replicas([layer, nn.LSTM(D, H)])
    shapes = {name: tuple(p.shape) for name, p in replicas.named_parameters()}
    assert shapes == {f"each.{n}": (2, *p.shape) for n, p in layer.named_parameters()}
    state = torch.randn(2, 1, B, H), torch.randn(2, 1, B, H)
    xs = torch.randn(2, T, B, D)
    _, (h, _) = replicas(xs, state)
    _, (expected, _) = layer(xs[0], tuple(part[0] for part in state))
    torch.testing.assert_close(h[0], expected)


def test_each_net_is_clipped_by_its_own_norm():
    p, q = torch.nn.Parameter(torch.zeros(3, 2)), torch.nn.Parameter(torch.zeros(3, 1, 1))
    p.grad = torch.tensor([[3.0, 0.0], [0.3, 0.0], [float("nan"), 0.0]])
    q.grad = torch.tensor([4.0, 0.4, 1.0]).view(3, 1, 1)
    norms = nn.clip_each_grad_norm_([p, q], 1.0)
    torch.testing.assert_close(norms[:2], torch.tensor([5.0, 0.5]))
    torch.testing.assert_close(p.grad[:2], torch.tensor([[0.6, 0.0], [0.3, 0.0]]))
    torch.testing.assert_close(q.grad[:2].flatten(), torch.tensor([0.8, 0.4]))
    assert norms[2].isnan()
    assert p.grad[2].isnan().all()


def test_one_net_that_fails_does_not_touch_the_others():
    alone = nets(KINDS["LSTM"], 3)
    replicas = nn.Replicas(alone)
    xs = torch.randn(3, B, T, D, dtype=torch.float64)
    xs[1, 0, 0, 0] = float("nan")
    found = train(replicas, xs)
    assert found[1:, 1].isnan().all()  # from the first update on
    torch.testing.assert_close(found[:, 0], train(alone[0], xs[0]), rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: nn.Replicas([]), ValueError, "nets: got none"),
        (lambda: nn.Replicas([3]), TypeError, "nets: got int at 0"),
        (
            lambda: nn.Replicas([nn.LSTM(D, H), nn.LSTM(D, H + 1)]),
            ValueError,
            r"nets: got LSTM\(.*\) at 1, expected the architecture",
        ),
        (
            lambda: nn.Replicas([nn.LSTM(D, H)] * 2)(torch.zeros(3, T, B, D)),
            ValueError,
            r"input 0: got shape \(3, .*expected \(2, \.\.\.\)",
        ),
        (lambda: nn.Replicas([nn.RNN(D, H)]).net(1), ValueError, "r: got 1"),
        (lambda: nn.clip_each_grad_norm_([], 0), ValueError, "max_norm: got 0"),
        (lambda: nn.clip_each_grad_norm_([], "1"), TypeError, "max_norm: got '1'"),
    ],
)
def test_bad_input_is_named(make, error, says):
    with pytest.raises(error, match=says):
        make()
