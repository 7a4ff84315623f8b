"""A gradient taken apart by lag."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cases import H, T, bare, make_case

from lstm_course import jacobian, ops, unroll


def terms_of(case, backend=None):
    params, xs, state, dhs = case.params, case.xs, bare(case.state), case.dhs
    if backend:
        params, xs, dhs = backend.params(params), backend.array(xs), backend.array(dhs)
        state = backend.state(case.state)
    run = unroll.forward(case.cell, params, xs, state)
    whole = unroll.backward(case.cell, params, run, dhs).params
    return jacobian.gradient_by_lag(case.cell, params, run, dhs), whole


def test_terms_sum_to_the_gradient(case, backend):
    terms, whole = terms_of(case, backend)
    assert type(terms) is type(case.params)
    assert [t.shape for t in terms] == [(T, *part.shape) for part in case.params]
    for term, gradient in zip(terms, whole, strict=True):
        np.testing.assert_allclose(
            ops.to_numpy(term.sum(0)), ops.to_numpy(gradient), rtol=1e-12, atol=1e-12
        )


@pytest.mark.parametrize("name", ["rnn", "lstm", "lstm-peepholes", "gru", "gru-before"])
def test_each_lag_is_the_gradient_of_a_private_copy(name):
    """An oracle that knows nothing of lags: autograd with one copy of the weights for every step."""
    case = make_case(name)
    copies = [
        case.params._make(torch.tensor(part, requires_grad=True) for part in case.params)
        for _ in range(T)
    ]
    expected = [np.zeros((T, *part.shape)) for part in case.params]
    for t in range(T):
        state = bare(tuple(torch.tensor(part) for part in case.state))
        for k in range(t + 1):
            run = unroll.forward(case.cell, copies[k], torch.tensor(case.xs[[k]]), state)
            state = run.last
        loss = (run.hs[0] * torch.tensor(case.dhs[t])).sum()
        flat = [part for copy in copies[: t + 1] for part in copy]
        gradients = torch.autograd.grad(loss, flat)
        fields = len(case.params)
        for k in range(t + 1):
            for j in range(fields):
                expected[j][t - k] += gradients[k * fields + j].numpy()
    terms, _ = terms_of(case)
    for term, part in zip(terms, expected, strict=True):
        np.testing.assert_allclose(term, part, rtol=0, atol=1e-12)


def test_share(backend):
    terms = backend.array(np.array([[3.0, 4.0], [0.0, 0.0], [0.0, -5.0]]))
    np.testing.assert_allclose(ops.to_numpy(jacobian.share(terms)), [0.5, 0.0, 0.5])


@pytest.mark.parametrize("value", [0.0, np.inf, np.nan])
def test_share_of_nothing_or_of_infinity_is_refused(backend, value):
    with pytest.raises(ValueError, match="terms: got norms that sum to .*, expected a finite sum"):
        jacobian.share(backend.array(np.full((T, H), value)))
