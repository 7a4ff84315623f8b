"""One layer for each architecture: its cell, its variants, and what it adds to torch.nn's names."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lstm_course import cells
from lstm_course.cells import Cell, Params
from lstm_course.nn.layer import Layer


class RNN(Layer):
    """The simple recurrent net, :class:`~lstm_course.cells.rnn.RNN`, as torch.nn.RNN computes it.

    ``nonlinearity``: ``"tanh"`` (default), ``"sigmoid"``, ``"relu"`` or ``"identity"``.
    """

    variants = ("nonlinearity",)

    def make_cell(self, nonlinearity: str = "tanh") -> Cell:
        return cells.RNN(nonlinearity)


class LSTM(Layer):
    """The LSTM, :class:`~lstm_course.cells.lstm.LSTM`, as torch.nn.LSTM computes it; rows i, f, g, o.

    ``peepholes`` adds ``weight_ch_l{k}`` (3 H,), order i, f, o. ``coupled`` sets f = 1 − i: rows i, g, o,
    peepholes i, o.
    """

    variants = ("peepholes", "coupled")
    extra_weights = {"p": "weight_ch"}  # noqa: RUF012

    def make_cell(self, peepholes: bool = False, coupled: bool = False) -> Cell:
        return cells.LSTM(peepholes, coupled)


class LSTM1997(Layer):
    """The LSTM of 1997, :class:`~lstm_course.cells.lstm1997.LSTM1997`.

    The rows of its weights are i, g, o: H/S, H and H/S of them. ``block_size`` S: cells that share their
    gates. ``truncated`` (default True): the paper's gradient; False: full backpropagation through time.
    ``gates_recurrent`` (default False): the gates, too, are sources of R, as in the paper's experiments;
    the H outputs are then i, h, o, and K blocks have H = K (S + 2).
    """

    variants = ("block_size", "truncated", "gates_recurrent")

    def make_cell(
        self, block_size: int = 1, truncated: bool = True, gates_recurrent: bool = False
    ) -> Cell:
        if isinstance(block_size, tuple):
            raise TypeError(f"block_size: got {block_size}, expected one whole number")
        return cells.LSTM1997(block_size, truncated, gates_recurrent)


class GRU(Layer):
    """The GRU, :class:`~lstm_course.cells.gru.GRU`, as torch.nn.GRU computes it; rows r, z, n.

    ``reset``: ``"after"`` the recurrent product (default, torch) or ``"before"`` it.
    """

    variants = ("reset",)

    def make_cell(self, reset: str = "after") -> Cell:
        return cells.GRU(reset)

    def _assemble(self, suffix: str) -> Params:
        if "b_nh" not in self.cell.own_blocks:
            return super()._assemble(suffix)
        W, R = getattr(self, f"weight_ih{suffix}"), getattr(self, f"weight_hh{suffix}")
        H = self.hidden_size
        if not self.bias:
            return self.cell.params_type(W, R, W.new_zeros(3 * H), W.new_zeros(H))
        from_x, from_h = getattr(self, f"bias_ih{suffix}"), getattr(self, f"bias_hh{suffix}")
        b = torch.cat((from_x[: 2 * H] + from_h[: 2 * H], from_x[2 * H :]))
        return self.cell.params_type(W, R, b, from_h[2 * H :])

    def _named(self, params: Params) -> dict[str, torch.Tensor]:
        named = super()._named(params)
        if self.bias and "b_nh" in params._fields:
            named["bias_hh"][2 * self.hidden_size :] = params.b_nh
        return named


class SimplifiedGRU(Layer):
    """Constant diagonal gates and the identity, :class:`~lstm_course.cells.simplified_gru.SimplifiedGRU`.

    ``update`` and ``reset``: numbers in [0, 1], or H of them.
    """

    variants = ("update", "reset")

    def make_cell(
        self, update: float | Sequence[float] = 0.5, reset: float | Sequence[float] = 1.0
    ) -> Cell:
        return cells.SimplifiedGRU(update, reset)
