"""How states depend on earlier states, and what that does to gradients."""

from lstm_course.jacobian.by_lag import gradient_by_lag, share
from lstm_course.jacobian.highway import (
    Distance,
    Highway,
    distance_from_simplified,
    highway,
    simplified_gru,
)
from lstm_course.jacobian.through_time import (
    ThroughTime,
    bound,
    half_life,
    log10_norms,
    norms,
    part,
    spectral_radius,
    spectrum,
    step,
    through_time,
)

__all__ = [
    "Distance",
    "Highway",
    "ThroughTime",
    "bound",
    "distance_from_simplified",
    "gradient_by_lag",
    "half_life",
    "highway",
    "log10_norms",
    "norms",
    "part",
    "share",
    "simplified_gru",
    "spectral_radius",
    "spectrum",
    "step",
    "through_time",
]
