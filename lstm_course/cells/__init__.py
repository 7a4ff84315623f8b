"""The architectures, one file each: the equations once, the derivative directly below."""

from lstm_course.cells.cell import Cell, Params
from lstm_course.cells.rnn import RNN

__all__ = ["RNN", "Cell", "Params"]
