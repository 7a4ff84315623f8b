"""What a cell is to the rest of the package.

A recurrent net has two halves. One is the same for every architecture: matrices times inputs,
matrices times states, carried through time. It lives in :mod:`lstm_course.unroll`. The other is what
makes an RNN an RNN and an LSTM an LSTM: elementwise equations. A *cell* is that second half, its
equations and, directly below, their derivative.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from lstm_course.ops import Array

Blocks = tuple[Array, ...]  # one (..., H) array per block, or per state


class Params(NamedTuple):
    """The weights of one recurrent layer, stacked block after block along the rows, as in torch.nn.

    N is the number of blocks: 1 for the RNN, 4 for the LSTM. A cell with weights of its own has a
    Params type of its own: these three fields first, then its own.
    """

    W: Array  #: (N·H, D) input weights
    R: Array  #: (N·H, H) recurrent weights
    b: Array  #: (N·H,) bias


class Cell:
    """One step of a recurrent net, given the matrix products.

    Steps are pure and elementwise, so any leading dimensions will do: one sequence, a batch, or all
    steps at once. A subclass gives ``block_names``, ``state_names``, ``step`` and ``step_backward``,
    and whatever else differs from the defaults below.
    """

    block_names: tuple[str, ...]  #: what W, R and b stack
    state_names: tuple[str, ...]  #: the first is the one that R multiplies, h
    memory: ClassVar[str | None] = None  #: the state that carries over by itself, if any
    params_type: type = Params
    own_blocks: Mapping[str, int] = MappingProxyType({})  #: fields after b, and their blocks
    late_blocks: ClassVar[int] = 0  #: how many last blocks of R multiply late_source instead of h
    truncated: bool = False  #: whether errors stop at R, as in 1997

    def block_sizes(self, H: int) -> tuple[int, ...]:
        """How many rows each block has, if R has H columns."""
        return (H,) * len(self.block_names)

    def state_sizes(self, H: int) -> tuple[int, ...]:
        """How many entries each state has, if R has H columns."""
        return (H,) * len(self.state_names)

    def step(
        self, from_x: Blocks, from_h: Blocks, state: Blocks, own: Blocks
    ) -> tuple[Blocks, Blocks]:
        """Return the new state and the trace that the derivative will need.

        ``from_x`` and ``from_h`` are the blocks of W x_t + b and of R h_{t−1}, ``state`` the old
        state, ``own`` the blocks of the cell's own weights, if it has any.
        """
        raise NotImplementedError

    def step_backward(
        self, trace: Blocks, d_state: Blocks, own: Blocks
    ) -> tuple[Blocks, Blocks, Blocks, Blocks]:
        """Carry total derivatives of the loss from the new state back over one step.

        Returns those with respect to ``from_x``, ``from_h``, the old ``state`` and ``own``. The third
        counts only the elementwise paths; the path through R is the recurrence's to add.
        """
        raise NotImplementedError

    def late_source(self, from_x: Blocks, from_h: Blocks, h: Array) -> Array:
        """What the late blocks of R multiply, from the earlier blocks of the products."""
        raise NotImplementedError

    def late_source_backward(self, trace: Blocks, d_source: Array) -> tuple[Blocks, Array]:
        """Carry a derivative with respect to the late source back: to the earlier blocks, and to h."""
        raise NotImplementedError

    def late_source_of(self, trace: Blocks) -> Array:
        """The late source of a step that was made, from its trace."""
        raise NotImplementedError

    def keep(self, trace: Blocks) -> Array:
        """The factor by which ``memory`` carries itself over a step, everything else held still."""
        raise NotImplementedError
