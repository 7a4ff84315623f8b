"""How all layers run: forms of input and state, layers, directions, packed sequences."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lstm_course.nn.through_time import ThroughTime, without_autocast
from lstm_course.nn.weights import Weights

State = Tensor | tuple[Tensor, ...]


class Layer(Weights):
    """What all layers share; a subclass names its cell and its variants.

    Parameters of layer k are ``weight_ih_l{k}`` (rows, D), ``weight_hh_l{k}`` (rows, H),
    ``bias_ih_l{k}`` and ``bias_hh_l{k}`` (rows,), whatever the cell has of its own, and the same with
    ``_reverse`` for the second direction. A layer above the first has D = H, or 2 H if bidirectional.

    Called with xs (T, B, D), (B, T, D) if ``batch_first``, (T, D) for one sequence, or a
    PackedSequence, and optionally a state of (layers · directions, B, size) arrays, by default zeros.
    Returns the last layer's outputs in the form of the input, and the state after the last step: one
    array for cells with one state, a tuple (h, c) for the LSTMs.

    Under autocast a layer works in its weights' precision. It is no torch.nn.RNNBase, and torch.func,
    batched gradients and torch.jit do not go through it: for these differentiate
    :func:`lstm_course.unroll.forward`, the same equations.

    Raises TypeError or ValueError, before any computation, for arguments and inputs that do not fit.
    """

    def forward(
        self, input: Tensor | PackedSequence, hx: State | None = None
    ) -> tuple[Tensor | PackedSequence, State]:
        """Run the layers; see the class for forms and shapes."""
        device = self.weight_ih_l0.device.type
        if torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device):
            with without_autocast(device):
                return self.forward(*self._in_own_precision(input, hx))
        if isinstance(input, PackedSequence):
            return self._packed(input, hx)
        if not isinstance(input, Tensor):
            kind = type(input).__name__
            raise TypeError(f"input: got {kind}, expected a torch tensor or a PackedSequence")
        if input.dim() not in (2, 3):
            raise ValueError(f"input: got shape {tuple(input.shape)}, expected 2 or 3 dimensions")
        batched = input.dim() == 3
        xs = input if batched else input[:, None]
        xs = xs.transpose(0, 1) if batched and self.batch_first else xs
        state = self._state(xs, hx, batched)
        output, last = self._layers(xs, state, None)
        if not batched:
            output, last = output[:, 0], tuple(part[:, 0] for part in last)
        elif self.batch_first:
            output = output.transpose(0, 1)
        return output, _bare(last)

    def _in_own_precision(self, *given: Any) -> list[Any]:
        dtype = self.weight_ih_l0.dtype

        def cast(value: Any) -> Any:
            if isinstance(value, PackedSequence) or torch.is_tensor(value):
                return value.to(dtype=dtype)
            return tuple(map(cast, value)) if isinstance(value, tuple | list) else value

        return [cast(value) for value in given]

    def _packed(self, packed: PackedSequence, hx: State | None) -> tuple[PackedSequence, State]:
        if packed.data.dim() != 2:
            shape = tuple(packed.data.shape)
            raise ValueError(f"input: got packed data of shape {shape}, expected (steps, D)")
        in_order = PackedSequence(packed.data, packed.batch_sizes)  # by falling length, as packed
        xs, lengths = pad_packed_sequence(in_order)
        state = self._state(xs, hx, batched=True)
        if packed.sorted_indices is not None:
            state = tuple(part[:, packed.sorted_indices] for part in state)
        output, last = self._layers(xs, state, lengths.tolist())
        if packed.unsorted_indices is not None:
            last = tuple(part[:, packed.unsorted_indices] for part in last)
        data = pack_padded_sequence(output, lengths).data
        indices = packed.sorted_indices, packed.unsorted_indices
        return PackedSequence(data, packed.batch_sizes, *indices), _bare(last)

    def _layers(
        self, xs: Tensor, state: tuple[Tensor, ...], lengths: list[int] | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """All layers and directions: xs (T, B, D) -> (T, B, H · directions), and the last states."""
        lasts = []
        for k in range(self.num_layers):
            if k and self.dropout:
                xs = torch.nn.functional.dropout(xs, self.dropout, self.training)
            outputs = []
            for d, suffix in enumerate(self._suffixes(k)):
                start = tuple(part[k * self.directions + d] for part in state)
                ahead = _reversed(xs, lengths) if d else xs
                params = self._assemble(suffix)
                hs, *last = ThroughTime.apply(self.cell, lengths, ahead, *params, *start)[
                    : 1 + len(start)
                ]
                outputs.append(_reversed(hs, lengths) if d else hs)
                lasts.append(last)
            xs = torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0]
        return xs, tuple(torch.stack(parts) for parts in zip(*lasts, strict=True))

    def _state(self, xs: Tensor, hx: State | None, batched: bool) -> tuple[Tensor, ...]:
        """Check input and state, and return the state with a batch axis."""
        weight = self.weight_ih_l0
        for name, other in self.named_parameters():
            if other.dtype not in (torch.float32, torch.float64):
                raise TypeError(f"{name}: got dtype {other.dtype}, expected float32 or float64")
            _alike(name, other, weight)
        T, B, D = xs.shape
        if self.input_size != D:
            raise ValueError(f"input: got {D} features, expected input_size = {self.input_size}")
        if T == 0:
            raise ValueError("input: got an empty sequence (T = 0), expected at least one step")
        _alike("input", xs, weight)
        names, sizes = self.cell.state_names, self.cell.state_sizes(self.hidden_size)
        layers = self.num_layers * self.directions
        if hx is None:
            return tuple(weight.new_zeros(layers, B, size) for size in sizes)
        form = "a tensor" if len(names) == 1 else f"a tuple ({', '.join(names)})"
        if isinstance(hx, Tensor) and len(names) > 1:
            raise TypeError(f"hx: got a tensor of shape {tuple(hx.shape)}, expected {form}")
        parts = (hx,) if isinstance(hx, Tensor) else hx
        if not isinstance(parts, tuple | list) or len(parts) != len(names):
            came = f"{len(parts)} parts" if isinstance(parts, tuple | list) else type(hx).__name__
            raise TypeError(f"hx: got {came}, expected {form}")
        for name, part, size in zip(names, parts, sizes, strict=True):
            expected = (layers, B, size) if batched else (layers, size)
            if not isinstance(part, Tensor):
                raise TypeError(f"hx {name}: got {type(part).__name__}, expected a torch tensor")
            if part.shape != expected:
                raise ValueError(f"hx {name}: got shape {tuple(part.shape)}, expected {expected}")
            _alike(f"hx {name}", part, weight)
        return tuple(part if batched else part[:, None] for part in parts)


def _reversed(xs: Tensor, lengths: list[int] | None) -> Tensor:
    """Turn each sequence round within its own length; what lies after its end stays there."""
    if lengths is None:
        return xs.flip(0)
    t = torch.arange(len(xs), device=xs.device)[:, None]  # (T, 1)
    ends = torch.tensor(lengths, device=xs.device)  # (B,)
    source = torch.where(t < ends, ends - 1 - t, t)  # (T, B)
    return xs.gather(0, source[..., None].expand(-1, -1, xs.shape[-1]))


def _bare(state: tuple[Tensor, ...]) -> State:
    return state if len(state) > 1 else state[0]


def _alike(name: str, value: Tensor, weight: Tensor) -> None:
    if value.dtype != weight.dtype:
        raise TypeError(
            f"{name}: got dtype {value.dtype}, expected {weight.dtype} like the weights"
        )
    if value.device != weight.device:
        raise ValueError(
            f"{name}: got device {value.device}, expected {weight.device} like the weights"
        )
