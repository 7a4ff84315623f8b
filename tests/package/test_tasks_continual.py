"""The stream of store-and-recall episodes: its form, its chances, and what solves it."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_course import unroll
from lstm_course.cells import LSTM, LSTM1997, Params
from lstm_course.tasks import continual

# Hand-set weights of one cell for inputs value, store, recall: write at store, read at recall.
GATES = {"i": [0.0, 40.0, 0.0], "g": [3.0, 0.0, 0.0], "o": [0.0, 0.0, 40.0]}
FORGET = [0.0, -40.0, 0.0]


def test_shapes_dtypes_and_values():
    s = continual.stream(7, 4, seed=0, shortest=3, longest=6)
    T = len(s.xs)
    assert s.xs.shape == (T, 4, 3)
    assert s.targets.shape == (7, 4)
    assert s.starts.shape == s.ends.shape == (7,)
    assert s.xs.dtype == s.targets.dtype == np.float64
    for values in (s.xs[..., 0], s.targets):
        assert np.unique(values).tolist() == [-1.0, 1.0]
    assert s.ends[-1] + 1 == T


def test_flags_stand_at_starts_and_ends_and_nowhere_else():
    s = continual.stream(50, 3, seed=1)
    for flag, steps in ((1, s.starts), (2, s.ends)):
        expected = np.zeros(len(s.xs))
        expected[steps] = 1.0
        assert (s.xs[..., flag] == expected[:, None]).all()
    assert (s.xs[s.starts, :, 0] == s.targets).all()


def test_episodes_follow_each_other_and_have_all_lengths():
    s = continual.stream(500, 1, seed=2, shortest=2, longest=5)
    assert s.starts[0] == 0
    assert (s.starts[1:] == s.ends[:-1] + 1).all()
    lengths = s.ends - s.starts + 1
    assert set(lengths) == {2, 3, 4, 5}
    assert (np.bincount(lengths)[2:] > 80).all()


@pytest.mark.parametrize("positive", [0.0, 0.3, 0.5, 1.0])
def test_stored_values_are_positive_as_often_as_asked_and_others_half_the_time(positive):
    s = continual.stream(400, 50, seed=3, positive=positive)
    assert abs((s.targets > 0).mean() - positive) < 0.02
    others = np.delete(s.xs[..., 0], s.starts, axis=0)
    assert abs((others > 0).mean() - 0.5) < 0.01


def test_seeds():
    first, same, other = (continual.stream(5, 2, seed=seed) for seed in (4, 4, 5))
    assert (first.xs == same.xs).all()
    assert (first.targets == same.targets).all()
    assert first.xs.shape != other.xs.shape or (first.xs != other.xs).any()
    rng = np.random.default_rng(4)
    assert (continual.stream(5, 2, rng).xs == first.xs).all()
    again = continual.stream(5, 2, rng)
    assert again.xs.shape != first.xs.shape or (again.xs != first.xs).any()


def test_right_counts_signs_at_recalls_only():
    s = continual.stream(6, 3, seed=6)
    outputs = np.random.default_rng(0).standard_normal(s.xs.shape[:2])
    outputs[s.ends] = 0.1 * s.targets
    assert s.right(outputs).all()
    outputs[s.ends[2], 1] *= -1
    outputs[s.ends[4], 0] = 0
    wrong = np.argwhere(~s.right(outputs)).tolist()
    assert wrong == [[2, 1], [4, 0]]


def hand_set(*blocks, bias):
    return Params(np.array(blocks), np.zeros((len(blocks), 1)), np.array(bias))


def test_a_forget_gate_solves_the_stream_and_a_running_sum_does_not():
    s = continual.stream(200, 32, seed=7)
    i, g, o = GATES.values()
    old = hand_set(i, g, o, bias=[-20.0, 0.0, -20.0])
    new = hand_set(i, FORGET, g, o, bias=[-20.0, 20.0, 0.0, -20.0])
    right_old = s.right(unroll.forward(LSTM1997(), old, s.xs).hs[..., 0])
    right_new = s.right(unroll.forward(LSTM(), new, s.xs).hs[..., 0])
    assert right_old[0].all()
    assert right_old[100:].mean() < 0.6
    assert right_new.all()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"episodes": 0}, ValueError, "episodes: got 0, expected at least 1"),
        ({"batch": 1.5}, TypeError, "batch: got 1.5, expected a whole number"),
        ({"shortest": 1}, ValueError, "shortest: got 1, expected at least 2"),
        ({"longest": 4}, ValueError, "longest: got 4, expected at least 5"),
        ({"positive": 1.2}, ValueError, "positive: got 1.2"),
        ({"positive": "0.5"}, TypeError, "positive: got '0.5', expected a number"),
    ],
)
def test_bad_arguments_are_named(change, error, message):
    arguments = {"episodes": 3, "batch": 2, "seed": 0} | change
    with pytest.raises(error, match=message):
        continual.stream(**arguments)


def test_outputs_of_another_shape_are_refused():
    s = continual.stream(3, 2, seed=0)
    with pytest.raises(ValueError, match=r"outputs: got shape \(3, 2\), expected \(T, B\)"):
        s.right(s.targets)
