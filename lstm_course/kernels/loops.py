"""The loops over time that every compiled cell shares, as numba compiles them.

``compiled.py`` appends to this text the functions and constants of one cell, which take the
places of those below, and imports the whole as a module of its own.

Arrays: ``from_xs`` (T, B, N·H) are the input products; ``states`` (T+1, B, S, H); ``trace`` (T, B, K, H);
``own`` (M, H) and ``constants`` are what each unit has of its own; ``lengths`` (B,); ``sources``
(T, B, H) is what late blocks of R multiply. Errors with respect to them have d in front.
"""

import math

import numpy as np
from numba import njit, types
from numba.extending import overload

# No "nnan" and no "ninf": what is not finite must stay so.
MATHS = {"reassoc", "contract", "arcp", "nsz"}
OPTIONS = {"error_model": "numpy", "fastmath": MATHS, "cache": True, "nogil": True}
INLINE = {"error_model": "numpy", "fastmath": MATHS, "forceinline": True}


def tanh(x):
    """Hyperbolic tangent."""
    return math.tanh(x)


@overload(tanh, jit_options=INLINE)
def compiled_tanh(x):
    """A quotient of polynomials for float32, good to 1 ulp, which a processor computes several at a time.

    Fitted to tanh on [−9, 9] by reweighted least squares, relative error 7e-9; beyond, tanh is ±1.
    """
    if x != types.float32:
        return lambda x: math.tanh(x)

    def rational(x):
        wide = np.float64(x)
        low = -9.0 if wide < -9.0 else wide
        y = 9.0 if low > 9.0 else low
        u = y * y
        p = 5.2779606517e-11 + u * -8.4887414017e-14
        p = -2.0225251355e-08 + u * p
        p = 1.1154314557e-05 + u * p
        p = 0.0031039568097 + u * p
        p = 0.13084010629 + u * p
        p = 0.99999999339 + u * p
        q = 0.024495180756 + u * 0.0002546146092
        q = 0.46417337731 + u * q
        q = 1.0 + u * q
        return np.float32(y * p / q)

    return rational


def sigmoid(x):
    """Logistic function."""
    return 1 / (1 + math.exp(-x))


@overload(sigmoid, jit_options=INLINE)
def compiled_sigmoid(x):
    """(1 + tanh(x/2)) / 2 for float32, the exponential's own form for float64."""
    if x != types.float32:
        return lambda x: 1.0 / (1.0 + math.exp(-x))
    return lambda x: np.float32(0.5) + np.float32(0.5) * tanh(np.float32(0.5) * x)


# What follows stands for one cell's own; see compiled.py.
N, EARLY, LATE, TRUNCATED = 1, 1, False, False


def step(H, fx, product, own, constants, before, after, kept):
    """One unit's step: from products and the old state to the new state and the trace."""


def step_backward(H, dh, own, constants, before, after, kept, d_state, dx, dr, d_own):
    """One unit's errors carried back over one step, R left out."""


def late_source(H, fx, product, before, source):
    """What late blocks of R multiply."""


def late_source_backward(H, d_source, before, after, kept, d_state, dx, dr):
    """One unit's errors carried back from what late blocks of R multiply."""


@njit(**INLINE)
def add_product(R_transposed, row, first, last, product):
    """product[first:last] = R[first:last] @ row."""
    for n in range(first, last):
        product[n] = 0
    for k in range(row.shape[0]):
        value = row[k]
        for n in range(first, last):
            product[n] += value * R_transposed[k, n]


@njit(**INLINE)
def add_product_back(R, dr, first, last, row):
    """row += R[first:last].T @ dr[first:last]."""
    for n in range(first, last):
        value = dr[n]
        for k in range(row.shape[0]):
            row[k] += value * R[n, k]


@njit(**INLINE)
def forward_at(t, b, product, from_xs, own, constants, states, trace):
    """The step of one sequence at one time, its products with R given."""
    step(
        from_xs.shape[2] // N, from_xs[t, b], product, own, constants,
        states[t, b], states[t + 1, b], trace[t, b],
    )  # fmt: skip


@njit(**INLINE)
def backward_at(t, b, dhs, own, constants, states, trace, d_state, d_xs, d_hs, d_own):
    """The errors of one sequence carried back over one step, R left out."""
    step_backward(
        dhs.shape[2], dhs[t, b], own, constants, states[t, b], states[t + 1, b], trace[t, b],
        d_state[b], d_xs[t, b], d_hs[t, b], d_own,
    )  # fmt: skip


@njit(**INLINE)
def late_backward_at(t, b, d_source, states, trace, d_state, d_xs, d_hs):
    """The errors of what late blocks of R multiply, of one sequence at one time."""
    late_source_backward(
        d_source.shape[0], d_source, states[t, b], states[t + 1, b], trace[t, b],
        d_state[b], d_xs[t, b], d_hs[t, b],
    )  # fmt: skip


@njit(**INLINE)
def stay(t, b, states, trace):
    """A sequence that has ended keeps its state."""
    states[t + 1, b] = states[t, b]
    trace[t, b] = 0


@njit(**OPTIONS)
def forward(from_xs, own, constants, states, trace, lengths, sources, R_transposed):
    """All steps of all sequences, products with R included."""
    T, B, rows = from_xs.shape
    H = rows // N
    product = np.empty(rows, from_xs.dtype)
    for b in range(B):
        for t in range(T):
            if t >= lengths[b]:
                stay(t, b, states, trace)
                continue
            add_product(R_transposed, states[t, b, 0], 0, EARLY * H, product)
            if LATE:
                late_source(H, from_xs[t, b], product, states[t, b], sources[t, b])
                add_product(R_transposed, sources[t, b], EARLY * H, rows, product)
            forward_at(t, b, product, from_xs, own, constants, states, trace)


@njit(**OPTIONS)
def backward(dhs, own, constants, states, trace, lengths, d_state, d_xs, d_hs, d_own, R):
    """All errors of all sequences, carried back over all steps, products with R included."""
    T, B, H = dhs.shape
    d_source = np.empty(H, dhs.dtype)
    for b in range(B):
        for t in range(T - 1, -1, -1):
            if t >= lengths[b]:
                d_state[b, 0] += dhs[t, b]
                continue
            backward_at(t, b, dhs, own, constants, states, trace, d_state, d_xs, d_hs, d_own)
            if LATE:
                d_source[:] = 0
                add_product_back(R, d_hs[t, b], EARLY * H, N * H, d_source)
                late_backward_at(t, b, d_source, states, trace, d_state, d_xs, d_hs)
            if not TRUNCATED:
                add_product_back(R, d_hs[t, b], 0, EARLY * H, d_state[b, 0])


@njit(**OPTIONS)
def forward_step(t, products, from_xs, own, constants, states, trace, lengths):
    """One step of all sequences, products with R given."""
    for b in range(len(products)):
        if t >= lengths[b]:
            stay(t, b, states, trace)
        else:
            forward_at(t, b, products[b], from_xs, own, constants, states, trace)


@njit(**OPTIONS)
def backward_step(t, dhs, own, constants, states, trace, lengths, d_state, d_xs, d_hs, d_own):
    """All errors of one step, products with R left out."""
    for b in range(dhs.shape[1]):
        if t >= lengths[b]:
            d_state[b, 0] += dhs[t, b]
        else:
            backward_at(t, b, dhs, own, constants, states, trace, d_state, d_xs, d_hs, d_own)


@njit(**OPTIONS)
def late_step(t, products, from_xs, states, sources):
    """What late blocks of R multiply, for all sequences at one step."""
    for b in range(len(products)):
        late_source(sources.shape[2], from_xs[t, b], products[b], states[t, b], sources[t, b])


@njit(**OPTIONS)
def late_backward_step(t, d_sources, states, trace, lengths, d_state, d_xs, d_hs):
    """Errors carried back from what late blocks of R multiply, at one step."""
    for b in range(len(d_sources)):
        if t < lengths[b]:
            late_backward_at(t, b, d_sources[b], states, trace, d_state, d_xs, d_hs)
