"""The loops over time that every compiled cell shares, as numba compiles them.

``compiled.py`` appends to this text the functions and constants of one cell, which take the
places of those below, and imports the whole as a module of its own.

The L sequences of a group of nets stand side by side on the last axis, so that one block of all units
and sequences is one contiguous run of H·L numbers, which the cell's equations pass over as one. A group
is all nets, or one; ``forward`` and ``backward`` take all groups, on a first axis.

Arrays of a group: ``xs`` (T, D, L); ``states`` (T+1, S, H·L), of which R multiplies the first Y, one
for nearly all cells; ``trace`` (T, K, H·L); ``b`` (N, H·L), ``own`` (M, H·L) and ``constants`` are what
each unit has of its own; ``sources`` (T, H·L) is what late blocks of R multiply; ``lengths`` (L,), or
(0,) if all sequences have all steps. Errors with respect to them have d in front; ``dhs`` is
(T, Y, H·L). W (N·H, D) and R (N·H, Y·H) are one net's matrices, or have a third axis for the nets.
"""

import math

import numpy as np
from numba import njit, types
from numba.extending import overload

# No "nnan" and no "ninf": what is not finite must stay so.
MATHS = {"reassoc", "contract", "arcp", "nsz"}
OPTIONS = {"error_model": "numpy", "fastmath": MATHS, "cache": True, "nogil": True}
INLINE = {"error_model": "numpy", "fastmath": MATHS, "forceinline": True}
APART = {
    "error_model": "numpy",
    "fastmath": MATHS,
    "nogil": True,
}  # or it is compiled at every call
# Sums in the order in which they are written, or the digits that they save are lost again.
EXACT = {"error_model": "numpy", "fastmath": {"contract"}, "forceinline": True}

LOG2_E, LN2_HIGH, LN2_LOW = (np.float32(x) for x in (1.442695041, 0.693145752, 1.428606765e-6))
COLUMNS = 512  # that a product of errors and inputs sums over
ONE, HALF, LIMIT = (np.float32(x) for x in (1, 0.5, 87))


def tanh(x):
    """Hyperbolic tangent."""
    return math.tanh(x)


def sigmoid(x):
    """Logistic function."""
    return 1 / (1 + math.exp(-x))


@njit(**EXACT)
def exponential(x):
    """2ᵏ and eʳ − 1 for float32 x = k ln 2 + r ≤ 0, |r| ≤ (ln 2)/2; x below −87 counts as −87.

    The powers of two are put together bit by bit and eʳ − 1 is its Taylor polynomial, so a processor
    computes several at a time, which it does not with a call of exp.
    """
    x = -LIMIT if x < -LIMIT else x
    k = np.rint(x * LOG2_E)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    p = np.float32(1 / 720) + r * np.float32(1 / 5040)
    p = np.float32(1 / 120) + r * p
    p = np.float32(1 / 24) + r * p
    p = np.float32(1 / 6) + r * p
    p = HALF + r * p
    power = np.int32((np.int32(k) + np.int32(127)) << np.int32(23)).view(np.float32)
    return power, r + r * r * p


@overload(tanh, jit_options=EXACT)
def compiled_tanh(x):
    """−m / (2 + m) with m = exp(−2|x|) − 1 for float32, which keeps the digits of small x."""
    if x != types.float32:
        return lambda x: math.tanh(x)

    def by_exponential(x):
        power, rest = exponential(-abs(x + x))
        m = power * rest + (power - ONE)
        size = -m / (ONE + ONE + m)
        return size if x >= 0 else -size

    return by_exponential


@overload(sigmoid, jit_options=EXACT)
def compiled_sigmoid(x):
    """1 / (1 + e) or e / (1 + e) with e = exp(−|x|) for float32."""
    if x != types.float32:
        return lambda x: 1.0 / (1.0 + math.exp(-x))

    def by_exponential(x):
        power, rest = exponential(-abs(x))
        e = power * rest + power
        return (ONE if x >= 0 else e) / (ONE + e)

    return by_exponential


# What follows stands for one cell's own; see compiled.py.
N, EARLY, LATE, TRUNCATED, SAME, SOURCES = 1, 1, False, False, True, 1


def step(fx, product, own, constants, before, after, kept):
    """One step of all units: from products and the old states to the new states and the trace."""


def step_backward(dh, own, constants, before, after, kept, d_state, dx, dr, d_own):
    """The errors of all units carried back over one step, R left out."""


def late_source(fx, product, before, source):
    """What late blocks of R multiply."""


def late_source_backward(d_source, before, after, kept, d_state, dx, dr):
    """The errors of all units carried back from what late blocks of R multiply."""


@njit(**APART)
def multiply(R, h, product):
    """product = R h for h (H, L), whose columns are sequence after sequence, in each net after net."""
    if R.ndim == 2:
        np.dot(R, h, product)
    else:
        multiply_each(R, h, product)


@njit(**APART)
def multiply_each(R, h, product):
    """The products of several nets, four weights at a time: runs are only as long as there are nets."""
    rows, H, nets = R.shape
    for n in range(rows):
        for j in range(product.shape[1]):
            product[n, j] = 0
        for k in range(0, H - 3, 4):
            w0, w1, w2, w3 = R[n, k], R[n, k + 1], R[n, k + 2], R[n, k + 3]
            for a in range(0, h.shape[1], nets):
                z, row = a + nets, product[n, a : a + nets]
                h0, h1, h2, h3 = h[k, a:z], h[k + 1, a:z], h[k + 2, a:z], h[k + 3, a:z]
                for j in range(nets):
                    row[j] += w0[j] * h0[j] + w1[j] * h1[j] + w2[j] * h2[j] + w3[j] * h3[j]
        for k in range(H - H % 4, H):
            w0 = R[n, k]
            for a in range(0, h.shape[1], nets):
                row, h0 = product[n, a : a + nets], h[k, a : a + nets]
                for j in range(nets):
                    row[j] += w0[j] * h0[j]


@njit(**APART)
def add_outer_products(errors, inputs, dR):
    """dR += errors inputsᵀ, for errors (rows, L) and inputs (H, L), as ``multiply`` has them."""
    if dR.ndim == 2:
        add(dR, np.dot(errors, inputs.T))
    else:
        add_each_outer_product(errors, inputs, dR)


@njit(**APART)
def add_each_outer_product(errors, inputs, dR):
    """The same for several nets, four sequences at a time."""
    rows, H, nets = dR.shape
    columns = errors.shape[1]
    for n in range(rows):
        for a in range(0, columns - 3 * nets, 4 * nets):
            b, c, d, z = a + nets, a + 2 * nets, a + 3 * nets, a + 4 * nets
            e0, e1, e2, e3 = errors[n, a:b], errors[n, b:c], errors[n, c:d], errors[n, d:z]
            for k in range(H):
                row, h0, h1 = dR[n, k], inputs[k, a:b], inputs[k, b:c]
                h2, h3 = inputs[k, c:d], inputs[k, d:z]
                for j in range(nets):
                    row[j] += e0[j] * h0[j] + e1[j] * h1[j] + e2[j] * h2[j] + e3[j] * h3[j]
        for a in range(columns - columns % (4 * nets), columns, nets):
            e0 = errors[n, a : a + nets]
            for k in range(H):
                row, h0 = dR[n, k], inputs[k, a : a + nets]
                for j in range(nets):
                    row[j] += e0[j] * h0[j]


@njit(**APART)
def add(total, part):
    """total += part, for matrices."""
    for i in range(len(total)):
        row, source = total[i], part[i]
        for j in range(len(row)):
            row[j] += source[j]


@njit(**APART)
def put(columns, first, part):
    """Part becomes the columns from the first on."""
    for i in range(len(columns)):
        row, source = columns[i, first : first + part.shape[1]], part[i]
        for j in range(len(row)):
            row[j] = source[j]


@njit(**APART)
def clear(columns, first):
    """The columns from the first on become zero."""
    for i in range(len(columns)):
        row = columns[i, first:]
        for j in range(len(row)):
            row[j] = 0


@njit(**APART)
def stay(t, lengths, states, trace):
    """A sequence that has ended keeps its state."""
    for sequence in range(len(lengths)):
        if t >= lengths[sequence]:
            for j in range(sequence, states.shape[2], len(lengths)):
                for s in range(states.shape[1]):
                    states[t + 1, s, j] = states[t, s, j]
                for k in range(trace.shape[1]):
                    trace[t, k, j] = 0


@njit(**APART)
def end(t, dhs, d_last, lengths, d_state):
    """What comes after a sequence's end is an error of its last state, and enters with its last step."""
    for sequence in range(len(lengths)):
        if t >= lengths[sequence]:
            for j in range(sequence, dhs.shape[2], len(lengths)):
                for s in range(SOURCES):
                    d_last[s, j] += dhs[t, s, j]
                    dhs[t, s, j] = 0
        elif t == lengths[sequence] - 1:
            for j in range(sequence, dhs.shape[2], len(lengths)):
                for s in range(len(d_state)):
                    d_state[s, j] += d_last[s, j]


@njit(**INLINE)
def forward_of_group(xs, own, constants, states, trace, lengths, sources, W, R, b):
    """All steps of all sequences of nets that stand side by side, matrix products included."""
    T, _, L = xs.shape
    H = R.shape[1] // SOURCES
    early, late = R[: EARLY * H], R[EARLY * H :]
    from_x, product = np.empty_like(b), np.empty_like(b)  # (N, H·L)
    rows = product.reshape(N * H, L)
    for t in range(T):
        multiply(W, xs[t], from_x.reshape(N * H, L))
        add(from_x, b)
        multiply(early, states[t, :SOURCES].reshape(SOURCES * H, L), rows[: EARLY * H])
        if LATE:
            late_source(from_x, product, states[t], sources[t])
            multiply(late, sources[t].reshape(H, L), rows[EARLY * H :])
        step(from_x, product, own, constants, states[t], states[t + 1], trace[t])
        stay(t, lengths, states, trace)


@njit(**INLINE)
def backward_of_group(
    xs, own, constants, states, trace, lengths, sources,
    W_transposed, early_transposed, late_transposed,
    dhs, d_last, d_xs, d_state, dW, dR, db, d_own,
):  # fmt: skip
    """All errors, carried back over all steps, and their sums over all uses of the weights.

    Products of errors and inputs are taken for several steps together: a sum over as many columns as a
    processor's cache holds is quicker than one over the few of a step.
    """
    T, D, L = xs.shape
    H = dR.shape[1] // SOURCES
    split, width = EARLY * H, SOURCES * H
    steps = max(1, COLUMNS // L)
    d_x = np.empty((N, H * L), dhs.dtype)
    d_h = d_x if SAME else np.empty_like(d_x)
    x_rows, h_rows = d_x.reshape(N * H, L), d_h.reshape(N * H, L)
    back = np.empty((SOURCES, H * L), dhs.dtype)
    x_errors = np.empty((N * H, steps * L), dhs.dtype)
    h_errors = x_errors if SAME else np.empty_like(x_errors)
    inputs, hs = np.zeros((D, steps * L), dhs.dtype), np.zeros((width, steps * L), dhs.dtype)
    late_inputs = np.zeros_like(hs)
    first = 0
    for t in range(T - 1, -1, -1):
        end(t, dhs, d_last, lengths, d_state)
        step_backward(
            dhs[t], own, constants, states[t], states[t + 1], trace[t], d_state, d_x, d_h, d_own
        )
        if LATE:
            multiply(late_transposed, h_rows[split:], back.reshape(width, L))
            late_source_backward(back[0], states[t], states[t + 1], trace[t], d_state, d_x, d_h)
            put(late_inputs, first, sources[t].reshape(H, L))
        if not TRUNCATED:
            multiply(early_transposed, h_rows[:split], back.reshape(width, L))
            add(d_state[:SOURCES], back)
        multiply(W_transposed, x_rows, d_xs[t])
        add(db, d_x)
        put(x_errors, first, x_rows)
        put(inputs, first, xs[t])
        put(hs, first, states[t, :SOURCES].reshape(width, L))
        if not SAME:
            put(h_errors, first, h_rows)
        first += L
        if first == steps * L or t == 0:
            clear(x_errors, first)
            clear(h_errors, first)
            add_outer_products(x_errors, inputs, dW)
            add_outer_products(h_errors[:split], hs, dR[:split])
            if LATE:
                add_outer_products(h_errors[split:], late_inputs, dR[split:])
            first = 0


@njit(**OPTIONS)
def forward(xs, own, constants, states, trace, lengths, sources, W, R, b):
    """One group of nets after the other."""
    for g in range(len(xs)):
        forward_of_group(
            xs[g], own[g], constants[g], states[g], trace[g], lengths, sources[g], W[g], R[g], b[g]
        )


@njit(**OPTIONS)
def backward(
    xs, own, constants, states, trace, lengths, sources,
    W_transposed, early_transposed, late_transposed,
    dhs, d_last, d_xs, d_state, dW, dR, db, d_own,
):  # fmt: skip
    """One group of nets after the other."""
    for g in range(len(xs)):
        backward_of_group(
            xs[g], own[g], constants[g], states[g], trace[g], lengths, sources[g],
            W_transposed[g], early_transposed[g], late_transposed[g],
            dhs[g], d_last[g], d_xs[g], d_state[g], dW[g], dR[g], db[g], d_own[g],
        )  # fmt: skip
