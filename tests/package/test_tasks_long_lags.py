"""Experiments 2a and 2b, against the paper's sequences read symbol by symbol."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course.tasks import long_lags
from lstm_course.tasks.long_lags import Sequences, both, draw

B, P = 600, 7


@pytest.fixture(scope="module", params=["2a", "2b"])
def task(request) -> Sequences:
    return draw(B, seed=0, p=P, variant=request.param)


def test_shapes_and_what_a_net_reads(task):
    assert task.every_step is True
    assert task._fields == ("complete", "variant")
    assert task.xs.shape == task.targets.shape == (P, B, P + 1)
    np.testing.assert_array_equal(task.lengths, np.full(B, P))
    for one_hot, symbols in ((task.xs, task.symbols), (task.targets, task.complete[1:])):
        assert set(one_hot.ravel()) == {0.0, 1.0}
        np.testing.assert_array_equal(one_hot.sum(-1), 1)
        np.testing.assert_array_equal(one_hot.argmax(-1), symbols)


def test_sequences_are_those_of_the_paper(task):
    letters = [f"a{i}" for i in range(1, P)]
    seen = set()
    for j in range(B):
        first, *between, last = task.text(j).split()
        assert first == last
        assert first in "xy"
        assert len(between) == P - 1
        if task.variant == "2a":
            assert between == letters
        seen |= {*between, first}
    assert seen == {*letters, "x", "y"}


def test_components_follow_the_paper_s_numbering():
    """a_p is x and a_{p+1} is y; the i-th component stands for a_i."""
    task = draw(50, seed=0, p=P)
    xs = task.xs
    for j in range(50):
        first = task.text(j)[0]
        assert xs[0, j].argmax() + 1 == {"x": P, "y": P + 1}[first]
        np.testing.assert_array_equal(xs[1:, j].argmax(-1) + 1, range(1, P))


def test_classes_and_symbols_are_drawn_alike():
    task = draw(5000, seed=1, p=P, variant="2b")
    assert abs((task.symbols[0] == P).mean() - 0.5) < 0.03
    shares = np.bincount(task.symbols[1:].ravel()) / (5000 * (P - 1))
    assert (abs(shares - 1 / (P - 1)) < 0.01).all()
    first = task.symbols[0] == P
    assert abs(np.corrcoef(first, task.symbols[1])[0, 1]) < 0.05


def test_the_two_sequences_are_all_there_are_in_2a():
    two = both(P)
    assert two.variant == "2a"
    expected = {two.text(0), two.text(1)}
    assert two.text(0) == "x a1 a2 a3 a4 a5 a6 x"
    assert {draw(50, seed=0, p=P).text(j) for j in range(50)} == expected


def test_the_paper_s_size():
    task = draw(2, seed=0)
    assert task.xs.shape == (100, 2, 101)


def test_the_seed_decides():
    one, same, other = (draw(9, seed=s, p=P, variant="2b").complete for s in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    again = draw(9, np.random.default_rng(3), p=P, variant="2b").complete
    np.testing.assert_array_equal(again, one)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_outputs_are_read_at_the_end(task, kind):
    outputs = np.random.default_rng(0).standard_normal((3, P, B, P + 1))
    np.testing.assert_array_equal(task.at_end(kind(outputs)), outputs[:, -1])


def test_criterion(task):
    outputs = task.targets + np.where(task.targets == 1, -0.24, 0.24)
    assert long_lags.solved(task, outputs)
    outputs[2, 5, 3] += 0.6  # a step in between
    assert long_lags.solved(task, outputs) == (task.variant == "2b")
    assert task.right(outputs)[5] == (task.variant == "2b")
    outputs[-1, 4, 0] -= 0.6
    assert not task.right(outputs)[4]
    assert not long_lags.solved(task, outputs)
    assert task.right(outputs).sum() == B - 1 - (task.variant == "2a")
    assert task.right(outputs, within=0.9).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 0}, ValueError, "count: got 0, expected at least 1"),
        ({"p": 1}, ValueError, "p: got 1, expected at least 2"),
        ({"p": 2.0}, TypeError, "p: got 2.0, expected a whole number"),
        ({"variant": "2c"}, ValueError, "variant: got '2c', expected one of '2a', '2b'"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        draw(**{"count": 3, "seed": 0, **arguments})


def test_bad_outputs():
    task = draw(3, seed=0, p=4)
    with pytest.raises(ValueError, match=r"outputs: got shape \(3, 5\), expected \(4, 3, 5\)"):
        task.right(np.zeros((3, 5)))
    with pytest.raises(ValueError, match="outputs: got shape"):
        task.at_end(np.zeros((4, 3, 8)))
    with pytest.raises(ValueError, match="within: got -1"):
        task.right(task.targets, within=-1)
    with pytest.raises(ValueError, match="p: got 1, expected at least 2"):
        both(1)
