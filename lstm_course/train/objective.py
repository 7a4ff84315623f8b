"""What is made small: a loss for each sequence, of what a net returns and what is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from lstm_course.arguments import choice


class Objective(NamedTuple):
    """Outputs from what a net returns, and their loss, number by number."""

    outputs: Callable[[Tensor], Tensor]  #: of what a net returns
    loss: Callable[[Tensor, Tensor], Tensor]  #: of what a net returns and the targets


def _half_square(outputs: Tensor, targets: Tensor) -> Tensor:
    return (outputs - targets).square() / 2


#: ``squared``: the net's own numbers, half their squared errors. ``logistic squared``: the same behind
#: the logistic function, as in 1997. ``cross-entropy``: the logistic function and its cross-entropy.
OBJECTIVES = {
    "squared": Objective(lambda a: a, _half_square),
    "logistic squared": Objective(torch.sigmoid, lambda a, t: _half_square(torch.sigmoid(a), t)),
    "cross-entropy": Objective(
        torch.sigmoid, lambda a, t: binary_cross_entropy_with_logits(a, t, reduction="none")
    ),
}


def objective_named(name: str) -> Objective:
    """The objective of a name. Raises ValueError for an unknown one, listing those there are."""
    return OBJECTIVES[choice("objective", name, tuple(OBJECTIVES))]


def outputs_of(objective: str, returned: Tensor) -> Tensor:
    """The outputs that a net means by what it returns, under an objective."""
    return objective_named(objective).outputs(returned)


def each_loss(objective: Objective, returned: Tensor, targets: Tensor, wanted: Tensor) -> Tensor:
    """The loss of each net, (R,): summed over outputs and steps, the mean over sequences.

    ``returned`` and ``targets`` are (R, B, K) or (R, T, B, K); ``wanted`` says which count.
    """
    losses = objective.loss(returned, targets) * wanted
    per_sequence = losses.sum(-1)
    if per_sequence.dim() == 3:
        per_sequence = per_sequence.sum(1)
    return per_sequence.mean(1)
