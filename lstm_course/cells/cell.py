"""What a cell is to the rest of the package.

A recurrent net has two halves. One is the same for every architecture: matrices times inputs,
matrices times states, carried through time. It lives in :mod:`lstm_course.unroll`. The other is what
makes an RNN an RNN and an LSTM an LSTM: elementwise equations. A *cell* is that second half, its
equations and, directly below, their derivative.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from lstm_course.ops import Array


class Params(NamedTuple):
    """The weights of one recurrent layer; N is the number of stacked blocks, 1 for the RNN.

    Stacked along the rows, block after block, as torch.nn does.
    """

    W: Array  # (N·H, D) input weights
    R: Array  # (N·H, H) recurrent weights
    b: Array  # (N·H,) bias


class Cell(Protocol):
    """One step of a recurrent net, given the two matrix products.

    Steps are pure and elementwise, so any leading dimensions will do: one sequence, a batch, or all
    steps at once.
    """

    blocks: int  # N: how many blocks of H rows W, R and b stack
    state_names: tuple[str, ...]  # the first is the one that R multiplies, h

    def step(
        self, from_x: Array, from_h: Array, *state: Array
    ) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """Return the new state and the trace that the derivative will need.

        ``from_x`` = W x_t + b and ``from_h`` = R h_{t−1} are (..., N·H), each state is (..., H).
        """
        ...

    def step_backward(
        self, trace: tuple[Array, ...], *d_state: Array
    ) -> tuple[Array, Array, tuple[Array | float, ...]]:
        """Carry total derivatives of the loss from the new state back over one step.

        Returns those with respect to ``from_x``, ``from_h``, and each old state. The last counts only
        the elementwise paths; the path through R is the recurrence's to add.
        """
        ...
