"""The recurrence, compiled: the equations of ``cells/`` inside one loop over time, by numba.

``symbols.py`` runs a cell's ``step`` and ``step_backward`` once on symbols; the lines that they leave are
put into the loops of ``loops.py``, and numba compiles the whole. So the compiled recurrence computes what
:mod:`lstm_course.unroll` computes, from the same equations.

Numba is optional: :func:`available` says whether there is one, and for which cells it serves.
"""

from lstm_course.kernels.recurrence import Run, available, backward, forward

__all__ = ["Run", "available", "backward", "forward"]
