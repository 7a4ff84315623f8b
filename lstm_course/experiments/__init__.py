"""The experiments of 1997 by name, run again with many seeds; ``python -m lstm_course.experiments``."""

from lstm_course.experiments.catalogue import ABOUT, CELLS, SETTINGS, Row, chosen, named, rows
from lstm_course.experiments.store import CorruptError, OtherVersionError, Store
from lstm_course.experiments.sweep import Job, jobs_of, run_job, sweep
from lstm_course.experiments.table import paper, table

__all__ = [
    "ABOUT",
    "CELLS",
    "SETTINGS",
    "CorruptError",
    "Job",
    "OtherVersionError",
    "Row",
    "Store",
    "chosen",
    "jobs_of",
    "named",
    "paper",
    "rows",
    "run_job",
    "sweep",
    "table",
]
