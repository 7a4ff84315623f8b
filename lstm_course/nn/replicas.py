"""Many nets of one architecture trained in one call: each parameter with a leading axis of nets.

Small nets spend most of their time on everything but arithmetic; side by side they share it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state

from lstm_course.arguments import number, whole


class Replicas(torch.nn.Module):
    """R nets as one module, whose parameters have the nets' names and (R, ...) for their shapes.

    Called with inputs that each have R in front, (R, T, B, D) for a layer, it returns outputs with R in
    front: what the nets return one by one, to rounding. Elementwise optimisers such as Adam train all
    nets in one step, each as if it were alone; clip with :func:`clip_each_grad_norm_`. The nets can
    hold layers of this package and of torch, in any composition that :func:`torch.vmap` goes through.

    Raises TypeError or ValueError for no nets, and for nets that are not alike.
    """

    def __init__(self, nets: Sequence[torch.nn.Module]) -> None:
        super().__init__()
        nets = list(nets)
        if not nets:
            raise ValueError("nets: got none, expected at least one")
        for r, net in enumerate(nets):
            if not isinstance(net, torch.nn.Module):
                raise TypeError(f"nets: got {type(net).__name__} at {r}, expected torch modules")
            if str(net) != str(nets[0]) or _shapes(net) != _shapes(nets[0]):
                raise ValueError(
                    f"nets: got {net} at {r}, expected the architecture of the first, {nets[0]}"
                )
        self.nets = len(nets)
        parameters, buffers = stack_module_state(nets)
        self.each = deepcopy(nets[0])
        for name, value in (parameters | buffers).items():
            self._put(name, value.detach(), name in parameters, value.requires_grad)

    def forward(self, *inputs: Any) -> Any:
        """Every net's outputs, given every net's inputs."""
        for i, value in enumerate(inputs):
            if isinstance(value, Tensor) and (value.dim() == 0 or len(value) != self.nets):
                shape = tuple(value.shape)
                raise ValueError(
                    f"input {i}: got shape {shape}, expected ({self.nets}, ...): R nets"
                )
        state = dict(self.each.named_parameters()) | dict(self.each.named_buffers())
        return torch.vmap(self._one, randomness="different")(state, *inputs)

    def _one(self, state: dict[str, Tensor], *inputs: Any) -> Any:
        return functional_call(self.each, state, inputs)

    def keep(self, nets: Sequence[int]) -> None:
        """Go on with some of the nets only. The parameters are new ones, without gradients.

        An optimiser does not know them: see ``keep_nets`` of ``lstm_course.train``. Raises
        ValueError if there is no such net.
        """
        if not nets or not all(0 <= whole("nets", r, at_least=0) < self.nets for r in nets):
            raise ValueError(f"nets: got {[*nets]}, expected some from 0 to {self.nets - 1}")
        self.nets = len(nets)
        parameters = dict(self.each.named_parameters())
        for name, value in (parameters | dict(self.each.named_buffers())).items():
            kept = value.detach()[[*nets]]
            self._put(name, kept, name in parameters, value.requires_grad)

    def _put(self, name: str, value: Tensor, is_parameter: bool, trained: bool) -> None:
        path, _, last = name.rpartition(".")
        owner = self.each.get_submodule(path)
        if is_parameter:
            setattr(owner, last, torch.nn.Parameter(value, requires_grad=trained))
        else:
            owner.register_buffer(last, value)

    def net(self, r: int) -> torch.nn.Module:
        """A copy of net r alone, with weights of its own. Raises ValueError if there is none."""
        if whole("r", r, at_least=0) >= self.nets:
            raise ValueError(f"r: got {r}, expected a net from 0 to {self.nets - 1}")
        net = deepcopy(self.each)
        for values in (net.named_parameters(), net.named_buffers()):
            for _, value in values:
                value.data = value.data[r].clone()
                value.grad = None
        return net

    def extra_repr(self) -> str:
        return f"{self.nets} nets"


@torch.no_grad()
def clip_each_grad_norm_(parameters: Iterable[Tensor], max_norm: float) -> Tensor:
    """Clip the gradient of each of R nets by its own norm, in place, and return the R norms before.

    ``parameters`` are those of :class:`Replicas`, (R, ...) each. A net's gradients are scaled by
    min(1, max_norm / norm), as ``torch.nn.utils.clip_grad_norm_`` does with one net (Pascanu, Mikolov &
    Bengio 2013). A net whose norm is not finite gets gradients of nan, and no other net does.

    Raises TypeError or ValueError for a max_norm that is no number above 0.
    """
    if number("max_norm", max_norm, 0) == 0:
        raise ValueError(f"max_norm: got {max_norm}, expected a number above 0")
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return torch.zeros(0)
    norms = torch.stack([g.flatten(1).norm(dim=1) for g in gradients]).norm(dim=0)
    factors = (max_norm / (norms + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(factors.view(-1, *[1] * (gradient.dim() - 1)))
    return norms


def _shapes(net: torch.nn.Module) -> list[tuple[str, torch.Size, torch.dtype]]:
    return [(name, value.shape, value.dtype) for name, value in net.state_dict().items()]
