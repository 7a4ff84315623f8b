"""Experiments 3a, 3b and 3c, against the paper's words and the noise's statistics."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course.tasks import two_sequences
from lstm_course.tasks.two_sequences import Sequences, draw

B, T, N = 4000, 20, 3
LONGEST = 22


@pytest.fixture(scope="module", params=["3a", "3b", "3c"])
def task(request) -> Sequences:
    return draw(B, seed=0, variant=request.param, shortest=T, informative=N)


def test_shapes_and_lengths(task):
    assert task.xs.shape == (LONGEST, B, 1)
    assert task.targets.shape == task.noise_free.shape == task.classes.shape == (B,)
    assert set(task.lengths) == set(range(T, LONGEST + 1))
    assert set(task.classes) == {1, 2}
    assert abs((task.classes == 1).mean() - 0.5) < 0.03
    for j in range(B):
        assert (task.xs[task.lengths[j] :, j] == 0).all()
        assert (task.xs[N : task.lengths[j], j] != 0).all()


def test_the_first_inputs_tell_the_class(task):
    signs = np.where(task.classes == 1, 1.0, -1.0)
    noise = task.xs[:N, :, 0] - signs
    if task.variant == "3b":
        assert abs(noise.mean()) < 0.02
        assert abs(noise.var() - 0.2) < 0.01
    else:
        np.testing.assert_array_equal(noise, 0)


def test_all_others_are_noise_of_variance_a_fifth(task):
    noise = task.xs[N:T, :, 0]
    assert abs(noise.mean()) < 0.01
    assert abs(noise.var() - 0.2) < 0.005
    assert abs((noise**4).mean() / noise.var() ** 2 - 3) < 0.15  # a Gaussian's
    assert abs(np.corrcoef(noise.mean(0), task.classes)[0, 1]) < 0.05


def test_targets(task):
    level = {1: 0.2, 2: 0.8} if task.variant == "3c" else {1: 1.0, 2: 0.0}
    expected = np.array([level[c] for c in task.classes])
    np.testing.assert_array_equal(task.noise_free, expected)
    noise = task.targets - expected
    if task.variant == "3c":
        assert abs(noise.mean()) < 0.02
        assert abs(noise.var() - 0.1) < 0.01
    else:
        np.testing.assert_array_equal(noise, 0)


def test_defaults_are_the_paper_s():
    task = draw(3, seed=0)
    assert task.variant == "3a"
    assert task.xs.shape == (110, 3, 1)
    one = draw(50, seed=0, informative=1).xs[..., 0]
    assert set(one[0]) == {1.0, -1.0}
    assert len(np.unique(one[1])) == 50


def test_the_seed_decides(task):
    draws = [draw(5, seed=s, variant=task.variant) for s in (3, 3, 4, np.random.default_rng(3))]
    for field in ("xs", "targets", "lengths"):
        one, same, other, again = (getattr(d, field) for d in draws)
        np.testing.assert_array_equal(one, same)
        np.testing.assert_array_equal(one, again)
    assert (draws[0].xs != draws[2].xs).any()


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_outputs_are_read_at_each_sequence_s_own_end(task, kind):
    outputs = np.arange(LONGEST)[:, None] + 100.0 * np.arange(B)
    ends = task.at_end(kind(np.stack((outputs, outputs + 1))))
    np.testing.assert_array_equal(ends[0], task.lengths - 1 + 100 * np.arange(B))
    np.testing.assert_array_equal(ends[1], ends[0] + 1)


@pytest.mark.parametrize(
    ("variant", "margin", "most", "mean"),
    [("3a", 0.2, 0, 0.01), ("3b", 0.2, 5, 0.04), ("3c", 0.1, 0, 0.015)],
)
def test_criteria_for_256_sequences(variant, margin, most, mean):
    task = draw(256, seed=0, variant=variant, shortest=10)
    ends = task.noise_free + margin - 1e-6
    assert task.right(ends).all()
    assert two_sequences.solved(task, ends, stop="ST1")
    assert not two_sequences.solved(task, ends)
    ends = task.noise_free - 0.9 * mean
    assert two_sequences.solved(task, ends)
    ends = task.noise_free.copy()
    ends[:most] += margin + 1e-6
    assert (~task.right(ends)).sum() == most
    assert two_sequences.solved(task, ends, stop="ST1")
    assert two_sequences.solved(task, ends)
    ends[most] -= margin + 1e-6
    assert not two_sequences.solved(task, ends, stop="ST1")
    assert not two_sequences.solved(task, ends)
    assert task.right(ends, within=margin + 0.1).all()


def test_noisy_targets_are_not_what_3c_is_judged_by():
    task = draw(256, seed=0, variant="3c", shortest=10)
    assert not two_sequences.solved(task, task.targets)
    assert two_sequences.solved(task, task.noise_free)


def test_text():
    xs = np.array([1.0, -0.255, 0.5])[:, None, None]
    task = Sequences(xs, np.array([0.31]), np.array([2]), np.array([1]), "3c")
    assert task.text(0) == " 1.00 -0.26 class 1, target 0.31"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 0}, ValueError, "count: got 0, expected at least 1"),
        ({"variant": "3d"}, ValueError, "variant: got '3d', expected one of '3a', '3b', '3c'"),
        ({"shortest": 0}, ValueError, "shortest: got 0, expected at least 1"),
        ({"informative": 1.0}, TypeError, "informative: got 1.0, expected a whole number"),
        (
            {"shortest": 4, "informative": 5},
            ValueError,
            "informative: got 5, expected at most shortest = 4",
        ),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        draw(**{"count": 3, "seed": 0, **arguments})


def test_bad_outputs(task):
    with pytest.raises(ValueError, match=r"ends: got shape \(3,\), expected \(4000,\)"):
        task.right(np.zeros(3))
    with pytest.raises(ValueError, match=r"outputs: got shape \(2, 3\)"):
        task.at_end(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="within: got -1, expected"):
        task.right(task.targets, within=-1)
    with pytest.raises(ValueError, match="stop: got 'ST3', expected one of 'ST1', 'ST2'"):
        two_sequences.solved(task, task.noise_free, stop="ST3")
