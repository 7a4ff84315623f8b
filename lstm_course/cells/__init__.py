"""The architectures, one file each: the equations once, the derivative directly below."""

from lstm_course.cells.carousel import Carousel
from lstm_course.cells.cell import Cell, Params
from lstm_course.cells.gru import GRU, GRUParams
from lstm_course.cells.lstm import LSTM, PeepholeParams
from lstm_course.cells.lstm1997 import LSTM1997
from lstm_course.cells.rnn import RNN
from lstm_course.cells.simplified_gru import SimplifiedGRU

__all__ = [
    "GRU",
    "LSTM",
    "LSTM1997",
    "RNN",
    "Carousel",
    "Cell",
    "GRUParams",
    "Params",
    "PeepholeParams",
    "SimplifiedGRU",
]
