"""Memory cells that share gates, as cells with gates of their own whose weights are equal.

The compiled loops pass over all units alike. A block of cells with one input gate computes what as many
cells of their own compute if their input gates have the same weights; the shared gate's gradient is then
the sum of theirs. Where the gates are recurrent sources, the first cell's stand for the block.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lstm_course.cells import LSTM1997, Cell, Params


class Tied(NamedTuple):
    """Which weights and states of the untied cells stand for which of the blocks; indices."""

    cell: LSTM1997  #: one cell in each block
    rows: Tensor  #: (3 C,): of each row of the untied W, R and b, the row of theirs
    sources: Tensor  #: (Y·C,): of each number of the untied y, the number of theirs
    columns: Tensor  #: (H,): of each number of y, the first of the untied that equals it

    def untie(self, params: Params) -> Params:
        """The weights (R, ...) of cells with gates of their own."""
        W, R, b = (weights[:, self.rows] for weights in params)
        untied = R.new_zeros(*R.shape[:2], len(self.sources))
        untied[..., self.columns] = R
        return Params(W, untied, b)

    def tie(self, gradients: Params) -> Params:
        """Gradients with respect to the blocks' weights, from those of the untied."""
        dW, dR, db = gradients
        count = int(self.rows.max()) + 1
        return Params(
            *(
                d.new_zeros(len(d), count, *d.shape[2:]).index_add_(1, self.rows, d)
                for d in (dW, dR[..., self.columns], db)
            )
        )

    def untie_errors(self, dy: Tensor) -> Tensor:
        """Errors of y (..., H), as errors of the untied y (..., Y·C)."""
        untied = dy.new_zeros(*dy.shape[:-1], len(self.sources))
        untied[..., self.columns] = dy
        return untied


@cache
def tied(cell: Cell, H: int) -> Tied | None:
    """How a cell with H numbers in y is untied; None if each of its units has all for itself."""
    if not isinstance(cell, LSTM1997) or cell.cells_per_block(H) == (1,) * H:
        return None
    sizes = np.array(cell.cells_per_block(H))
    C, blocks = sizes.sum(), len(sizes)
    block = np.repeat(np.arange(blocks), sizes)  # of each cell
    first, cells = np.cumsum(sizes) - sizes, np.arange(C)
    rows = np.concatenate((block, blocks + cells, blocks + C + block))
    sources, columns = cells, cells
    if cell.gates_recurrent:
        sources, columns = rows, np.concatenate((first, C + cells, 2 * C + first))
    untied = LSTM1997(1, cell.truncated, cell.gates_recurrent)
    return Tied(untied, *map(torch.from_numpy, (rows, sources, columns)))
