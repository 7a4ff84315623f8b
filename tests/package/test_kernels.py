"""The compiled recurrence: the same numbers as the reading version, for every cell and both engines."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from cases import CELLS, B, D, H, T, bare, make_case

from lstm_course import initialize, kernels, nn, unroll
from lstm_course.cells import LSTM, LSTM1997, Carousel, SimplifiedGRU
from lstm_course.kernels import compiled, recurrence

TOLERANCE = {torch.float64: 1e-13, torch.float32: 3e-6}
COMPILED = [name for name, cell in CELLS.items() if kernels.available(cell, torch.zeros(1))]

dtypes = pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
# Compiling is most of the work. All tests of a cell go to one worker, which compiles it once.
cells = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in COMPILED]
)


def tensors(case, dtype):
    def move(array):
        return torch.tensor(array, dtype=dtype)

    params = case.params._make(map(move, case.params))
    return (
        params,
        move(case.xs),
        tuple(map(move, case.state)),
        move(case.dhs),
        tuple(map(move, case.d_last)),
    )


def forward(cell, params, xs, state, lengths=None):
    """One net: the axis of nets in front is put there and taken off."""
    outputs, run = kernels.forward(
        cell, stacked(params), xs[None], [x[None] for x in state], lengths
    )
    hs, *last = (x[0] for x in outputs)
    return hs, last, run


def stacked(params):
    return params._make(x[None] for x in params)


def test_numba_is_there_and_serves_every_cell_without_hidden_units():
    left_out = {name for name in CELLS if name not in COMPILED}
    assert left_out == {n for n, cell in CELLS.items() if getattr(cell, "hidden_units", 0)}


@pytest.mark.parametrize("lengths", [None, [4, T, 1]], ids=["all", "lengths"])
@dtypes
@cells
def test_equals_the_reading_version(name, dtype, lengths):
    case = make_case(name)
    params, xs, state, dhs, d_last = tensors(case, dtype)
    expected = unroll.forward(case.cell, params, xs, bare(state), lengths)
    hs, last, run = forward(case.cell, params, expected.xs, state, lengths)
    assert hs.shape == (T, B, case.size)
    back = unroll.backward(case.cell, params, expected, dhs, bare(d_last))
    d_params, d_xs, d_state = kernels.backward(
        case.cell, stacked(params), run, dhs[None], [d[None] for d in d_last]
    )
    ours = (hs, *last, *(x[0] for x in (*d_params, d_xs, *d_state)))
    last = expected.last if isinstance(expected.last, tuple) else (expected.last,)
    theirs = (expected.hs, *last, *back.params, back.xs, *back.state)
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == dtype
        torch.testing.assert_close(a, b, rtol=0, atol=TOLERANCE[dtype] * (1 + abs(b).max().item()))


@pytest.mark.parametrize("beside", [True, False], ids=["side by side", "one after the other"])
@pytest.mark.parametrize("lengths", [None, [4, T, 1]], ids=["all", "lengths"])
@dtypes
@cells
def test_several_nets_at_once_are_each_net_alone(name, dtype, lengths, beside, monkeypatch):
    monkeypatch.setattr(recurrence, "side_by_side", lambda *_: beside)
    cases = [make_case(name, seed=seed) for seed in range(5)]
    cell, each = cases[0].cell, [tensors(case, dtype) for case in cases]
    params = each[0][0]._make(torch.stack(x) for x in zip(*(e[0] for e in each), strict=True))
    xs, dhs = (torch.stack([e[i] for e in each]) for i in (1, 3))
    state, d_last = (
        [torch.stack(x) for x in zip(*(e[i] for e in each), strict=True)] for i in (2, 4)
    )
    outputs, run = kernels.forward(cell, params, xs, state, lengths)
    d_params, d_xs, d_state = kernels.backward(cell, params, run, dhs, d_last)
    together = (*outputs, *d_params, d_xs, *d_state)
    for r, (params, xs, state, dhs, d_last) in enumerate(each):
        hs, last, run = forward(cell, params, xs, state, lengths)
        one = kernels.backward(cell, stacked(params), run, dhs[None], [d[None] for d in d_last])
        alone = (hs, *last, *(x[0] for x in (*one[0], one[1], *one[2])))
        for a, b in zip(together, alone, strict=True):
            atol = TOLERANCE[dtype] * (1 + abs(b).max().item())
            torch.testing.assert_close(a[r], b, rtol=0, atol=atol)


@pytest.mark.parametrize(
    "cell", [Carousel(0.9999999), SimplifiedGRU(0.12345678, 0.12345679)], ids=str
)
def test_numbers_that_look_alike_stay_apart(cell):
    params = initialize.uniform(cell, D, H, seed=0, limit=0.1)
    params = params._make(map(torch.tensor, params))
    xs, state = torch.zeros(50, B, D, dtype=torch.float64), torch.ones(B, H, dtype=torch.float64)
    expected = unroll.forward(cell, params, xs, state).hs
    found, _, _ = forward(cell, params, xs, (state,))
    torch.testing.assert_close(found, expected, rtol=1e-13, atol=1e-13)


def test_nothing_is_left_unset_after_a_sequence_has_ended():
    case = make_case("gru-before")
    params, xs, state, *_ = tensors(case, torch.float64)
    _, _, run = forward(case.cell, params, xs, state, [4, T, 1])
    assert (run.trace[:, 4:, :, :, 0] == 0).all()
    assert run.sources.isfinite().all()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_stays_so(value):
    for name in ("lstm", "gru", "gru-before", "rnn"):
        case = make_case(name)
        params, xs, state, *_ = tensors(case, torch.float32)
        xs[2, 1, 0] = value
        expected = unroll.forward(case.cell, params, xs, bare(state)).hs
        found, _, _ = forward(case.cell, params, xs, state)
        torch.testing.assert_close(found, expected, rtol=3e-6, atol=3e-6, equal_nan=True)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 10.0, 100.0])
def test_float32_is_as_near_to_float64_as_torch_is(scale):
    torch.manual_seed(0)
    ours, theirs = nn.LSTM(D, H), torch.nn.LSTM(D, H)
    theirs.load_state_dict(ours.state_dict())
    exact = torch.nn.LSTM(D, H, dtype=torch.float64)
    exact.load_state_dict(ours.state_dict())
    xs = scale * torch.randn(200, 8, D)
    truth = exact(xs.double())[0]
    off = [abs(layer(xs)[0] - truth).max().item() for layer in (ours, theirs)]
    assert off[0] <= 2 * off[1] + 1e-7


def test_any_number_of_columns_sums_to_the_same(monkeypatch):
    """Weight gradients are summed over several steps at a time: some, all, and more than there are."""
    for steps in (1, 2, 5, 40):
        layer, xs = nn.LSTM(D, H, dtype=torch.float64), torch.randn(13, steps, D).double()
        layer(xs)[0].square().sum().backward()
        found = [p.grad.clone() for p in layer.parameters()]
        monkeypatch.setenv(recurrence.EAGER, "1")
        layer.zero_grad()
        layer(xs)[0].square().sum().backward()
        monkeypatch.delenv(recurrence.EAGER)
        for p, gradient in zip(layer.parameters(), found, strict=True):
            torch.testing.assert_close(p.grad, gradient, rtol=0, atol=1e-12)


def test_equations_have_no_second_copy():
    """What numba compiles holds one line for each operation of the cell's own step."""
    text = compiled.compiled(LSTM()).module.__loader__.get_data(
        compiled.compiled(LSTM()).module.__file__
    )
    own = text.decode().split("# LSTM(")[1]
    assert own.count("tanh(") == 2
    assert own.count("sigmoid(") == 3


@pytest.mark.parametrize("reason", ["asked for", "no numba"])
def test_without_numba_the_reading_version_serves(reason, monkeypatch):
    torch.manual_seed(0)
    layer, xs = nn.GRU(D, H, dtype=torch.float64), torch.randn(T, B, D, dtype=torch.float64)
    layer(xs)[0].sum().backward()
    expected = [p.grad.clone() for p in layer.parameters()]
    if reason == "asked for":
        monkeypatch.setenv(recurrence.EAGER, "1")
    else:
        monkeypatch.setattr(recurrence, "_installed", lambda: False)
    assert not kernels.available(layer.cell, xs)
    layer.zero_grad()
    layer(xs)[0].sum().backward()
    for p, gradient in zip(layer.parameters(), expected, strict=True):
        torch.testing.assert_close(p.grad, gradient, rtol=0, atol=1e-12)


def test_numba_is_not_imported_before_it_is_needed():
    program = (
        "import sys, torch\n"
        "from lstm_course import kernels, nn\n"
        "nn.LSTM(2, 6)\n"
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_cell_is_compiled_once_and_found_again(tmp_path):
    """The second process reads machine code from the folder, and writes nothing."""
    program = (
        "import torch\nfrom lstm_course import nn\n"
        "nn.RNN(2, 3)(torch.zeros(4, 1, 2))[0].sum().backward()\n"
    )
    seen = []
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            env={"PATH": "/usr/bin:/bin", compiled.CACHE: str(tmp_path)},
        )
        seen.append({path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb*")})
    assert seen[0]
    assert seen[0] == seen[1]


def test_without_a_place_to_keep_things_it_compiles_each_time(tmp_path):
    program = (
        "import torch\nfrom lstm_course import nn\n"
        "print(nn.RNN(2, 3)(torch.zeros(4, 1, 2))[0].shape)\n"
    )
    (tmp_path / "file").write_text("not a folder")
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={
            "PATH": "/usr/bin:/bin",
            compiled.CACHE: str(tmp_path / "file"),
            "TMPDIR": str(tmp_path),
        },
    )
    assert done.stdout == "torch.Size([4, 1, 3])\n"


def test_what_is_left_to_the_reading_version():
    assert not kernels.available(LSTM1997(hidden_units=1), torch.zeros(1))
    assert not kernels.available(LSTM(), torch.zeros(1, device="meta"))
    assert not kernels.available(LSTM(), torch.zeros(1, dtype=torch.float16))
