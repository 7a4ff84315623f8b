"""Conversions: right against ONNX, Keras and torch, and exact there and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cases import D, H, make_case
from outside import described, vectors

from lstm_course import convert, ops, unroll
from lstm_course.cells import GRU, LSTM, RNN

OUTSIDE = {
    "rnn": RNN(),
    "lstm": LSTM(),
    "lstm_peepholes": LSTM(peepholes=True),
    "gru_before": GRU("before"),
    "gru_after": GRU(),
}
KERAS = {name: cell for name, cell in OUTSIDE.items() if "peepholes" not in name}
LITERALS = described("keras_literals")
OURS = {"rnn": "rnn", "lstm": "lstm", "lstm_peepholes": "lstm-peepholes"}
OURS |= {"gru_before": "gru-before", "gru_after": "gru"}


@pytest.mark.parametrize("name", OUTSIDE)
def test_equals_onnx(name):
    given = vectors("onnx")[name]
    cell = OUTSIDE[name]
    state = [given[key][0] for key in ("initial_h", "initial_c") if key in given]
    params = convert.from_onnx(cell, given)
    run = unroll.forward(cell, params, given["X"], tuple(state))
    np.testing.assert_allclose(run.hs, given["Y"][:, 0], rtol=0, atol=1e-13)
    for ours, key in zip(run.states, ("Y_h", "Y_c"), strict=False):
        np.testing.assert_allclose(ours[-1], given[key][0], rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", KERAS)
def test_equals_keras(name):
    given, cell = vectors("keras")[name], KERAS[name]
    weights = [given[f"weight{i}"] for i in range(3)]
    state = tuple(given[f"start{i}"] for i in range(len(cell.state_names)))
    run = unroll.forward(cell, convert.from_keras(cell, weights), given["xs"], state)
    np.testing.assert_allclose(run.hs, given["hs"], rtol=0, atol=1e-6)
    for i, ours in enumerate(run.states):
        np.testing.assert_allclose(ours[-1], given[f"last{i}"], rtol=0, atol=1e-6)


def keras_cell(literal: dict):
    if literal["layer"] == "GRU":
        return GRU("after" if literal["kwargs"].get("reset_after", True) else "before")
    return {"LSTM": LSTM(), "SimpleRNN": RNN()}[literal["layer"]]


@pytest.mark.parametrize("literal", LITERALS, ids=lambda x: x["test"].split("::")[-1])
def test_equals_the_literals_of_keras_own_tests(literal):
    options = literal["kwargs"]
    cell = keras_cell(literal)
    params = convert.from_keras(cell, [np.array(w["value"]) for w in literal["weights"]])
    state = None
    for call in literal["calls"]:
        if call == "reset_state":
            state = None
            continue
        xs = np.array(call["sequence"]).transpose(1, 0, 2)
        masked = np.ones(xs.shape[:2], bool)
        if call["mask"] is not None:
            masked = np.array(call["mask"]).T
        if options.get("go_backwards"):
            xs, masked = xs[::-1], masked[::-1]
        if call["initial_state"] is not None:
            start = np.array(call["initial_state"])  # (B, H), or one for each of h and c
            state = tuple(start) if start.ndim == 3 else (start,)
        outputs = []
        for x, there in zip(xs, masked, strict=True):  # a masked step repeats state and output
            run = unroll.forward(cell, params, x[None], state)
            new = tuple(s[-1] for s in run.states)
            old = tuple(s[0] for s in run.states)
            state = tuple(np.where(there[:, None], n, o) for n, o in zip(new, old, strict=True))
            hidden = not options.get("zero_output_for_mask")
            outputs.append(state[0] if hidden else np.where(there[:, None], state[0], 0))
    found = np.array(outputs) if options.get("return_sequences") else state[0]
    if options.get("return_sequences"):
        found = found.transpose(1, 0, 2)
    found = found if literal["batch_index"] is None else found[literal["batch_index"]]
    np.testing.assert_allclose(found, literal["expected"], rtol=0, atol=1e-5)


def equal(a, b) -> None:
    assert type(a) is type(b)
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(ops.to_numpy(x), ops.to_numpy(y))


@pytest.mark.parametrize("name", ["rnn", "rnn-relu", "lstm", "gru"])
def test_to_torch_and_back_is_exact(name, backend):
    case = make_case(name)
    params = backend.params(case.params)
    weights = convert.to_torch(case.cell, params, "_l3_reverse")
    equal(convert.from_torch(case.cell, weights, "_l3_reverse"), params)


@pytest.mark.parametrize("name", KERAS)
def test_to_keras_and_back_is_exact(name, backend):
    case = make_case(OURS[name])
    params = backend.params(case.params)
    equal(convert.from_keras(case.cell, convert.to_keras(case.cell, params)), params)


@pytest.mark.parametrize("name", OUTSIDE)
def test_to_onnx_and_back_is_exact(name, backend):
    case = make_case(OURS[name])
    params = backend.params(case.params)
    inputs = convert.to_onnx(case.cell, params)
    equal(convert.from_onnx(case.cell, inputs), params)
    assert inputs["W"].shape == (1, len(params.b), D)
    assert inputs["B"].shape == (1, 2 * len(params.b))


def test_weights_without_bias_get_zeros():
    for name in ("lstm", "gru"):
        case = make_case(name)
        b = case.params.b
        for found in (
            convert.from_keras(case.cell, convert.to_keras(case.cell, case.params)[:2]),
            convert.from_torch(
                case.cell,
                {
                    n: w
                    for n, w in convert.to_torch(case.cell, case.params).items()
                    if "b" not in n[0]
                },
            ),
            convert.from_onnx(
                case.cell,
                {n: w for n, w in convert.to_onnx(case.cell, case.params).items() if n != "B"},
            ),
        ):
            np.testing.assert_array_equal(found.b, 0 * b)
            np.testing.assert_array_equal(found.W, case.params.W)


def test_a_gate_that_is_open_or_shut_for_good_stays_so():
    case = make_case("lstm")
    b = case.params.b.copy()
    b[H], b[H + 1] = np.inf, -np.inf
    params = case.params._replace(b=b)
    equal(convert.from_torch(case.cell, convert.to_torch(case.cell, params)), params)
    equal(convert.from_keras(case.cell, convert.to_keras(case.cell, params)), params)
    equal(convert.from_onnx(case.cell, convert.to_onnx(case.cell, params)), params)


def test_torch_biases_are_added_up():
    layer = torch.nn.GRU(D, H, dtype=torch.float64)
    found = convert.from_torch(GRU(), layer.state_dict())
    first, second = layer.bias_ih_l0.detach(), layer.bias_hh_l0.detach()
    assert torch.equal(found.b[: 2 * H], (first + second)[: 2 * H])
    assert torch.equal(found.b[2 * H :], first[2 * H :])
    assert torch.equal(found.b_nh, second[2 * H :])


@pytest.mark.parametrize("name", ["gru", "gru-before"])
def test_flipped_update_gate_writes(name):
    """h = (1 − u) h + u n with the flipped weights is the same net; flipped twice, the same weights."""
    case = make_case(name)
    flipped = convert.flip_update_gate(case.cell, case.params)
    run = unroll.forward(case.cell, case.params, case.xs, case.state)
    h = case.state[0]
    for t in range(len(case.xs)):
        step = unroll.forward(case.cell, flipped, case.xs[[t]], h)
        _, u, n, *_ = (part[0] for part in step.trace)
        h = (1 - u) * h + u * n
        if name == "gru":  # the candidate does not depend on the update gate, but r does on h
            np.testing.assert_allclose(h, run.hs[t], rtol=0, atol=1e-14)
    np.testing.assert_allclose(h, run.hs[-1], rtol=0, atol=1e-13)
    equal(convert.flip_update_gate(case.cell, flipped), case.params)
