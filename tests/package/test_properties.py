"""What holds for every cell at every size: linear, independent, cut anywhere, units in any order."""

from __future__ import annotations

import numpy as np
import pytest
from cases import CELLS, WIDER, bare, make_case
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_course import initialize, unroll

sizes = st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4))  # T, B, D
seeds = st.integers(0, 2**16)
names = st.sampled_from(list(CELLS))
few = settings(deadline=None, max_examples=60)


def run(case, xs=None, state=None):
    state = bare(case.state) if state is None else state
    return unroll.forward(case.cell, case.params, case.xs if xs is None else xs, state)


def parts(state) -> tuple:
    return state if isinstance(state, tuple) else (state,)


@few
@given(names, sizes, seeds)
def test_backward_is_linear_in_the_incoming_gradient(name, sizes, seed):
    case, other = make_case(name, seed, sizes), make_case(name, seed + 1, sizes)

    def gradient(dhs, d_last):
        found = unroll.backward(case.cell, case.params, run(case), dhs, bare(tuple(d_last)))
        return [*found.params, found.xs, *found.state]

    a, b = gradient(case.dhs, case.d_last), gradient(other.dhs, other.d_last)
    mixed = gradient(
        2 * case.dhs - 3 * other.dhs,
        [2 * x - 3 * y for x, y in zip(case.d_last, other.d_last, strict=True)],
    )
    for x, y, both in zip(a, b, mixed, strict=True):
        scale = 1 + abs(x).max() + abs(y).max()
        np.testing.assert_allclose(both, 2 * x - 3 * y, rtol=0, atol=1e-12 * scale)


@few
@given(names, sizes, seeds)
def test_sequences_of_a_batch_do_not_touch_each_other(name, sizes, seed):
    case = make_case(name, seed, sizes)
    whole = run(case)
    for b in range(sizes[1]):
        alone = run(case, case.xs[:, [b]], bare(tuple(part[[b]] for part in case.state)))
        np.testing.assert_allclose(alone.hs[:, 0], whole.hs[:, b], rtol=1e-12, atol=1e-12)


@few
@given(names, sizes, seeds, st.data())
def test_time_can_be_cut_anywhere(name, sizes, seed, data):
    case = make_case(name, seed, (sizes[0] + 1, *sizes[1:]))
    cut = data.draw(st.integers(1, sizes[0]))
    whole, first = run(case), run(case, case.xs[:cut])
    second = run(case, case.xs[cut:], first.last)
    for x, y in zip(parts(second.last), parts(whole.last), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-12)


@few
@given(names, sizes, seeds)
def test_one_step_is_the_first_of_many(name, sizes, seed):
    case = make_case(name, seed, sizes)
    one = run(case, case.xs[:1])
    assert one.hs.shape[0] == 1
    np.testing.assert_allclose(one.hs[0], run(case).hs[0], rtol=1e-12, atol=1e-12)


@few
@given(st.sampled_from([n for n in CELLS if "1997" not in n and "by-unit" not in n]), sizes, seeds)
def test_units_can_stand_in_any_order(name, sizes, seed):
    case = make_case(name, seed, sizes)
    order = np.random.default_rng(seed).permutation(case.size)

    def rows(weights):
        blocks = weights.reshape(-1, case.size, *weights.shape[1:])
        return blocks[:, order].reshape(weights.shape)

    W, R, b, *own = map(rows, case.params)
    params = case.params._make((W, R[:, order], b, *own))
    state = bare(tuple(part[:, order] for part in case.state))
    found = unroll.forward(case.cell, params, case.xs, state)
    np.testing.assert_allclose(found.hs, run(case).hs[..., order], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_no_steps_at_all_are_refused(name):
    case = make_case(name)
    with pytest.raises(ValueError, match="xs: got an empty sequence"):
        run(case, case.xs[:0])


@few
@given(names, seeds)
def test_lengths_are_the_same_as_sequences_of_their_own(name, seed):
    case = make_case(name, seed, (6, 3, 2))
    lengths = np.random.default_rng(seed).integers(1, 7, 3).tolist()
    found = unroll.forward(case.cell, case.params, case.xs, bare(case.state), lengths)
    for b, length in enumerate(lengths):
        alone = run(case, case.xs[:length, [b]], bare(tuple(part[[b]] for part in case.state)))
        np.testing.assert_allclose(found.hs[:length, b], alone.hs[:, 0], rtol=1e-12, atol=1e-12)


def test_a_seed_gives_the_same_net_again():
    for name, cell in CELLS.items():
        a, b = (initialize.uniform(cell, 2, WIDER.get(name, 6), seed=3) for _ in range(2))
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(x, y)
