"""A layer's weights: their names, shapes and first values, and how they go in and out."""

from __future__ import annotations

import math
import warnings
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import parametrize

from lstm_course import checks
from lstm_course.arguments import flag, number, whole
from lstm_course.cells import Cell, Params


class Weights(torch.nn.Module):
    """Weights under torch.nn's names, and what a layer is told about itself when it is made.

    See :class:`lstm_course.nn.Layer`, which runs them. Raises TypeError or ValueError for arguments that
    do not fit.
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
