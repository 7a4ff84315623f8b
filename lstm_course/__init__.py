"""LSTM from its equations: cells, gradients through time, Jacobians, and the figures of the course.

Import the parts by name, e.g. ``from lstm_course import jacobian, unroll``.
"""

__version__ = "0.1.0"
