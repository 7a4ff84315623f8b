"""The nets of the experiments: those of 1997 as the paper describes them, and those of today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn.utils.parametrize import register_parametrization

from lstm_course import initialize, nn
from lstm_course.arguments import choice
from lstm_course.cells import Params
from lstm_course.cells.cell import Blocks, Cell
from lstm_course.ops import sigmoid

LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
BIASES = ("all", "hidden", "gates", "none")


def of_1997(
    seed: int,
    *,
    inputs: int,
    outputs: int,
    blocks: int,
    size: int,
    limit: float,
    biases: str = "all",
    input_gates: Sequence[float] | None = None,
    output_gates: Sequence[float] | None = None,
    symbols: int | None = None,
    every_step: bool = False,
    truncated: bool = True,
) -> nn.WithReadout:
    """A net of Hochreiter & Schmidhuber (1997, Table 10): memory-cell blocks that are fully connected.

    ``blocks`` of ``size`` cells; sources of R are all cells and gates; the outputs read the cells.
    Weights are uniform in ±``limit``. ``biases``: which units have one, "all", "hidden" (cells and
    gates), "gates" or "none". ``input_gates`` and ``output_gates`` are first values of these, a number
    for each block. ``symbols``: inputs are that many symbols, one-hot, and ``inputs`` does not count.
    ``truncated``: learn by the paper's gradient; if not, by the whole one.
    """
    choice("biases", biases, BIASES)
    cells = blocks * size
    rows = H = cells + 2 * blocks
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = nn.LSTM1997(
            rows if symbols else inputs,
            H,
            bias=biases != "none",
            block_size=size,
            truncated=truncated,
            gates_recurrent=True,
        )
        encoder = nn.columns(symbols, layer) if symbols else None
        net = nn.WithReadout(
            layer,
            outputs,
            encoder=encoder,
            every_step=every_step,
            sources=(blocks, blocks + cells),
            bias=biases == "all",
        )
        with torch.no_grad():
            for weight in net.parameters():
                if weight.requires_grad:
                    weight.uniform_(-limit, limit)
    if layer.bias:
        params = Params(*(p.detach() for p in layer.params()))
        params = initialize.gate_bias_1997(
            layer.cell,
            params._replace(b=layer.bias_ih_l0.detach()),
            input_gates=input_gates,
            output_gates=output_gates,
        )
        with torch.no_grad():
            layer.bias_ih_l0.copy_(params.b)
            layer.bias_hh_l0.zero_()
        layer.bias_hh_l0.requires_grad_(False)  # one bias for each unit, as in the paper
        if biases == "gates":
            of_gates = torch.ones(rows)
            of_gates[blocks : blocks + cells] = 0
            register_parametrization(layer, "bias_ih_l0", Only(of_gates))
    return net


class Only(torch.nn.Module):
    """Some of the weights, zero for the others."""

    def __init__(self, which: Tensor) -> None:
        super().__init__()
        self.register_buffer("which", which)

    def forward(self, weights: Tensor) -> Tensor:
        """The weights where they are wanted."""
        return weights * self.which


class InputGateCell(Cell):
    """A carousel behind an input gate, with no output gate, for experiments 2a and 2b (1997, §5.2)::

        h_t = h_{t−1} + σ(a_i) σ(a_g)

    In the paper nothing recurrent but the carousel itself reaches it: R is zero and stays so.
    """

    block_names = ("i", "g")
    state_names = ("h",)
    memory = "h"
    truncated = True

    def step(self, from_x, from_h, state, own=()) -> tuple[Blocks, Blocks]:
        i, g = (sigmoid(x + r) for x, r in zip(from_x, from_h, strict=True))
        return (state[0] + i * g,), (i, g)

    def step_backward(self, trace, d_state, own=()) -> tuple[Blocks, Blocks, Blocks, Blocks]:
        (i, g), (dh,) = trace, d_state
        da = (dh * g * i * (1 - i), dh * i * g * (1 - g))
        return da, da, (dh,), ()

    def keep(self, trace):
        return 1 + 0 * trace[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InputGateCell)

    def __hash__(self) -> int:
        return hash(InputGateCell)


class InputGateLayer(nn.Layer):
    """The layer of :class:`InputGateCell`."""

    def make_cell(self) -> Cell:
        return InputGateCell()


class PredictorOf1997(torch.nn.Module):
    """The net of experiments 2a and 2b: outputs read the symbol and one gated carousel; no biases.

    ``symbols`` K = p + 1: K (K + 1) + 2 K weights, 10,504 for p = 100. The weights from the cell to the
    outputs start at zero, for the cell is only added later, by :class:`CellAddedLater`.
    """

    def __init__(self, seed: int, symbols: int, limit: float = 0.2) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.layer = InputGateLayer(2, 1, bias=False)
            self.encoder = nn.columns(symbols, self.layer)
            self.from_symbol = torch.nn.Embedding(symbols, symbols)
            self.from_cell = torch.nn.Linear(1, symbols, bias=False)
            with torch.no_grad():
                for weight in (self.encoder.weight, self.from_symbol.weight):
                    weight.uniform_(-limit, limit)
                self.from_cell.weight.zero_()
                self.layer.weight_hh_l0.zero_()
        self.layer.weight_hh_l0.requires_grad_(False)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """What the outputs are given at every step, (T, B, K), for symbols (T, B)."""
        return self.from_symbol(inputs) + self.from_cell(self.layer(self.encoder(inputs))[0])


class CellAddedLater(torch.optim.SGD):
    """Gradient descent in which the memory cell of a :class:`PredictorOf1997` learns from later on.

    The paper adds it "once the error has stopped decreasing", against the abuse of cells; here that is
    after a fixed number of updates, ``after``.
    """

    def __init__(self, params: Iterable[Tensor], lr: float, after: int) -> None:
        super().__init__(params, lr=lr)
        self.param_groups[0] |= {"after": after, "updates": 0}

    def step(self, closure: None = None) -> None:
        """One update."""
        group = self.param_groups[0]
        group["updates"] += 1
        if group["updates"] <= group["after"]:
            of_cell, _, from_cell = group["params"]
            of_cell.grad.zero_()
            from_cell.grad.zero_()
        super().step(closure)


def of_today(
    cell: str,
    seed: int,
    *,
    inputs: int,
    outputs: int,
    hidden: int,
    longest: int,
    symbols: int | None = None,
    every_step: bool = False,
) -> nn.WithReadout:
    """An RNN, LSTM or GRU as torch starts it, its gates' biases by chrono initialisation.

    ``longest``: for how many steps it is to remember (Tallec & Ollivier 2018). ``symbols`` as above.
    """
    kind = LAYERS[choice("cell", cell, tuple(LAYERS))]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = kind(kind(1, hidden).weight_ih_l0.shape[0] if symbols else inputs, hidden)
        encoder = None
        if symbols:
            encoder = nn.columns(symbols, layer)
            with torch.no_grad():
                encoder.weight.uniform_(-(hidden**-0.5), hidden**-0.5)
        net = nn.WithReadout(layer, outputs, encoder=encoder, every_step=every_step)
    if cell != "rnn":
        own = layer.cell.params_type
        params = own(*(p.detach() for p in layer.params()))
        layer.load_params(initialize.chrono(layer.cell, params, longest, seed))
    return net
