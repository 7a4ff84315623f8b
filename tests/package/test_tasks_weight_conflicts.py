"""Store and read: what is drawn, the floors of linear nets, the pulls on a weight, the gates."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course import unroll
from lstm_course.cells import Carousel, Params
from lstm_course.tasks import weight_conflicts as conflicts

T, B, READS = 7, 5, 3
DRAWS = {
    "store": lambda seed=0: conflicts.store_marked(T, B, seed),
    "read": lambda seed=0: conflicts.read_marked(T, B, seed, reads=READS),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_shapes_and_seeds(draw):
    first, again, other = draw(), draw(), draw(seed=1)
    assert [part.shape for part in first] == [(T, B, 2), (T, B, 1), (T, B, 1)]
    assert {part.dtype for part in first} == {np.dtype("float64")}
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.xs, other.xs)


def test_store_wants_the_marked_value_at_the_end():
    xs, ys, scored = sequences = conflicts.store_marked(T, B, seed=2)
    assert set(xs[..., 0].flat) == {-1.0, 1.0}
    np.testing.assert_array_equal(sequences.marked.sum(0), 1)
    for b in range(B):
        (s,) = np.flatnonzero(xs[:, b, 1])
        assert ys[-1, b, 0] == xs[s, b, 0]
    np.testing.assert_array_equal(scored[:-1], 0)
    np.testing.assert_array_equal(scored[-1], 1)


def test_read_wants_the_first_value_at_the_marked_steps():
    xs, ys, scored = sequences = conflicts.read_marked(T, B, seed=2, reads=READS)
    assert set(abs(xs[0, :, 0])) == {1.0}
    np.testing.assert_array_equal(xs[1:, :, 0], 0)
    np.testing.assert_array_equal(sequences.marked.sum(0), READS)
    np.testing.assert_array_equal(ys[..., 0], xs[0, :, 0] * xs[..., 1])
    np.testing.assert_array_equal(scored, 1)


def test_every_step_is_marked_as_often_as_any_other():
    for sequences in (
        conflicts.store_marked(4, 8000, seed=0),
        conflicts.read_marked(4, 8000, seed=0, reads=1),
    ):
        np.testing.assert_allclose(sequences.marked.mean((1, 2)), 1 / 4, atol=0.02)


def test_every_sequence_is_there_once():
    store = conflicts.every_store_marked(5)
    read = conflicts.every_read_marked(5, reads=2)
    for sequences, count in ((store, 5 * 2**5), (read, 2 * 10)):
        flat = sequences.xs.transpose(1, 0, 2).reshape(count, -1)
        assert len(np.unique(flat, axis=0)) == count
    drawn = conflicts.store_marked(5, 1000, seed=0), conflicts.read_marked(5, 1000, 0, reads=2)
    for some, every in zip(drawn, (store, read), strict=True):
        known = {
            tuple(map(bytes, (x, y, s)))
            for x, y, s in zip(*(a.transpose(1, 0, 2).copy() for a in every), strict=True)
        }
        for x, y, s in zip(*(a.transpose(1, 0, 2).copy() for a in some), strict=True):
            assert tuple(map(bytes, (x, y, s))) in known


@pytest.mark.parametrize("steps", [2, 5, 7])
def test_no_linear_function_of_all_inputs_stores_better(steps):
    xs, ys, _ = sequences = conflicts.every_store_marked(steps)
    inputs = xs.transpose(1, 0, 2).reshape(xs.shape[1], -1)
    inputs = np.column_stack((inputs, np.ones(len(inputs))))
    best, *_ = np.linalg.lstsq(inputs, ys[-1, :, 0])
    outputs = np.zeros_like(ys)
    outputs[-1, :, 0] = inputs @ best
    assert conflicts.loss(outputs, sequences) == pytest.approx(
        conflicts.store_floor(steps), rel=1e-12
    )


@pytest.mark.parametrize(("steps", "reads"), [(2, 1), (5, 2), (6, 1), (6, 5)])
def test_no_linear_function_of_all_inputs_reads_better(steps, reads):
    xs, ys, _ = sequences = conflicts.every_read_marked(steps, reads=reads)
    inputs = xs.transpose(1, 0, 2).reshape(xs.shape[1], -1)  # later ones too: a lower floor yet
    inputs = np.column_stack((inputs, np.ones(len(inputs))))
    best, *_ = np.linalg.lstsq(inputs, ys[..., 0].T)
    outputs = (inputs @ best).T[..., None]
    assert conflicts.loss(outputs, sequences) == pytest.approx(
        conflicts.read_floor(steps, reads), rel=1e-12
    )


@pytest.mark.parametrize("w", [0.0, 1 / T, 0.4, 1.0])
def test_pulls_on_the_input_weight(w):
    xs, ys, _ = sequences = conflicts.every_store_marked(T)
    params = Params(np.array([[w, 0.0]]), np.zeros((1, 1)), np.zeros(1))
    run = unroll.forward(Carousel(), params, xs)
    back = unroll.backward(Carousel(), params, run, conflicts.output_errors(run.hs, sequences))
    found = conflicts.pulls(back.deltas * xs, sequences)
    np.testing.assert_allclose(found.marked[0], w - 1, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.others[0], (T - 1) * w, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.total, back.params.W[0], rtol=0, atol=1e-12)


def test_output_errors_are_the_derivative_of_the_loss():
    for draw in DRAWS.values():
        sequences = conflicts.Sequences(*map(torch.from_numpy, draw()))
        outputs = torch.from_numpy(np.random.default_rng(0).standard_normal((T, B, 1)))
        conflicts.loss(outputs.requires_grad_(), sequences).backward()
        with torch.no_grad():
            by_hand = conflicts.output_errors(outputs, sequences)
        torch.testing.assert_close(outputs.grad, by_hand, rtol=0, atol=1e-15)


def test_a_gate_solves_each_task_exactly():
    store = conflicts.store_marked(T, B, seed=0)
    stored = np.cumsum(store.xs[..., :1] * store.marked, axis=0)
    read = conflicts.read_marked(T, B, seed=0, reads=READS)
    said = np.cumsum(read.xs[..., :1], axis=0) * read.marked
    for outputs, sequences in ((stored, store), (said, read)):
        assert conflicts.loss(outputs, sequences) == 0
        assert conflicts.solved(outputs, sequences)
        assert conflicts.solved(outputs + 0.03, sequences)
        assert not conflicts.solved(outputs + 0.05, sequences)
        assert not conflicts.solved(0 * outputs, sequences)


def test_pulls_are_compared():
    sequences = conflicts.read_marked(2, 1, seed=0)
    marked = sequences.marked[:, 0]

    def between(a, b):
        return conflicts.pulls(np.where(marked, a, b)[:, None], sequences)

    assert between([3.0, 4.0], [-3.0, -4.0]).conflict == 1
    assert between([3.0, 4.0], [-3.0, -4.0]).cosine == pytest.approx(-1)
    assert between([3.0, 4.0], [6.0, 8.0]).conflict == 0
    assert between([1.0, 0.0], [0.0, 1.0]).cosine == 0
    assert np.isnan(between([0.0, 0.0], [1.0, 0.0]).cosine)
    assert np.isnan(between([0.0, 0.0], [0.0, 0.0]).conflict)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: conflicts.store_marked(0, B, 0), ValueError, "steps: got 0"),
        (lambda: conflicts.store_marked(T, 2.5, 0), TypeError, "count: got 2.5"),
        (lambda: conflicts.read_marked(3, B, 0, reads=4), ValueError, "reads: got 4"),
        (lambda: conflicts.read_marked(3, B, 0, reads=0), ValueError, "reads: got 0"),
        (lambda: conflicts.every_store_marked(15), ValueError, "steps: got 15, expected at most 14"),
        (lambda: conflicts.every_read_marked(15), ValueError, "steps: got 15, expected at most 14"),
        (lambda: conflicts.every_read_marked(3, reads=4), ValueError, "reads: got 4"),
        (lambda: conflicts.store_floor(0), ValueError, "steps: got 0"),
        (lambda: conflicts.read_floor(3, 4), ValueError, "reads: got 4"),
        (lambda: conflicts.loss(np.zeros((T, B)), DRAWS["store"]()), ValueError, "outputs: got shape"),
        (lambda: conflicts.solved([0.0], DRAWS["store"]()), TypeError, "outputs: got list"),
        (lambda: conflicts.pulls(np.zeros((B, T)), DRAWS["read"]()), ValueError, "contributions: got"),
    ],
)  # fmt: skip
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
