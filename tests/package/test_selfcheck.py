"""The checks of a student's answers find what is wrong, and say where and by how far."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course import selfcheck


def nothing(x):
    """An answer that is not written yet."""


def doubled(x):
    x *= 2
    return x


def pair(x):
    return x, 2 * x


def test_an_unfinished_answer_gets_a_sentence():
    with pytest.raises(AssertionError, match="nothing returns nothing yet: write its lines"):
        selfcheck.answer(nothing, 1)


def test_an_argument_that_is_changed_in_place_is_noticed():
    with pytest.raises(AssertionError, match="doubled changed its argument number 1 in place"):
        selfcheck.answer(doubled, np.ones(2))


def test_answers_are_counted():
    assert selfcheck.answers(pair, 2, 3) == (3, 6)
    with pytest.raises(AssertionError, match="pair: returned 2, expected 3 values"):
        selfcheck.answers(pair, 3, 3)
    with pytest.raises(AssertionError, match="abs: returned int, expected 2 values"):
        selfcheck.answers(abs, 2, -3)


def test_the_entry_that_is_farthest_off_is_named():
    wanted = np.zeros((2, 3))
    found = wanted.copy()
    found[0, 1], found[1, 2] = 0.1, -0.25
    with pytest.raises(
        AssertionError, match=r"dR\[1, 2\] is -0.25, expected 0 \(2 of 6 entries are off\). Look"
    ):
        selfcheck.same(found, wanted, "dR", "Look at the transpose.")
    with pytest.raises(AssertionError, match=r"^loss is 1, expected 2.$"):
        selfcheck.same(1.0, 2.0, "loss")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, "x is None: something returns nothing yet"),
        (np.zeros(2), r"x: shape \(2,\), expected \(3,\)"),
        (np.array([1, np.nan, 1]), "x: some entries are not finite numbers"),
        ("three", "x: got str, expected numbers of shape"),
        ([[1], [2, 3]], "x: got list, expected numbers of shape"),
    ],
)
def test_what_is_not_even_comparable(found, message):
    with pytest.raises(AssertionError, match=message):
        selfcheck.same(found, np.ones(3), "x")


def test_what_is_right_passes():
    selfcheck.same(torch.ones(3, requires_grad=True), [1, 1, 1], "x")
    selfcheck.same(1e6 + 1e-3, 1e6, "x")  # relative to its size
    R = np.random.default_rng(0).standard_normal((3, 3))
    selfcheck.gradient(np.cos(R), lambda R: np.sin(R).sum(), R, "dR")


def test_a_wrong_derivative_is_told_where_it_is_wrong():
    R = np.array([[0.5, -1.0], [2.0, 0.1]])
    wrong = 3 * R**2
    wrong[1, 0] *= -1
    with pytest.raises(
        AssertionError, match=r"dR\[1, 0\] is -12, expected 12 .*finite differences"
    ):
        selfcheck.gradient(wrong, lambda R: (R**3).sum(), R, "dR", "A sign?")
