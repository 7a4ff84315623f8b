"""Training many nets at once: what stops them, what is kept, and going on after an interruption."""

from __future__ import annotations

import os
import signal
from functools import partial

import numpy as np
import pytest
import torch

from lstm_course import nn, train
from lstm_course.tasks import adding, temporal_order
from lstm_course.train import checkpoint as checkpoints
from lstm_course.train.stop import Recent

T = 12
ADAM = partial(torch.optim.Adam, lr=0.02, fused=True)


def draw(count, rng):
    return train.of_task(adding.draw(count, rng, shortest=T))


def net(seed, hidden=6, dtype=torch.float32):
    torch.manual_seed(seed)
    return nn.WithReadout(nn.LSTM(2, hidden, dtype=dtype), 1)


def run(seeds=(0, 1, 2), nets=None, **changed):
    given = {
        "seeds": seeds,
        "optimiser": ADAM,
        "limit": 96,
        "batch": 4,
        "clip": 1.0,
        "progress": False,
    }
    nets = [net(seed) for seed in seeds] if nets is None else nets
    return train.train(nets, changed.pop("draw", draw), **{**given, **changed})


def same(ones, others):
    for a, b in zip(ones, others, strict=True):
        assert (a.seed, a.status, a.sequences, a.reached, a.reports) == (
            b.seed, b.status, b.sequences, b.reached, b.reports,
        )  # fmt: skip
        np.testing.assert_array_equal(a.losses, b.losses)
        for p, q in zip(a.net.parameters(), b.net.parameters(), strict=True):
            assert torch.equal(p, q)


def test_one_update_is_adam_on_the_clipped_gradient_of_the_objective():
    (found,) = run([5], [net(5, dtype=torch.float64)], limit=4)
    mine, rng = net(5, dtype=torch.float64), np.random.default_rng([1, 5])
    xs, targets, lengths = (torch.from_numpy(x) for x in draw(256, rng))
    xs, targets, lengths = xs[:, :4], targets[:4], lengths[:4]
    hs = mine.layer(xs)[0]
    outputs = mine.readout(torch.stack([hs[n - 1, b] for b, n in enumerate(lengths)]))
    loss = ((outputs - targets) ** 2 / 2).sum(1).mean()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(mine.parameters(), 1.0)
    torch.optim.Adam(mine.parameters(), lr=0.02).step()
    assert found.losses[0, 1] == pytest.approx(loss.item(), rel=1e-12)
    for p, q in zip(found.net.parameters(), mine.parameters(), strict=True):
        torch.testing.assert_close(
            p, q, rtol=0, atol=1e-6
        )  # clip_each_… and torch's differ in 1e-6


def test_a_net_does_not_depend_on_those_beside_it():
    many = run((0, 1, 2), [net(s, dtype=torch.float64) for s in (0, 1, 2)])
    (alone,) = run((1,), [net(1, dtype=torch.float64)])
    np.testing.assert_allclose(many[1].losses, alone.losses, rtol=1e-9)
    for p, q in zip(many[1].net.parameters(), alone.net.parameters(), strict=True):
        torch.testing.assert_close(p, q, rtol=1e-9, atol=1e-9)


def test_learning_stops_when_it_should():
    stop = train.Stop(within=0.3, recent=64, mean_error=0.12)
    found = run(limit=20_000, batch=16, stops=[stop], report=lambda net, seed: {"seed": seed})
    for outcome in found:
        assert outcome.status == "solved"
        assert outcome.reached == (outcome.sequences,)
        assert 64 <= outcome.sequences < 20_000
        assert outcome.reports == ({"seed": outcome.seed},)
        outputs = train.returned_by(outcome.net, draw(500, np.random.default_rng(9))).numpy()
        assert abs(outputs - draw(500, np.random.default_rng(9)).targets).mean() < 0.15
    assert len({outcome.sequences for outcome in found}) > 1  # each stops by itself


def test_stops_are_reached_one_after_the_other():
    stops = [train.Stop(recent=32, mean_error=error) for error in (0.16, 0.12)]
    for outcome in run(limit=20_000, batch=16, stops=stops):
        assert outcome.status == "solved"
        first, second = outcome.reached
        assert 32 <= first <= second == outcome.sequences


def test_a_test_decides_where_there_is_one():
    asked = []

    def test(seed, before):
        asked.append((seed, before))
        return [draw(50, np.random.default_rng([seed, before]))]

    impossible = train.Stop(within=1e-6, recent=0, every=32, test=test)
    assert {o.status for o in run(stops=[impossible])} == {"not solved"}
    assert asked == [(seed, n) for n in range(3) for seed in (0, 1, 2)]
    easy = train.Stop(within=9.0, recent=0, every=32, test=test)
    assert [o.reached for o in run(stops=[easy])] == [(32,)] * 3


def test_recent_judgements_are_the_last_ones():
    stop, recent = train.Stop(recent=3, wrong_below=2, mean_error=0.5), Recent(3, 2)
    recent.add(np.array([[1, 1], [0, 0]], bool), np.array([[0.9, 0.9], [0.1, 0.1]]))
    assert recent.good(stop).tolist() == [False, False]  # two are not three
    recent.add(np.array([[0, 0], [0, 1]], bool), np.array([[0.1, 0.1], [0.1, 0.1]]))
    assert recent.good(stop).tolist() == [True, True]  # 1, 0, 0 and 0, 0, 1
    recent.add(np.array([[1], [1]], bool), np.array([[0.1], [0.1]]))
    assert recent.good(stop).tolist() == [True, False]
    recent.add(np.array([[0], [0]], bool), np.array([[1.9], [0.0]]))
    assert recent.good(stop).tolist() == [False, False]  # mean error; two wrong


def test_a_diverging_net_is_given_up_and_the_others_go_on():
    nets = [net(seed) for seed in (0, 1, 2)]
    with torch.no_grad():
        nets[1].readout.weight.fill_(1e30)
    with pytest.warns(RuntimeWarning, match="seed 1: the loss was inf after 4 sequences"):
        found = run(nets=nets, limit=48)
    assert [o.status for o in found] == ["not solved", "diverged", "not solved"]
    assert [o.sequences for o in found] == [48, 4, 48]
    healthy = run(seeds=(0, 2), limit=48)
    for a, b in zip((found[0], found[2]), healthy, strict=True):
        np.testing.assert_allclose(a.losses[1:], b.losses[1:], rtol=1e-4)


def interrupting(at, of=draw):
    """Sequences, of which draw number ``at`` presses Ctrl-C; three nets draw 256 each at a time."""
    drawn = 0

    def draw_(count, rng):
        nonlocal drawn
        drawn += 1
        if drawn == at:
            os.kill(os.getpid(), signal.SIGINT)
        return of(count, rng)

    return draw_


@pytest.mark.parametrize("optimiser", [ADAM, partial(torch.optim.SGD, lr=0.1)], ids=["Adam", "SGD"])
@pytest.mark.parametrize("at", [5, 7])
def test_ctrl_c_and_again_is_the_same_to_the_last_bit(at, optimiser, tmp_path):
    stop = train.Stop(within=0.2, recent=300, wrong_below=90)  # nets leave on the way
    given = {"limit": 1200, "stops": [stop], "optimiser": optimiser}
    expected = run(**given)
    path = tmp_path / "adding.pt"
    with pytest.raises(KeyboardInterrupt):
        run(draw=interrupting(at), checkpoint=path, **given)
    assert [p.name for p in tmp_path.iterdir()] == ["adding.pt"]
    same(run(checkpoint=path, **given), expected)
    same(run(checkpoint=path, **given), expected)  # a finished run is read


def test_ctrl_c_works_as_before_afterwards():
    before = signal.getsignal(signal.SIGINT)
    run(limit=8)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    checkpoints.save(path, {}, {"n": 1})

    def full(value, file):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoints.save(path, {}, {"n": 2})
    assert [p.name for p in tmp_path.iterdir()] == ["a.pt"]
    assert checkpoints.load(path, {}, torch.device("cpu")) == {"n": 1}


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "pickle"])
def test_a_damaged_checkpoint_is_refused(damage, tmp_path):
    path = tmp_path / "a.pt"
    run(limit=8, checkpoint=path)
    content = path.read_bytes()
    path.write_bytes({"cut": content[:-100], "empty": b"", "text": b"hello"}.get(damage, b""))
    if damage == "pickle":  # what could run a program
        torch.save({"version": 1, "settings": {}, "state": partial(print)}, path)
    with pytest.raises(train.DamagedError, match="a.pt can't be read .*; delete it to begin anew"):
        run(limit=8, checkpoint=path)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    path = tmp_path / "a.pt"
    run(limit=8, checkpoint=path)
    with pytest.raises(train.MismatchError, match="of a run with batch = 4, expected 2"):
        run(limit=8, batch=2, checkpoint=path)
    torch.save({"version": 0, "settings": {}, "state": {}}, path)
    with pytest.raises(train.MismatchError, match="has version 0, expected 1"):
        run(limit=8, checkpoint=path)


def test_symbols_and_every_objective():
    def symbols(count, rng):
        return train.of_task(
            temporal_order.draw(count, rng, places=((2, 3), (5, 6)), lengths=(8, 9))
        )

    for objective in train.OBJECTIVES:
        torch.manual_seed(0)
        nets = [nn.WithReadout(nn.GRU(8, 5), 4, encoder=nn.one_hot(8)) for _ in range(2)]
        found = run((0, 1), nets, draw=symbols, objective=objective, limit=4000, batch=16)
        for outcome in found:
            assert outcome.losses[-1, 1] < 0.9 * outcome.losses[0, 1]
            assert torch.equal(outcome.net.encoder.weight, torch.eye(8))  # it is not trained


@pytest.mark.parametrize("objective", train.OBJECTIVES)
def test_objectives_against_their_formulas(objective):
    a, t = torch.randn(2, 3, 4, dtype=torch.float64), torch.rand(2, 3, 4, dtype=torch.float64)
    y = 1 / (1 + torch.exp(-a))
    expected = {
        "squared": (a - t) ** 2 / 2,
        "logistic squared": (y - t) ** 2 / 2,
        "cross-entropy": -t * y.log() - (1 - t) * (1 - y).log(),
    }[objective]
    torch.testing.assert_close(train.OBJECTIVES[objective].loss(a, t), expected)
    outputs = train.outputs_of(objective, a)
    torch.testing.assert_close(outputs, a if objective == "squared" else y)


def test_what_comes_after_a_sequence_s_end_does_not_count():
    targets = np.ones((5, 2, 3))
    batch = train.Batch(np.zeros((5, 2), int), targets, np.array([5, 2]))
    outputs = targets.copy()
    outputs[2:, 1] = 9.0
    wrong, error = train.Stop(within=0.1).judge(outputs, batch)
    assert not wrong.any()
    assert not error.any()
    outputs[1, 1, 0] = 0.0
    wrong, error = train.Stop(within=0.1).judge(outputs, batch)
    assert wrong.tolist() == [False, True]
    assert error.tolist() == [0, pytest.approx(1 / 6)]  # of 2 steps · 3 outputs


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"seeds": (0, 1)}, ValueError, "seeds: got .*, expected 3 different ones"),
        ({"seeds": (0, 1, 1)}, ValueError, "seeds: got .*, expected 3 different ones"),
        ({"limit": 0}, ValueError, "limit: got 0, expected at least 1"),
        ({"batch": 0}, ValueError, "batch: got 0, expected at least 1"),
        ({"clip": -1}, ValueError, "clip: got -1, expected"),
        ({"objective": "mse"}, ValueError, "objective: got 'mse', expected one of 'squared'"),
        ({"stops": [train.Stop(), train.Stop(recent=5)]}, ValueError, "stops: expected the same"),
    ],
)
def test_bad_arguments(changed, error, message):
    with pytest.raises(error, match=message):
        run(nets=[net(s) for s in range(3)], **{"seeds": (0, 1, 2), **changed})


@pytest.mark.parametrize(
    "wrong", [{"recent": -1}, {"wrong_below": 0}, {"every": 0}, {"within": -1}]
)
def test_bad_stops(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: got"):
        train.Stop(**wrong)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_cuda_as_on_the_cpu():
    nets = [net(s, dtype=torch.float64) for s in (0, 1)]
    here, there = (run((0, 1), nets, limit=16, device=device) for device in ("cpu", "cuda"))
    for a, b in zip(here, there, strict=True):
        np.testing.assert_allclose(a.losses, b.losses, rtol=1e-9)
