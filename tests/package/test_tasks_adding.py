"""The adding problem, against the paper's words read step by step."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course.tasks import adding

B, T = 900, 40
LONGEST = 44


@pytest.fixture(scope="module")
def task() -> adding.Sequences:
    return adding.draw(B, seed=0, shortest=T)


def steps(task: adding.Sequences, j: int) -> np.ndarray:
    return task.xs[: task.lengths[j], j]


def test_shapes_and_lengths(task):
    assert task.xs.shape == (LONGEST, B, 2)
    assert task.targets.shape == task.lengths.shape == (B,)
    assert set(task.lengths) == set(range(T, LONGEST + 1))
    for j in range(B):
        assert (task.xs[task.lengths[j] :, j] == 0).all()


def test_marks_stand_where_the_paper_has_them(task):
    firsts, seconds = set(), set()
    for j in range(B):
        marks = steps(task, j)[:, 1]
        one, other = np.flatnonzero(marks == 1)
        assert one < 10
        assert other <= T // 2 - 1  # so at least T/2 steps come after it
        firsts.add(one)
        seconds.add(other)
        unmarked = np.delete(np.arange(len(marks)), [one, other])
        expected = np.where((unmarked == 0) | (unmarked == len(marks) - 1), -1, 0)
        np.testing.assert_array_equal(marks[unmarked], expected)
    assert firsts == set(range(10))
    assert max(seconds) == T // 2 - 1


def test_target_is_the_scaled_sum_of_the_marked_values(task):
    for j in range(B):
        values, marks = steps(task, j).T
        assert task.targets[j] == pytest.approx(0.5 + values[marks == 1].sum() / 4, abs=1e-15)
    assert ((task.targets >= 0) & (task.targets <= 1)).all()


def test_values_are_uniform_and_zero_where_the_first_step_is_marked(task):
    inner = task.xs[1:T, :, 0]
    assert -1 <= inner.min() < -0.99
    assert 0.99 < inner.max() <= 1
    assert abs(inner.mean()) < 0.02
    marked = task.xs[0, :, 1] == 1
    assert 0.05 < marked.mean() < 0.3
    np.testing.assert_array_equal(task.xs[0, :, 0] == 0, marked)


def test_knowing_nothing_costs_a_24th():
    """Var(X) = 1/3, so the target's variance is 2/3/16, a little less for marked first steps."""
    targets = adding.draw(20_000, seed=1, shortest=200).targets
    assert abs(targets.var() - 1 / 24) < 0.003


def test_the_seed_decides():
    one, same, other = (adding.draw(5, seed=s, shortest=20) for s in (3, 3, 4))
    np.testing.assert_array_equal(one.xs, same.xs)
    assert (one.xs != other.xs).any()
    np.testing.assert_array_equal(adding.draw(5, np.random.default_rng(3), shortest=20).xs, one.xs)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_outputs_are_read_at_each_sequence_s_own_end(task, kind):
    outputs = np.arange(LONGEST)[:, None] + 100.0 * np.arange(B)
    ends = task.at_end(kind(outputs))
    np.testing.assert_array_equal(ends, task.lengths - 1 + 100 * np.arange(B))
    many = task.at_end(kind(np.stack((outputs, outputs + 1, outputs + 2))))
    assert many.shape == (3, B)
    np.testing.assert_array_equal(many[2], ends + 2)


def test_criterion(task):
    assert adding.solved(task, task.targets + 0.009)
    assert not adding.solved(task, task.targets + 0.02)  # all right, the mean error too large
    assert task.right(task.targets + 0.02).all()
    one_off = task.targets.copy()
    one_off[7] += 0.041
    assert task.right(one_off).sum() == B - 1
    assert not adding.solved(task, one_off)
    assert task.right(one_off, within=0.05).all()


def test_text():
    xs = np.zeros((3, 1, 2))
    xs[:, 0] = [[-0.5, -1], [0.25, 1], [1, -1]]
    text = adding.Sequences(xs, np.array([0.5625]), np.array([2])).text(0)
    assert text == "value  -0.50  0.25\nmark      -1     1\ntarget  0.56"


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
        adding.draw(**{"count": 3, "seed": 0, **arguments})


def test_bad_outputs(task):
    with pytest.raises(ValueError, match=r"ends: got shape \(3,\), expected \(900,\)"):
        task.right(np.zeros(3))
    with pytest.raises(ValueError, match=r"outputs: got shape \(2, 3\)"):
        task.at_end(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="within: got -1, expected"):
        task.right(task.targets, within=-1)
    with pytest.raises(TypeError, match="mean_error: got 'x', expected a number"):
        adding.solved(task, task.targets, mean_error="x")
