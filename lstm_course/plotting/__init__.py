"""The course's figures: one style sheet, one colour for one thing, diagrams drawn from declared edges."""

from lstm_course.plotting.cell_diagrams import gru_cell, lstm_cell
from lstm_course.plotting.counterparts import lstm_and_gru
from lstm_course.plotting.decay import decay
from lstm_course.plotting.diagram import Diagram, Node, Route
from lstm_course.plotting.diagrams_1997 import carousel, memory_block_1997, memory_cell_1997
from lstm_course.plotting.drawing import draw_diagram
from lstm_course.plotting.style import COLORS, FAINT, INK, SVG_METADATA, shades, use_style
from lstm_course.plotting.unrolled import path_back, unrolled_rnn

__all__ = [
    "COLORS",
    "FAINT",
    "INK",
    "SVG_METADATA",
    "Diagram",
    "Node",
    "Route",
    "carousel",
    "decay",
    "draw_diagram",
    "gru_cell",
    "lstm_and_gru",
    "lstm_cell",
    "memory_block_1997",
    "memory_cell_1997",
    "path_back",
    "shades",
    "unrolled_rnn",
    "use_style",
]
