"""The multiplication problem, and the pairs that it shares with adding."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course.tasks import adding, multiplication
from lstm_course.tasks.marked_pairs import Sequences, draw_pairs

B, T = 900, 40
LONGEST = 44


@pytest.fixture(scope="module")
def task() -> Sequences:
    return multiplication.draw(B, seed=0, shortest=T)


def test_shapes_and_lengths(task):
    assert task.xs.shape == (LONGEST, B, 2)
    assert task.targets.shape == task.lengths.shape == (B,)
    assert set(task.lengths) == set(range(T, LONGEST + 1))


def test_target_is_the_product_of_the_marked_values(task):
    for j in range(B):
        values, marks = task.xs[: task.lengths[j], j].T
        assert (marks == 1).sum() == 2
        assert task.targets[j] == pytest.approx(values[marks == 1].prod(), abs=1e-15)
        assert marks[-1] == -1
        assert marks[0] in (1, -1)


def test_values_are_uniform_and_one_where_the_first_step_is_marked(task):
    inner = task.xs[1:T, :, 0]
    assert 0 <= inner.min() < 0.01
    assert 0.99 < inner.max() <= 1
    assert abs(inner.mean() - 0.5) < 0.01
    np.testing.assert_array_equal(task.xs[0, :, 0] == 1, task.xs[0, :, 1] == 1)


def test_knowing_nothing_costs_seven_144ths():
    """E X² = 1/3 and E X = 1/2: the product's variance is 1/9 − 1/16, a little more for ones."""
    targets = multiplication.draw(20_000, seed=1, shortest=200).targets
    assert abs(targets.mean() - 1 / 4) < 0.03
    assert abs(targets.var() - 7 / 144) < 0.012


def test_marks_and_lengths_are_those_of_adding_for_the_same_seed(task):
    other = adding.draw(B, seed=0, shortest=T)
    np.testing.assert_array_equal(task.xs[..., 1], other.xs[..., 1])
    np.testing.assert_array_equal(task.lengths, other.lengths)


def test_the_marked_values_are_the_marked_ones():
    xs, marked, lengths = draw_pairs(50, 0, 20, low=-1, neutral=0.5)
    assert marked.shape == (2, 50)
    for j in range(50):
        values, marks = xs[: lengths[j], j].T
        assert sorted(marked[:, j]) == sorted(values[marks == 1])


def test_the_seed_decides():
    one, same, other = (multiplication.draw(5, seed=s, shortest=20) for s in (3, 3, 4))
    np.testing.assert_array_equal(one.xs, same.xs)
    assert (one.xs != other.xs).any()
    again = multiplication.draw(5, np.random.default_rng(3), shortest=20)
    np.testing.assert_array_equal(again.xs, one.xs)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_outputs_are_read_at_each_sequence_s_own_end(task, kind):
    outputs = np.arange(LONGEST)[:, None] + 100.0 * np.arange(B)
    ends = task.at_end(kind(outputs))
    np.testing.assert_array_equal(ends, task.lengths - 1 + 100 * np.arange(B))


@pytest.mark.parametrize(("n_seq", "most"), [(140, 139), (13, 12)])
def test_criterion_for_2000_sequences(n_seq, most):
    task = multiplication.draw(2000, seed=0, shortest=11)
    ends = task.targets + 0.039
    ends[:most] += 0.002
    assert task.right(ends).sum() == 2000 - most
    assert multiplication.solved(task, ends, n_seq=n_seq)
    ends[most] -= 0.08
    assert not multiplication.solved(task, ends, n_seq=n_seq)


def test_criterion_is_a_share_for_other_counts(task):
    ends = task.targets.copy()
    ends[:5] += 1  # 5 of 900: 11.1 of 2000
    assert multiplication.solved(task, ends)
    ends[5] += 1
    assert not multiplication.solved(task, ends)
    assert multiplication.solved(task, ends, n_seq=140)


def test_text():
    xs = np.zeros((3, 1, 2))
    xs[:, 0] = [[0.5, 1], [0.25, 1], [1, -1]]
    text = Sequences(xs, np.array([0.125]), np.array([2])).text(0)
    assert text == "value   0.50  0.25\nmark       1     1\ntarget  0.12"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 0}, ValueError, "count: got 0, expected at least 1"),
        ({"count": 1.5}, TypeError, "count: got 1.5, expected a whole number"),
        ({"shortest": 10}, ValueError, "shortest: got 10, expected at least 11"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        multiplication.draw(**{"count": 3, "seed": 0, **arguments})


def test_bad_outputs(task):
    with pytest.raises(ValueError, match=r"ends: got shape \(3,\), expected \(900,\)"):
        multiplication.solved(task, np.zeros(3))
    with pytest.raises(ValueError, match="n_seq: got 0, expected at least 1"):
        multiplication.solved(task, task.targets, n_seq=0)
    with pytest.raises(ValueError, match=r"outputs: got shape \(2, 3\)"):
        task.at_end(np.zeros((2, 3)))
