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
N, EARLY, LATE, SAME, TRUNCATED = 1, 1, False, True, False


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


@njit(**OPTIONS)
def forward(from_xs, own, constants, states, trace, lengths, sources, R_transposed):
    """All steps of all sequences, products with R included."""
    T, B, rows = from_xs.shape
    H = rows // N
    product = np.empty(rows, from_xs.dtype)
    for b in range(B):
        for t in range(T):
            fx, before, after, kept = from_xs[t, b], states[t, b], states[t + 1, b], trace[t, b]
            if t >= lengths[b]:
                after[:] = before
                kept[:] = 0
                continue
            add_product(R_transposed, before[0], 0, EARLY * H, product)
            if LATE:
                late_source(H, fx, product, before, sources[t, b])
                add_product(R_transposed, sources[t, b], EARLY * H, rows, product)
            step(H, fx, product, own, constants, before, after, kept)


@njit(**OPTIONS)
def backward(dhs, own, constants, states, trace, lengths, d_state, d_xs, d_hs, d_own, R):
    """All errors of all sequences, carried back over all steps, products with R included."""
    T, B, H = dhs.shape
    rows = N * H
    d_source = np.empty(H, dhs.dtype)
    for b in range(B):
        for t in range(T - 1, -1, -1):
            if t >= lengths[b]:
                d_state[b, 0] += dhs[t, b]
                continue
            before, after, kept = states[t, b], states[t + 1, b], trace[t, b]
            dh, dx, dr, d_old = dhs[t, b], d_xs[t, b], d_hs[t, b], d_state[b]
            step_backward(H, dh, own, constants, before, after, kept, d_old, dx, dr, d_own)
            if LATE:
                for k in range(H):
                    d_source[k] = 0
                add_product_back(R, dr, EARLY * H, rows, d_source)
                late_source_backward(H, d_source, before, after, kept, d_old, dx, dr)
            if not TRUNCATED:
                add_product_back(R, dr, 0, EARLY * H, d_old[0])


@njit(**OPTIONS)
def forward_step(t, products, from_xs, own, constants, states, trace, lengths):
    """One step of all sequences, products with R given."""
    B, rows = products.shape
    H = rows // N
    for b in range(B):
        before, after, kept = states[t, b], states[t + 1, b], trace[t, b]
        if t >= lengths[b]:
            after[:] = before
            kept[:] = 0
            continue
        step(H, from_xs[t, b], products[b], own, constants, before, after, kept)


@njit(**OPTIONS)
def backward_step(t, dhs, own, constants, states, trace, lengths, d_state, d_xs, d_hs, d_own):
    """All errors of one step, products with R left out."""
    T, B, H = dhs.shape
    for b in range(B):
        if t >= lengths[b]:
            d_state[b, 0] += dhs[t, b]
            continue
        before, after, kept = states[t, b], states[t + 1, b], trace[t, b]
        dh, dx, dr, d_old = dhs[t, b], d_xs[t, b], d_hs[t, b], d_state[b]
        step_backward(H, dh, own, constants, before, after, kept, d_old, dx, dr, d_own)


@njit(**OPTIONS)
def late_step(t, products, from_xs, states, sources):
    """What late blocks of R multiply, for all sequences at one step."""
    B, rows = products.shape
    H = rows // N
    for b in range(B):
        late_source(H, from_xs[t, b], products[b], states[t, b], sources[t, b])


@njit(**OPTIONS)
def late_backward_step(t, d_sources, states, trace, lengths, d_state, d_xs, d_hs):
    """Errors carried back from what late blocks of R multiply, at one step."""
    B, H = d_sources.shape
    for b in range(B):
        if t >= lengths[b]:
            continue
        before, after, kept = states[t, b], states[t + 1, b], trace[t, b]
        late_source_backward(
            H, d_sources[b], before, after, kept, d_state[b], d_xs[t, b], d_hs[t, b]
        )
