"""The LSTM of 1997 against three programs that others wrote: forward, truncated and full gradient."""

from __future__ import annotations

import numpy as np
import pytest
from outside import described, vectors

from lstm_course import unroll
from lstm_course.cells import LSTM1997, Params

VECTORS, CASES = vectors("lstm1997"), described("lstm1997")
NETS = [name for name in CASES if name.startswith("b")]
ENTRIES = {"grad_truncated": True, "grad_full_bptt": False}


class Net:
    """One of the C program's nets: its units by number, and which of them our cell's rows are."""

    def __init__(self, name: str) -> None:
        index, arrays = CASES[name]["index"], VECTORS[name]
        self.arrays = arrays
        self.sizes = tuple(CASES[name]["blocks"])
        self.inputs = list(range(*index["input"]))
        self.outputs = list(range(*index["output"]))
        self.cells = [unit for block in index["cells"] for unit in block]
        self.hidden = list(range(*index["hidden"]))
        # y holds i, h, o and the hidden units, as W, R and b do
        self.units = [*index["in_gate"], *self.cells, *index["out_gate"], *self.hidden]

    def cell(self, truncated: bool) -> LSTM1997:
        return LSTM1997(self.sizes, truncated, gates_recurrent=True, hidden_units=len(self.hidden))

    @property
    def params(self) -> Params:
        W = self.arrays["W"]
        rows = W[self.units]
        return Params(rows[:, self.inputs], rows[:, self.units], np.zeros(len(rows)))

    def run(self, truncated: bool):
        """The trajectory, and the outputs, which see the current cells and hidden units only."""
        xs, start = self.arrays["x"][:, None], self.arrays["y_initial"][None, self.units]
        cells = np.zeros((1, len(self.cells)))
        run = unroll.forward(self.cell(truncated), self.params, xs, (start, cells))
        seen = [self.units.index(unit) for unit in self.cells + self.hidden]
        V = self.arrays["W"][np.ix_(self.outputs, self.cells + self.hidden)]
        bias = self.arrays["W"][np.ix_(self.outputs, self.inputs)] @ self.arrays["x"].T
        outputs = 1 / (1 + np.exp(-(run.hs[:, 0, seen] @ V.T + bias.T)))
        return run, seen, V, outputs


@pytest.mark.parametrize("name", NETS)
def test_forward(name):
    net = Net(name)
    run, _, _, outputs = net.run(truncated=True)
    expected = net.arrays["activations"]
    np.testing.assert_allclose(run.hs[:, 0], expected[:, net.units], rtol=0, atol=1e-12)
    np.testing.assert_allclose(run.states[1][1:, 0], net.arrays["states"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(outputs, net.arrays["outputs"], rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ENTRIES)
@pytest.mark.parametrize("name", NETS)
def test_gradient(name, kind):
    net = Net(name)
    truncated = ENTRIES[kind]
    run, seen, V, outputs = net.run(truncated)
    wanted = net.arrays["has_target"].astype(bool)[:, None]
    error = np.where(wanted, outputs - net.arrays["target"], 0)
    assert 0.5 * (error**2).sum() == pytest.approx(float(net.arrays["E"]), rel=1e-12)
    d_net = error * outputs * (1 - outputs)
    dhs = np.zeros_like(run.hs)
    dhs[:, 0, seen] = d_net @ V
    found = unroll.backward(net.cell(truncated), net.params, run, dhs).params

    expected = net.arrays[kind]
    present = net.arrays["W"] != 0  # a weight that is not there has no gradient to compare
    tolerance = 1e-12 if truncated else 1e-10
    for ours, columns in ((found.W, net.inputs), (found.R, net.units)):
        theirs = expected[np.ix_(net.units, columns)]
        mask = present[np.ix_(net.units, columns)]
        assert mask.any()
        np.testing.assert_allclose(ours[mask], theirs[mask], rtol=0, atol=tolerance)
    to_outputs = expected[np.ix_(net.outputs, net.cells + net.hidden)]
    np.testing.assert_allclose(d_net.T @ run.hs[:, 0, seen], to_outputs, rtol=0, atol=tolerance)


@pytest.mark.parametrize("kind", ENTRIES)
def test_cell_whose_gates_are_no_sources(kind):
    given = VECTORS["cell1997"]
    names = ("in", "c", "out")  # i, g, o

    def stacked(where: str, letter: str) -> np.ndarray:
        return np.concatenate([given[f"{where}/{letter}_{name}"] for name in names])

    cell = LSTM1997(truncated=ENTRIES[kind])
    params = Params(*(stacked("in", letter) for letter in "WUb"))
    run = unroll.forward(cell, params, given["in/x"], (given["in/h0"], given["in/s0"]))
    np.testing.assert_allclose(run.hs, given["out/h"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(run.last[1], given["out/s_T"], rtol=0, atol=1e-12)
    found = unroll.backward(cell, params, run, given["cotangent/h"])
    for ours, letter in zip(found.params, "WUb", strict=True):
        np.testing.assert_allclose(ours, stacked(kind, letter), rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.xs, given[f"{kind}/x"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.state[1], given[f"{kind}/s0"], rtol=0, atol=1e-12)
    h0 = given.get(f"{kind}/h0", np.zeros_like(found.state[0]))  # nothing, if truncated
    np.testing.assert_allclose(found.state[0], h0, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ENTRIES)
def test_the_net_of_the_adding_problem(kind):
    given = VECTORS["paperblock"]
    theirs = [0, 1, 4, 5, 6, 7, 2, 3]  # they stack in, out, cells; we i, cells, o
    cell = LSTM1997((2, 2), ENTRIES[kind], gates_recurrent=True)
    W, R, b = (given[f"W/{name}"][theirs] for name in ("W_x", "W_h", "b_h"))
    params = Params(W, R[:, theirs], b)
    run = unroll.forward(cell, params, given["x"])
    np.testing.assert_allclose(run.hs, given["h"][..., theirs], rtol=0, atol=1e-12)
    np.testing.assert_allclose(run.states[1][1:], given["s"], rtol=0, atol=1e-12)
    outputs = run.hs[-1][:, 2:6] @ given["W/W_o"].T + given["W/b_o"]
    np.testing.assert_allclose(outputs, given["output"], rtol=0, atol=1e-12)
    error = outputs - given["target"]
    dhs = np.zeros_like(run.hs)
    dhs[-1][:, 2:6] = error @ given["W/W_o"]
    found = unroll.backward(cell, params, run, dhs).params
    for ours, name in ((found.W, "W_x"), (found.R, "W_h"), (found.b, "b_h")):
        expected = given[f"{kind}/{name}"][theirs]
        expected = expected[:, theirs] if name == "W_h" else expected
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12)
