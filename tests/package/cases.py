"""What the package's tests speak about: four different sizes, every cell, where arrays live."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from lstm_course import initialize
from lstm_course.cells import (
    GRU,
    LSTM,
    LSTM1997,
    RNN,
    Carousel,
    Cell,
    Params,
    SimplifiedGRU,
)

T, B, D, H = 7, 3, 2, 6  # all different, so that a swapped axis can't go unseen

CELLS = {
    "rnn": RNN(),
    "rnn-sigmoid": RNN("sigmoid"),
    "rnn-relu": RNN("relu"),
    "rnn-identity": RNN("identity"),
    "carousel": Carousel(),
    "carousel-tanh": Carousel(0.9, "tanh"),
    "lstm": LSTM(),
    "lstm-peepholes": LSTM(peepholes=True),
    "lstm-coupled": LSTM(coupled=True),
    "lstm-both": LSTM(peepholes=True, coupled=True),
    "gru": GRU(),
    "gru-before": GRU("before"),
    "simplified-gru": SimplifiedGRU(0.3, 0.6),
    "simplified-gru-by-unit": SimplifiedGRU((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), 0.9),
    "lstm1997": LSTM1997(),
    "lstm1997-full": LSTM1997(truncated=False),
    "lstm1997-blocks": LSTM1997(3),
    "lstm1997-blocks-full": LSTM1997(2, truncated=False),
    "lstm1997-gates": LSTM1997((1, 2), gates_recurrent=True),
    "lstm1997-gates-full": LSTM1997((1, 2), truncated=False, gates_recurrent=True),
    "lstm1997-net": LSTM1997((1, 2), gates_recurrent=True, hidden_units=4),
    "lstm1997-net-full": LSTM1997((1, 2), truncated=False, gates_recurrent=True, hidden_units=4),
}
WIDER = {  # y has 2 + 3 + 2 entries, and 4 more
    "lstm1997-gates": 7,
    "lstm1997-gates-full": 7,
    "lstm1997-net": 11,
    "lstm1997-net-full": 11,
}


class Backend(NamedTuple):
    """Where arrays live: "numpy", "torch" or "cuda"."""

    name: str

    def array(self, values: np.ndarray):
        if self.name == "numpy":
            return np.array(values)
        return torch.tensor(values, device="cuda" if self.name == "cuda" else "cpu")

    def params(self, params: Params) -> Params:
        return type(params)(*map(self.array, params))

    def state(self, state: tuple[np.ndarray, ...]):
        return bare(tuple(map(self.array, state)))


class Case(NamedTuple):
    """A net, what it is fed, and how a loss depends on what comes out, in NumPy float64."""

    cell: Cell
    params: Params
    xs: np.ndarray  # (T, B, D)
    state: tuple[np.ndarray, ...]  # (B, size) each
    dhs: np.ndarray  # (T, B, H)
    d_last: tuple[np.ndarray, ...]  # the loss is Σ dhs · hs + Σ d_last · last

    @property
    def size(self) -> int:
        return self.params.R.shape[1]


def bare(state: tuple):
    return state if len(state) > 1 else state[0]


def make_case(name: str, seed: int = 0, sizes: tuple[int, int, int] = (T, B, D)) -> Case:
    cell, hidden = CELLS[name], WIDER.get(name, H)
    steps, sequences, inputs = sizes
    rng = np.random.default_rng(seed)
    params = initialize.uniform(cell, inputs, hidden, rng, limit=0.4)

    def state() -> tuple[np.ndarray, ...]:
        return tuple(rng.standard_normal((sequences, n)) for n in cell.state_sizes(hidden))

    xs = rng.standard_normal((steps, sequences, inputs))
    return Case(cell, params, xs, state(), rng.standard_normal((steps, sequences, hidden)), state())
