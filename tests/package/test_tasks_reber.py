"""The embedded Reber grammar, against a regular expression and a reader of prefixes."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
import torch

from lstm_course.tasks import reber
from lstm_course.tasks.reber import SYMBOLS, Sequences, draw, pair, read, strings

# The Reber grammar as an expression: the way in from T, or from P, then the loop between nodes 4 and 5.
INNER = re.compile(r"B(TS*X(XT*VP)*(S|XT*VV)|PT*V(PXT*V)*(V|PS))E")
B = 1500


def is_embedded(string: str) -> bool:
    middle = re.fullmatch(r"B([TP])(.*)\1E", string)
    return bool(middle and INNER.fullmatch(middle[2]))


@pytest.fixture(scope="module")
def task() -> Sequences:
    return draw(B, seed=0)


def test_strings_are_of_the_grammar(task):
    for j in range(B):
        assert is_embedded(task.text(j)), task.text(j)


@pytest.mark.parametrize(
    "inner", ["BTXSE", "BPVVE", "BTSSXXTVVE", "BPTTVPSE", "BPVPXVPXVPXVVE", "BTXXTVPSE"]
)
def test_known_strings_are_read(inner):
    for symbol in "TP":
        assert read([f"B{symbol}{inner}{symbol}E"]).text(0) == f"B{symbol}{inner}{symbol}E"


def test_strings_with_a_changed_symbol_are_read_or_refused_as_the_expression_says():
    rng = np.random.default_rng(0)
    tried = {True: 0, False: 0}
    for string in strings(500, seed=5):
        place = rng.integers(len(string))
        changed = string[:place] + SYMBOLS[rng.integers(7)] + string[place + 1 :]
        tried[is_embedded(changed)] += 1
        if is_embedded(changed):
            assert read([changed]).text(0) == changed
        else:
            with pytest.raises(ValueError, match="expected one of the embedded Reber grammar"):
                read([changed])
    assert min(tried.values()) > 20


def test_shapes_and_what_a_net_reads(task):
    assert task.every_step is True
    T = max(len(task.text(j)) for j in range(B)) - 1
    assert task.xs.shape == task.targets.shape == task.possible.shape == (T, B, 7)
    there = np.arange(T)[:, None] < task.lengths
    np.testing.assert_array_equal(task.xs.sum(-1), there)
    np.testing.assert_array_equal(task.targets.sum(-1), there)
    xs, targets, lengths = task.xs, task.targets, task.lengths
    np.testing.assert_array_equal(xs.argmax(-1)[there], task.symbols[there])
    for j in range(B):
        string = task.text(j)
        assert lengths[j] == len(string) - 1
        read_, next_ = (a[: lengths[j], j].argmax(-1) for a in (xs, targets))
        assert "".join(SYMBOLS[s] for s in read_) == string[:-1]
        assert "".join(SYMBOLS[s] for s in next_) == string[1:]


def test_possible_symbols_are_those_that_follow_a_prefix_in_many_strings():
    after: dict[str, Counter] = {}
    for string in strings(20_000, seed=1):
        for t in range(1, len(string)):
            after.setdefault(string[:t], Counter())[string[t]] += 1
    common = {prefix: next_ for prefix, next_ in after.items() if next_.total() > 30}
    checked = 0
    for string in strings(400, seed=2):
        may = read([string]).possible[:, 0]
        for t in range(1, len(string)):
            if string[:t] in common:
                assert {SYMBOLS[s] for s in np.flatnonzero(may[t - 1])} == {*common[string[:t]]}
                checked += 1
    assert checked > 2000


def test_the_symbol_before_the_last_is_the_second():
    for string in ("BTBPVVETE", "BPBPVVEPE"):
        may = read([string]).possible[:, 0]
        assert [SYMBOLS[s] for s in np.flatnonzero(may[0])] == ["T", "P"]
        assert [SYMBOLS[s] for s in np.flatnonzero(may[-2])] == [string[1]]
        assert [SYMBOLS[s] for s in np.flatnonzero(may[-1])] == ["E"]


def test_both_edges_are_taken_alike():
    """12 symbols are expected, and the shortest strings, of 9, have chance 1/8 each."""
    many = strings(8000, seed=2)
    lengths = np.array([len(s) for s in many])
    assert lengths.min() == 9
    assert abs(lengths.mean() - 12) < 0.15
    assert abs(np.mean([s[1] == "T" for s in many]) - 0.5) < 0.02
    assert abs(np.mean([s[3:6] == "TXS" for s in many]) - 1 / 8) < 0.015
    assert abs(np.mean([s == "BTBPVVETE" for s in many]) - 1 / 16) < 0.01


def test_a_pair_is_of_256_strings_each_and_shares_none():
    training, test = pair(seed=0)
    seen = {training.text(j) for j in range(256)}
    assert training.xs.shape[1] == test.xs.shape[1] == 256
    assert not seen & {test.text(j) for j in range(256)}
    assert len(seen) < 256  # short strings come more than once


def test_training_strings_are_picked_from_the_set():
    training, _ = pair(seed=0, count=20)
    picked = training.pick(400, seed=1)
    seen = {training.text(j) for j in range(20)}
    assert {picked.text(j) for j in range(400)} == seen
    one = training.pick(1, seed=2)
    assert one.complete.shape == (len(one.text(0)), 1)


def test_the_seed_decides():
    assert strings(9, seed=3) == strings(9, seed=3) == strings(9, np.random.default_rng(3))
    assert strings(9, seed=3) != strings(9, seed=4)
    for one, same, other in zip(pair(3), pair(3), pair(4), strict=True):
        np.testing.assert_array_equal(one.symbols, same.symbols)
        assert one.symbols.shape != other.symbols.shape or (one.symbols != other.symbols).any()


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_outputs_are_read_at_each_string_s_own_end(kind):
    task = draw(6, seed=0)
    outputs = np.random.default_rng(0).standard_normal((3, *task.symbols.shape, 7))
    ends = task.at_end(kind(outputs))
    for j, length in enumerate(task.lengths):
        np.testing.assert_array_equal(ends[:, j], outputs[:, length - 1, j])


def test_criterion(task):
    rng = np.random.default_rng(0)
    outputs = rng.random(task.xs.shape) + np.where(task.possible, 1.1, 0.0)
    assert reber.solved(task, outputs)
    outputs[task.lengths[3] :, 3] = 7.0  # after the end nothing counts
    assert reber.solved(task, outputs)
    last = task.lengths[5] - 1
    outputs[last, 5, SYMBOLS.index("E")] = outputs[last, 5].min()
    assert not task.right(outputs)[5]
    assert task.right(outputs).sum() == B - 1
    assert not reber.solved(task, outputs)


def test_both_possible_symbols_have_to_be_above_the_others():
    task = read(["BTBPVVETE"])
    outputs = task.possible.astype(float)
    assert task.right(outputs).all()
    outputs[0, 0, SYMBOLS.index("P")] = 0.0  # as high as those that are impossible
    assert not task.right(outputs).any()
    outputs[0, 0, SYMBOLS.index("P")] = 1e-9
    assert task.right(outputs).all()
    outputs[0, 0, 0] = np.nan
    assert not task.right(outputs).any()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: draw(0, seed=0), ValueError, "count: got 0, expected at least 1"),
        (lambda: strings(1.5, seed=0), TypeError, "count: got 1.5, expected a whole number"),
        (lambda: pair(0, count=0), ValueError, "count: got 0, expected at least 1"),
        (lambda: draw(3, 0).pick(0, 0), ValueError, "count: got 0, expected at least 1"),
        (lambda: read("BTE"), TypeError, "strings: got 'BTE', expected a list of strings"),
        (lambda: read([]), ValueError, "strings: got none, expected at least one"),
        (lambda: read([3]), TypeError, "strings: got 3, expected a string"),
        (lambda: read([""]), ValueError, "strings: got '', expected one of the embedded"),
        (lambda: read(["BTBPVVEPE"]), ValueError, "strings: got 'BTBPVVEPE', expected one of"),
        (lambda: read(["BTBPVVETEE"]), ValueError, "strings: got 'BTBPVVETEE', expected one of"),
        (lambda: read(["BTBPVVET"]), ValueError, "strings: got 'BTBPVVET', expected one of"),
        (lambda: draw(3, 0).right(np.zeros(3)), ValueError, r"outputs: got shape \(3,\)"),
        (lambda: draw(3, 0).at_end(np.zeros((2, 3, 7))), ValueError, "outputs: got shape"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
