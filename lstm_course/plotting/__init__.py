"""The course's figures: one style sheet, one colour for one thing, diagrams drawn from declared edges."""

from lstm_course.plotting.decay import decay
from lstm_course.plotting.diagram import Diagram, Node, draw_diagram
from lstm_course.plotting.style import COLORS, FAINT, INK, SVG_METADATA, shades, use_style
from lstm_course.plotting.unrolled import path_back, unrolled_rnn

__all__ = [
    "COLORS",
    "FAINT",
    "INK",
    "SVG_METADATA",
    "Diagram",
    "Node",
    "decay",
    "draw_diagram",
    "path_back",
    "shades",
    "unrolled_rnn",
    "use_style",
]
