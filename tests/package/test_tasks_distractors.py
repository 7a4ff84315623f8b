"""Experiment 2c, against the paper's rules read symbol by symbol."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course.tasks import distractors
from lstm_course.tasks.distractors import Sequences, draw

B, Q, P = 3000, 6, 9


@pytest.fixture(scope="module")
def task() -> Sequences:
    return draw(B, seed=0, q=Q, p=P)


def test_shapes_and_what_a_net_reads(task):
    T = task.lengths.max()
    assert task.symbols.shape == (T, B)
    assert task.xs.shape == (T, B, P + 4)
    assert task.targets.shape == (B, 2)
    there = np.arange(T)[:, None] < task.lengths
    np.testing.assert_array_equal(task.xs.sum(-1), there)
    np.testing.assert_array_equal(task.xs.argmax(-1)[there], task.symbols[there])
    np.testing.assert_array_equal(task.targets.argmax(-1), task.classes)
    np.testing.assert_array_equal(task.targets.sum(-1), 1)


def test_sequences_are_those_of_the_paper(task):
    numbers = {f"a{i}": i for i in range(1, P + 1)}
    numbers |= {"e": P + 1, "b": P + 2, "x": P + 3, "y": P + 4}
    xs = task.xs
    for j in range(B):
        b, second, *between, e, last = words = task.text(j).split()
        assert (b, e) == ("b", "e")
        assert second == last == "xy"[task.classes[j]]
        assert len(between) >= Q
        assert {numbers[word] for word in between} <= set(range(1, P + 1))
        assert len(words) == task.lengths[j] + 1
        components = xs[: task.lengths[j], j].argmax(-1) + 1
        assert list(components) == [numbers[word] for word in words[:-1]]


def test_all_distractors_are_drawn_alike(task):
    shares = np.bincount(task.symbols[task.symbols >= 0], minlength=P + 4)[:P]
    assert (abs(shares / shares.mean() - 1) < 0.05).all()
    assert abs(task.classes.mean() - 0.5) < 0.03


def test_further_distractors_are_geometric(task):
    """P(k) = 1/10 (9/10)^k, so q + 13 symbols are expected; the paper prints q + 14."""
    k = task.lengths + 1 - Q - 4
    assert k.min() == 0
    for value in range(4):
        assert abs((k == value).mean() - 0.1 * 0.9**value) < 0.02
    symbols = draw(40_000, seed=1, q=1, p=1).lengths + 1
    assert abs(symbols.mean() - (1 + 13)) < 0.2
    total = 4 + sum(0.1 * 0.9**k * (Q + k) for k in range(2000))
    assert total == pytest.approx(Q + 13, abs=1e-9)


def test_sizes_of_the_paper_s_largest_task():
    task = draw(2, seed=0, q=1000, p=1000)
    assert task.xs.shape[1:] == (2, 1004)
    assert (task.lengths >= 1003).all()


def test_the_seed_decides():
    one, same, other = (draw(5, seed=s) for s in (3, 3, 4))
    np.testing.assert_array_equal(one.symbols, same.symbols)
    assert one.symbols.shape != other.symbols.shape or (one.symbols != other.symbols).any()
    np.testing.assert_array_equal(draw(5, np.random.default_rng(3)).symbols, one.symbols)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_outputs_are_read_at_each_sequence_s_own_end(kind):
    task = draw(6, seed=0, q=3, p=4)
    outputs = np.random.default_rng(0).standard_normal((3, len(task.symbols), 6, 2))
    ends = task.at_end(kind(outputs))
    assert ends.shape == (3, 6, 2)
    for j, length in enumerate(task.lengths):
        np.testing.assert_array_equal(ends[:, j], outputs[:, length - 1, j])


def test_criterion(task):
    ends = task.targets - 0.19
    assert distractors.solved(task, ends)
    ends[7, 0] += 0.4
    assert task.right(ends).sum() == B - 1
    assert not distractors.solved(task, ends)
    assert task.right(ends, within=0.3).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 0}, ValueError, "count: got 0, expected at least 1"),
        ({"q": 0}, ValueError, "q: got 0, expected at least 1"),
        ({"p": 1.5}, TypeError, "p: got 1.5, expected a whole number"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        draw(**{"count": 3, "seed": 0, **arguments})


def test_bad_outputs():
    task = draw(3, seed=0, q=3, p=4)
    with pytest.raises(ValueError, match=r"ends: got shape \(3,\), expected \(3, 2\)"):
        task.right(np.zeros(3))
    with pytest.raises(ValueError, match="outputs: got shape"):
        task.at_end(np.zeros((len(task.symbols), 3, 8)))
    with pytest.raises(TypeError, match="within: got 'x', expected a number"):
        task.right(task.targets, within="x")
