"""Training: many nets at once, each with a seed of its own; it can be stopped and goes on exactly.

Letters: R nets, T steps, B sequences of one update, D inputs, K outputs.
"""

from lstm_course.train.batches import Batch, Draw, of_task
from lstm_course.train.checkpoint import DamagedError, MismatchError
from lstm_course.train.objective import OBJECTIVES, outputs_of
from lstm_course.train.run import train
from lstm_course.train.stop import Stop
from lstm_course.train.training import Outcome, returned_by

__all__ = [
    "OBJECTIVES",
    "Batch",
    "DamagedError",
    "Draw",
    "MismatchError",
    "Outcome",
    "Stop",
    "of_task",
    "outputs_of",
    "returned_by",
    "train",
]
