"""The "A, but B" task, against sentences read word by word in plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_course.tasks.but_sentences import BAD, GOOD, KINDS, WORDS, Sentences, draw

B, PHRASES = 700, 6
T = 3 * PHRASES - 1


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return draw(B, seed=0, phrases=PHRASES)


def read(text: str) -> int:
    """Good minus bad after the last "but", by reading."""
    counted = text.split(" but ")[-1].split()
    return sum(word in GOOD for word in counted) - sum(word in BAD for word in counted)


def of(text: str) -> Sentences:
    return Sentences(np.array([[WORDS.index(word)] for word in text.split()]), np.array([1]))


def test_shapes_and_what_a_net_reads(sentences):
    assert sentences.words.shape == sentences.values.shape == (T, B)
    assert sentences.scores.shape == sentences.targets.shape == sentences.but_at.shape == (B,)
    assert sentences.xs.shape == (T, B, len(WORDS))
    np.testing.assert_array_equal(sentences.xs.sum(-1), 1)
    np.testing.assert_array_equal(sentences.xs.argmax(-1), sentences.words)


def test_scores_are_those_that_a_reader_finds(sentences):
    found = [read(sentences.text(j)) for j in range(B)]
    np.testing.assert_array_equal(sentences.scores, found)
    assert (sentences.scores != 0).all()
    np.testing.assert_array_equal(sentences.targets, np.array(found) > 0)


def test_the_words_stand_where_the_grammar_has_them(sentences):
    kinds = list(KINDS)
    for j in range(B):
        for t, word in enumerate(sentences.text(j).split()):
            (kind,) = [kind for kind in kinds if sentences.are(kind)[t, j]]
            assert kind in (("aspect",), ("opinion",), ("and", "but"))[t % 3]
            assert word in KINDS[kind]


def test_one_but_or_none(sentences):
    at = [
        t.index("but") if "but" in t else -1 for t in map(str.split, map(sentences.text, range(B)))
    ]
    np.testing.assert_array_equal(sentences.but_at, at)
    assert set(sentences.are("but").sum(0)) == {0, 1}
    assert set(at) == {-1, *range(2, T, 3)}  # every place is used
    assert abs((sentences.but_at >= 0).mean() - 0.5) < 0.1


@pytest.mark.parametrize(("but", "expected"), [(0, 0.0), (1, 1.0)])
def test_none_and_always(but, expected):
    assert draw(50, seed=0, but=but).are("but").any(0).mean() == expected


def test_the_probability_does_not_suffer_from_ties():
    """Two phrases, all after "and" or one after "but": half of the first would be ties."""
    found = (draw(20_000, seed=0, phrases=2, but=0.3).but_at >= 0).mean()
    assert abs(found - 0.3) < 0.015


def test_values():
    values = of("plot great and music dull but cast warm").values[:, 0]
    np.testing.assert_array_equal(values, [0, 1, 0, 0, -1, 0, 0, 1])


def test_good_and_bad_are_drawn_alike(sentences):
    assert abs(sentences.targets.mean() - 0.5) < 0.1


def test_the_seed_decides():
    np.testing.assert_array_equal(draw(9, seed=3).words, draw(9, seed=3).words)
    assert (draw(9, seed=3).words != draw(9, seed=4).words).any()
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(draw(9, seed=rng).words, draw(9, seed=3).words)


def test_criterion(sentences):
    outputs = 0.1 * sentences.scores
    assert sentences.right(outputs).all()
    assert sentences.solved(outputs)
    outputs[:7] *= -1  # exactly 1 % of 700
    assert sentences.solved(outputs)
    outputs[7] = 0
    assert not sentences.right(outputs)[7]
    assert not sentences.solved(outputs)
    assert sentences.solved(outputs, at_least=0.9)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 0}, ValueError, "count: got 0, expected at least 1"),
        ({"count": 2.0}, TypeError, "count: got 2.0, expected a whole number"),
        ({"phrases": 1}, ValueError, "phrases: got 1, expected at least 2"),
        ({"but": 1.5}, ValueError, r"but: got 1.5, expected a finite number in \[0, 1\]"),
        ({"but": "x"}, TypeError, "but: got 'x', expected a number"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        draw(**{"count": 3, "seed": 0, **arguments})


def test_bad_questions(sentences):
    with pytest.raises(ValueError, match="kind: got 'noun', expected one of aspect, opinion"):
        sentences.are("noun")
    with pytest.raises(ValueError, match=r"outputs: got shape \(3,\), expected \(700,\)"):
        sentences.right(np.zeros(3))
    with pytest.raises(ValueError, match="at_least: got 2, expected a finite number"):
        sentences.solved(np.zeros(B), at_least=2)
