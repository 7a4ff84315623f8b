"""Temporal order, against the paper's rules read letter by letter."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course.tasks import temporal_order
from lstm_course.tasks.temporal_order import CLASSES, SYMBOLS, THREE, TWO, Sequences, draw

B = 800
RULES = {
    **{"XX": "Q", "XY": "R", "YX": "S", "YY": "U"},
    **{"XXX": "Q", "XXY": "R", "XYX": "S", "XYY": "U"},
    **{"YXX": "V", "YXY": "A", "YYX": "B", "YYY": "C"},
}


@pytest.fixture(scope="module", params=[TWO, THREE], ids=["6a", "6b"])
def places(request):
    return request.param


@pytest.fixture(scope="module")
def task(places) -> Sequences:
    return draw(B, seed=0, places=places)


def test_shapes_and_what_a_net_reads(task, places):
    K = len(places)
    assert task.symbols.shape == (110, B)
    assert task.classes.shape == task.lengths.shape == (B,)
    assert task.xs.shape == (110, B, len(SYMBOLS))
    assert task.targets.shape == (B, 2**K)
    assert set(task.lengths) == set(range(100, 111))
    there = np.arange(110)[:, None] < task.lengths
    np.testing.assert_array_equal(task.xs.sum(-1), there)
    np.testing.assert_array_equal(task.xs.argmax(-1)[there], task.symbols[there])
    np.testing.assert_array_equal(task.targets.argmax(-1), task.classes)


def test_letters_stand_where_the_paper_has_them(task, places):
    seen = [set() for _ in places]
    for j in range(B):
        letters, answer = task.text(j).split()
        assert letters[0] == "E"
        assert letters[-1] == "B"
        at = [t for t, letter in enumerate(letters, start=1) if letter in "XY"]
        assert len(at) == len(places)
        for found, t in zip(seen, at, strict=True):
            found.add(t)
        others = set(letters[1:-1]) - set("XY")
        assert others <= set("abcd")
        assert answer == RULES["".join(letters[t - 1] for t in at)]
    assert seen == [set(range(low, high + 1)) for low, high in places]


def test_classes_and_distractors_are_drawn_alike(task, places):
    shares = np.bincount(task.classes, minlength=2 ** len(places)) / B
    assert (abs(shares * len(shares) - 1) < 0.4).all()
    letters = np.bincount(task.symbols[task.symbols >= 0], minlength=8)[2:6]
    assert (abs(letters / letters.mean() - 1) < 0.05).all()


def test_short_sequences():
    task = draw(50, seed=1, places=((2, 3),), lengths=(4, 4))
    assert task.symbols.shape == (4, 50)
    assert set(task.classes) == {0, 1}
    assert {task.text(j).split()[1] for j in range(50)} == set(CLASSES[:2])


def test_the_seed_decides():
    one, same, other = (draw(5, seed=s) for s in (3, 3, 4))
    np.testing.assert_array_equal(one.symbols, same.symbols)
    assert one.symbols.shape != other.symbols.shape or (one.symbols != other.symbols).any()
    np.testing.assert_array_equal(draw(5, np.random.default_rng(3)).symbols, one.symbols)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_outputs_are_read_at_each_sequence_s_own_end(kind):
    task = draw(6, seed=0)
    outputs = np.random.default_rng(0).standard_normal((3, 110, 6, 4))
    ends = task.at_end(kind(outputs))
    assert ends.shape == (3, 6, 4)
    for j, length in enumerate(task.lengths):
        np.testing.assert_array_equal(ends[:, j], outputs[:, length - 1, j])
    np.testing.assert_array_equal(task.at_end(kind(outputs[1])), ends[1])


def test_criterion(task):
    assert temporal_order.solved(task, task.targets - 0.09)
    assert task.right(task.targets - 0.29).all()
    assert not temporal_order.solved(task, task.targets - 0.29)  # the mean error is too large
    one_off = task.targets.copy()
    one_off[7, 0] += 0.31
    assert task.right(one_off).sum() == B - 1
    assert not temporal_order.solved(task, one_off)
    assert task.right(one_off, within=0.4).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 0}, ValueError, "count: got 0, expected at least 1"),
        ({"lengths": 100}, TypeError, "lengths: got 100, expected two whole numbers"),
        ({"lengths": (100, 90)}, ValueError, "lengths: got 90, expected at least 100"),
        ({"places": "XY"}, TypeError, "places: got 'XY', expected one to three ranges"),
        ({"places": ()}, ValueError, "places: got 0 of them, expected one to three"),
        ({"places": ((1, 5),)}, ValueError, "places: got 1, expected at least 2"),
        ({"places": ((2, 5.0),)}, TypeError, "places: got 5.0, expected a whole number"),
        ({"places": ((2, 5), (5, 9))}, ValueError, "expected ranges one after the other"),
        ({"places": ((2, 100),)}, ValueError, "the last below 100"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        draw(**{"count": 3, "seed": 0, **arguments})


def test_bad_outputs():
    task = draw(3, seed=0)
    with pytest.raises(ValueError, match=r"ends: got shape \(3,\), expected \(3, 4\)"):
        task.right(np.zeros(3))
    with pytest.raises(ValueError, match="outputs: got shape"):
        task.at_end(np.zeros((110, 3, 8)))
