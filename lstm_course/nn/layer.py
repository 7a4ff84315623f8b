"""What all layers are: names and shapes of the weights, layers, directions, packed sequences."""

from __future__ import annotations

import math
import warnings
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import parametrize
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lstm_course import checks
from lstm_course.arguments import flag, number, whole
from lstm_course.cells import Cell, Params
from lstm_course.nn.through_time import ThroughTime, without_autocast

State = Tensor | tuple[Tensor, ...]


class Layer(torch.nn.Module):
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

    variants: tuple[str, ...] = ()  # the names of further arguments
    extra_weights: dict[str, str] = {}  # noqa: RUF012  a cell's own weight -> its name here

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        **variant: Any,
    ) -> None:
        super().__init__()
        if (size := variant.pop("proj_size", 0)) != 0:
            raise ValueError(
                f"proj_size: got {size!r}, expected 0: these layers have no projections"
            )
        for name, value in variant.items():
            if name not in self.variants:
                known = (
                    f"only {', '.join(self.variants)}" if self.variants else "no further arguments"
                )
                raise TypeError(
                    f"{name}: got {value!r}, expected {known} for {type(self).__name__}"
                )
        self.input_size = whole("input_size", input_size)
        self.hidden_size = whole("hidden_size", hidden_size)
        self.num_layers = whole("num_layers", num_layers)
        self.bias = flag("bias", bias)
        self.batch_first = flag("batch_first", batch_first)
        self.bidirectional = flag("bidirectional", bidirectional)
        self.dropout = number("dropout", dropout, 0, 1)
        if dropout and num_layers == 1:
            warnings.warn(
                f"dropout: got {dropout} with num_layers = 1, and there is nothing between layers",
                stacklevel=2,
            )
        if dtype not in (None, torch.float32, torch.float64):
            raise TypeError(f"dtype: got {dtype}, expected torch.float32 or torch.float64")
        self.cell = self.make_cell(**variant)
        self._create(device, dtype)
        self.reset_parameters()

    def make_cell(self, **variant: Any) -> Cell:
        """The cell of one layer, from the variants given."""
        raise NotImplementedError

    def _create(self, device: torch.device | str | None, dtype: torch.dtype | None) -> None:
        H = self.hidden_size
        rows = sum(self.cell.block_sizes(H))
        self.cell.state_sizes(H)
        for k in range(self.num_layers):
            D = self.input_size if k == 0 else H * self.directions
            for suffix in self._suffixes(k):
                shapes = {f"weight_ih{suffix}": (rows, D), f"weight_hh{suffix}": (rows, H)}
                if self.bias:
                    shapes |= {f"bias_ih{suffix}": (rows,), f"bias_hh{suffix}": (rows,)}
                for field, name in self._extra().items():
                    shapes[f"{name}{suffix}"] = (self.cell.own_blocks[field] * H,)
                for name, shape in shapes.items():
                    weight = torch.empty(shape, device=device, dtype=dtype)
                    self.register_parameter(name, torch.nn.Parameter(weight))

    @property
    def directions(self) -> int:
        """2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def all_weights(self) -> list[list[torch.nn.Parameter]]:
        """The parameters of each layer and direction, in torch.nn's order."""
        suffixes = [suffix for k in range(self.num_layers) for suffix in self._suffixes(k)]
        kinds = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if self.bias else [])]
        kinds += self._extra().values()
        return [[getattr(self, f"{kind}{suffix}") for kind in kinds] for suffix in suffixes]

    def _suffixes(self, k: int) -> tuple[str, ...]:
        return (f"_l{k}", f"_l{k}_reverse")[: self.directions]

    def reset_parameters(self) -> None:
        """Everything uniform in ±1/√H, drawn in torch.nn's order: the same seed, the same weights."""
        limit = 1 / math.sqrt(self.hidden_size)  # rounded as torch.nn rounds it
        for weight in self.parameters():
            torch.nn.init.uniform_(weight, -limit, limit)

    def flatten_parameters(self) -> None:
        """Nothing to do; torch.nn's layers have it, and programs call it."""

    def params(self, k: int = 0, *, reverse: bool = False) -> Params:
        """The weights of layer k as the package's functions take them, with the biases added up.

        Part of autograd's graph; ``Params(*(p.detach() for p in layer.params()))`` is not.
        """
        return self._assemble(self._suffix(k, reverse))

    def load_params(self, params: Params, k: int = 0, *, reverse: bool = False) -> None:
        """Copy weights, NumPy or torch, such as :mod:`lstm_course.initialize` draws, into layer k.

        The bias goes to ``bias_ih``; ``bias_hh`` becomes zero but for what a cell has of its own there.
        Raises TypeError or ValueError for weights that do not fit, and for a bias in a layer without.
        """
        suffix = self._suffix(k, reverse)
        own = self._assemble(suffix)
        if getattr(params, "_fields", None) != own._fields:
            raise TypeError(f"params: got {type(params).__name__}, expected {type(own).__name__}")
        for name, came in zip(own._fields, params, strict=True):
            checks.array(f"params.{name}", came, ("...", "K"))
        values = [torch.as_tensor(p).to(o) for p, o in zip(params, own, strict=True)]
        for name, came, has in zip(own._fields, values, own, strict=True):
            if came.shape != has.shape:
                raise ValueError(
                    f"params.{name}: got shape {tuple(came.shape)}, expected {tuple(has.shape)}"
                )
        if not self.bias:
            for name in set(own._fields) & {"b", "b_nh"}:
                if getattr(type(own)(*values), name).any():
                    raise ValueError(f"params.{name}: got a bias, expected zeros for bias=False")
        with torch.no_grad():
            for name, value in self._named(type(own)(*values)).items():
                if parametrize.is_parametrized(self, f"{name}{suffix}"):
                    setattr(self, f"{name}{suffix}", value)
                else:
                    getattr(self, f"{name}{suffix}").copy_(value)

    def _suffix(self, k: int, reverse: bool) -> str:
        if whole("k", k, at_least=0) >= self.num_layers:
            raise ValueError(f"k: got {k}, expected a layer from 0 to {self.num_layers - 1}")
        if flag("reverse", reverse) and not self.bidirectional:
            raise ValueError("reverse: got True, expected False for a layer with one direction")
        return self._suffixes(k)[reverse]

    def _assemble(self, suffix: str) -> Params:
        """W, R, b and the cell's own weights from the parameters of one layer and direction."""
        W, R = getattr(self, f"weight_ih{suffix}"), getattr(self, f"weight_hh{suffix}")
        b = W.new_zeros(len(W))
        if self.bias:
            b = getattr(self, f"bias_ih{suffix}") + getattr(self, f"bias_hh{suffix}")
        own = (
            getattr(self, f"{self.extra_weights[field]}{suffix}") for field in self.cell.own_blocks
        )
        return self.cell.params_type(W, R, b, *own)

    def _named(self, params: Params) -> dict[str, Tensor]:
        """The parameters of one layer and direction, by the first part of their names."""
        named = {"weight_ih": params.W, "weight_hh": params.R}
        if self.bias:
            named |= {"bias_ih": params.b, "bias_hh": torch.zeros_like(params.b)}
        return named | {name: getattr(params, field) for field, name in self._extra().items()}

    def _extra(self) -> dict[str, str]:
        return {f: name for f, name in self.extra_weights.items() if f in self.cell.own_blocks}

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
                hs, *last = ThroughTime.apply(self.cell, lengths, ahead, *params, *start)
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

    def extra_repr(self) -> str:
        shown = [str(self.input_size), str(self.hidden_size)]
        defaults = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
        for name, default in {**defaults, "bidirectional": False}.items():
            if (value := getattr(self, name)) != default:
                shown.append(f"{name}={value}")
        plain = self.make_cell()
        for name in self.variants:
            if (value := getattr(self.cell, name)) != getattr(plain, name):
                shown.append(f"{name}={value!r}")
        return ", ".join(shown)


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
