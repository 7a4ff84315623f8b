"""A recurrent layer with what nets have before and behind it: symbols as one-hot vectors, a readout."""

from __future__ import annotations

import torch
from torch import Tensor

from lstm_course.arguments import flag, whole
from lstm_course.nn.layer import Layer


class WithReadout(torch.nn.Module):
    """A layer and a linear readout of its outputs, at each sequence's last step or at every step.

    Called with inputs (T, B, D), or (T, B) whole numbers if an encoder comes first, and each sequence's
    length (B,); returns (B, outputs), with ``every_step`` (T, B, outputs). ``sources``: the range of the
    layer's outputs that is read, by default all; the memory cells of an LSTM of 1997 whose gates are
    recurrent, too, stand in the middle.

    Raises TypeError or ValueError for arguments that do not fit.
    """

    def __init__(
        self,
        layer: Layer,
        outputs: int,
        *,
        encoder: torch.nn.Module | None = None,
        every_step: bool = False,
        sources: tuple[int, int] | None = None,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if not isinstance(layer, Layer):
            raise TypeError(
                f"layer: got {type(layer).__name__}, expected a layer of lstm_course.nn"
            )
        self.encoder = encoder
        self.layer = layer
        self.every_step = flag("every_step", every_step)
        first, end = sources or (0, layer.hidden_size * layer.directions)
        self.sources = slice(first, end)
        self.readout = torch.nn.Linear(
            end - first,
            whole("outputs", outputs),
            flag("bias", bias),
            dtype=layer.weight_ih_l0.dtype,
        )

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """The readout; see the class."""
        hs = self.layer(inputs if self.encoder is None else self.encoder(inputs))[0]
        hs = hs[..., self.sources]
        if self.every_step:
            return self.readout(hs)
        last = (lengths - 1)[None, :, None].expand(1, -1, hs.shape[-1])
        return self.readout(hs.gather(0, last)[0])


def one_hot(symbols: int, dtype: torch.dtype | None = None) -> torch.nn.Embedding:
    """An encoder of symbols 0 … K−1 as vectors of zeros and a one, which stays as it is."""
    return torch.nn.Embedding.from_pretrained(torch.eye(whole("symbols", symbols), dtype=dtype))


def columns(symbols: int, layer: Layer) -> torch.nn.Embedding:
    """An encoder that holds a layer's input weights, one column for each of K symbols, and is trained.

    W times a one-hot vector is a column of W. To look it up costs nothing, where a product with a
    thousand zeros costs a thousand times as much. The layer's own W becomes the identity and stays so:
    it must have as many inputs as W has rows, or it raises ValueError.
    """
    rows, D = layer.weight_ih_l0.shape
    if rows != D:
        raise ValueError(f"layer: got {D} inputs, expected as many as W has rows, {rows}")
    with torch.no_grad():
        torch.nn.init.eye_(layer.weight_ih_l0)
    layer.weight_ih_l0.requires_grad_(False)
    return torch.nn.Embedding(whole("symbols", symbols), rows, dtype=layer.weight_ih_l0.dtype)
