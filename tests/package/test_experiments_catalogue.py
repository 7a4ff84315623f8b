"""The experiments of 1997 against the paper's own tables."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course import experiments, train
from lstm_course.experiments import nets
from lstm_course.results import stored

OF_1997 = [row for row in experiments.rows() if row.setting == "1997"]
PAPER = stored("paper1997")
EXPERIMENTS = {  # our names, and the rows of Table 10
    "reber": "1", "noise-free": "2a", "no-regularities": "2b", "distractors": "2c", "adding": "4",
    "two-sequences-3a": "3a", "two-sequences-3b": "3b", "two-sequences-3c": "3c",
    "multiplication": "5", "temporal-order-6a": "6a", "temporal-order-6b": "6b",
}  # fmt: skip


def trained_weights(net):
    """How many numbers of a net are trained; biases that a mask holds at zero do not count."""
    count = sum(p.numel() for p in net.parameters() if p.requires_grad)
    masks = [m.which for m in net.modules() if isinstance(m, nets.Only)]
    return count - sum(int((which == 0).sum()) for which in masks)


def conditions(row):
    """The row of Table 10 that a row of the catalogue follows."""
    found = [
        r
        for r in PAPER["table10_conditions"]["rows"]
        if r["task"].partition("-")[0] == EXPERIMENTS[row.experiment]
    ]
    if len(found) == 1:
        return found[0]
    wanted = row.paper[1]
    if row.experiment == "adding":
        return next(r for r in found if r["p"] == wanted["T"])
    if row.experiment == "distractors":
        return next(r for r in found if (r["p"], r["in"]) == (wanted["q"], wanted["p"] + 4))
    return next(r for r in found if (r["w"], r["alpha"]) == (wanted["weights"], wanted["lr"]))


@pytest.mark.parametrize("row", OF_1997, ids=lambda row: row.name)
def test_weights_rate_and_biases_are_the_paper_s(row):
    paper, net = conditions(row), row.net(0)
    assert trained_weights(net) == paper["w"]
    assert row.optimiser.keywords["lr"] == paper["alpha"]
    assert row.batch == 1
    assert row.objective == "logistic squared"
    if row.experiment in ("noise-free", "no-regularities"):
        return
    blocks = paper["b"]
    assert net.layer.cell.truncated
    assert net.layer.cell.gates_recurrent
    assert net.layer.cell.cells_per_block(net.layer.hidden_size) == (paper["s"],) * blocks
    if not net.layer.bias:
        assert paper["bias"] == "none"
        return
    bias = net.layer.bias_ih_l0.detach()
    for name, first in (("igb", 0), ("ogb", len(bias) - blocks)):
        if paper[name][0] == "-":
            expected = [float(x) for x in paper[name].split(",")]
            assert bias[first : first + blocks].tolist() == expected
        else:
            assert abs(bias[first : first + blocks]).max() <= 0.2
    assert (net.readout.bias is not None) == (paper["bias"] == "all")
    assert (bias[blocks:-blocks] != 0).any() == (paper["bias"] != "ga")


def test_untruncated_differs_from_1997_by_the_gradient_alone():
    rows = experiments.chosen(settings=["untruncated"])
    assert {row.experiment for row in rows} == {"reber"}
    for whole in rows:
        (as_in_1997,) = experiments.chosen(["reber"], [whole.variant], ["1997"])
        assert (whole.optimiser, whole.batch, whole.limit, whole.task) == (
            as_in_1997.optimiser, as_in_1997.batch, as_in_1997.limit, as_in_1997.task
        )  # fmt: skip
        nets_of_both = whole.net(0), as_in_1997.net(0)
        assert [net.layer.cell.truncated for net in nets_of_both] == [False, True]
        weights = [net.state_dict() for net in nets_of_both]
        assert weights[0].keys() == weights[1].keys()
        assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.mark.parametrize("row", OF_1997, ids=lambda row: row.name)
def test_the_paper_has_a_figure_for_each_row(row):
    assert isinstance(experiments.paper(row), int)


@pytest.mark.parametrize("row", experiments.rows(), ids=lambda row: row.name)
def test_every_row_trains(row):
    task = row.task()
    few = dict.fromkeys(("limit",), 2 * row.batch)
    outcomes = train.train(
        [row.net(seed) for seed in (0, 1)],
        [task.draw(seed) for seed in (0, 1)],
        seeds=(0, 1),
        optimiser=row.optimiser,
        objective=row.objective,
        batch=row.batch,
        clip=row.clip,
        stops=task.stops,
        progress=False,
        **few,
    )
    assert [o.status for o in outcomes] == ["not solved"] * 2
    weights = [torch.cat([p.flatten() for p in o.net.parameters()]) for o in outcomes]
    assert not torch.equal(*weights)  # each seed has weights of its own


@pytest.mark.parametrize("setting", experiments.SETTINGS)
def test_a_row_s_nets_do_not_touch_the_global_generator(setting):
    (row, *_) = experiments.chosen(["reber"], settings=[setting], cells=["lstm1997"])
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    one, same = row.net(3), row.net(3)
    assert torch.rand(1) == expected
    for p, q in zip(one.parameters(), same.parameters(), strict=True):
        assert torch.equal(p, q)


def test_noisy_targets_are_judged_without_noise():
    (row,) = experiments.chosen(["two-sequences-3c"], ["T=100,N=3"], ["1997"])
    task = row.task()
    batch = task.draw(0)(500, np.random.default_rng(0))
    free = task.judged(batch).targets
    assert set(free.ravel()) == {0.2, 0.8}
    assert abs((batch.targets - free).std() - 0.1**0.5) < 0.03
    for level in (0.2, 0.8):
        assert abs(batch.targets[free == level].mean() - level) < 0.06


def test_the_grammar_s_criterion_is_the_task_s():
    from lstm_course.tasks import reber

    (row, *_) = experiments.chosen(["reber"])
    task = row.task()
    training, test = reber.pair(1)
    batches = list(task.stops[0].test(4, 0))  # seed 4 has pair 1
    for strings, batch in zip((training, test), batches, strict=True):
        outputs = strings.possible + 0.1 * np.random.default_rng(0).random(strings.possible.shape)
        outputs[3, 5] = 1 - outputs[3, 5]  # one string is wrong
        wrong, _ = task.stops[0].judge(outputs, batch)
        np.testing.assert_array_equal(wrong, ~strings.right(outputs))
        assert wrong.sum() == 1


@pytest.mark.parametrize("after", [0, 3])
def test_the_cell_of_2a_is_added_later(after):
    net = nets.PredictorOf1997(0, 5)
    optimiser = nets.CellAddedLater([p for p in net.parameters() if p.requires_grad], 1.0, after)
    start = [p.clone() for p in net.parameters()]
    for update in range(4):
        optimiser.zero_grad()
        net(torch.tensor([[0], [1]]), torch.tensor([2])).square().sum().backward()
        optimiser.step()
        moved = (net.from_cell.weight != start[-1]).any()
        assert moved == (update >= after)
    assert optimiser.state_dict()["param_groups"][0]["updates"] == 4


def test_the_cell_of_2a_against_autograd():
    cell, a = nets.InputGateCell(), torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    h = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    (new,), trace = cell.step(tuple(a), (0 * a[0], 0 * a[1]), (h,))
    error = torch.randn_like(new)
    da, _, (dh,), _ = cell.step_backward(trace, (error,))
    expected = torch.autograd.grad(new, (a, h), error)
    torch.testing.assert_close(torch.stack(da), expected[0])
    torch.testing.assert_close(dh, expected[1])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"experiments": ["addition"]}, "experiment: got 'addition', expected one of reber, "),
        (
            {"experiments": ["adding"], "cells": ["transformer"]},
            "cell: got .* one of lstm1997, rnn",
        ),
        (
            {"experiments": ["adding"], "variants": ["T=7"]},
            "variant: got 'T=7', expected one of T=1",
        ),
        ({"settings": ["2024"]}, "setting: got '2024', expected one of 1997, untruncated, modern"),
    ],
)
def test_unknown_names(given, message):
    with pytest.raises(ValueError, match=message):
        experiments.chosen(**given)
    with pytest.raises(ValueError, match="row: got 'adding', expected one of reber/4x1"):
        experiments.named("adding")
