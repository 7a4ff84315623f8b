"""Make onnx.npz and keras.npz: what ONNX's reference evaluator and Keras compute from random weights.

    python -m venv /tmp/outside && . /tmp/outside/bin/activate
    pip install onnx==1.23.2 keras==3.15.1 torch==2.13.0 numpy==2.4.6
    KERAS_BACKEND=torch python tests/data/make_outside_vectors.py

Neither is needed to run the tests. Keys are ``case/name``; all arrays are float64. Inputs are
xs (T, B, D); outputs hs (T, B, H) and the last states.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

T, B, D, H = 6, 3, 2, 5
HERE = Path(__file__).parent
BLOCKS = {"RNN": 1, "LSTM": 4, "GRU": 3}


def run_onnx(kind: str, inputs: dict[str, np.ndarray], **attributes: int) -> list[np.ndarray]:
    """One node, evaluated by the reference implementation of the standard."""
    order = ["X", "W", "R", "B", "", "initial_h", "initial_c", "P"]
    names = [name if name in inputs else "" for name in order]
    while names[-1] == "":
        names.pop()
    outputs = ["Y", "Y_h", "Y_c"][: 3 if kind == "LSTM" else 2]
    node = helper.make_node(kind, names, outputs, hidden_size=H, **attributes)
    double = TensorProto.DOUBLE
    graph = helper.make_graph(
        [node],
        kind,
        [helper.make_tensor_value_info(n, double, a.shape) for n, a in inputs.items()],
        [helper.make_tensor_value_info(n, double, None) for n in outputs],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    return ReferenceEvaluator(model).run(None, inputs)


def onnx_cases() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    found = {}
    for name, kind, peepholes, attributes in (
        ("rnn", "RNN", False, {}),
        ("lstm", "LSTM", False, {}),
        ("lstm_peepholes", "LSTM", True, {}),
        ("gru_before", "GRU", False, {"linear_before_reset": 0}),
        ("gru_after", "GRU", False, {"linear_before_reset": 1}),
    ):
        rows = BLOCKS[kind] * H
        shapes = {"X": (T, B, D), "W": (1, rows, D), "R": (1, rows, H), "B": (1, 2 * rows)}
        shapes["initial_h"] = (1, B, H)
        if kind == "LSTM":
            shapes["initial_c"] = (1, B, H)
        if peepholes:
            shapes["P"] = (1, 3 * H)
        inputs = {n: rng.standard_normal(shape) for n, shape in shapes.items()}
        outputs = run_onnx(kind, inputs, **attributes)
        found |= {f"{name}/{n}": a for n, a in inputs.items()}
        for n, a in zip(("Y", "Y_h", "Y_c"), outputs, strict=False):
            found[f"{name}/{n}"] = np.asarray(a)
    return found


def keras_cases() -> dict[str, np.ndarray]:
    """Keras's cells, step by step. Its matrix products pass through float32: about seven digits."""
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    rng = np.random.default_rng(1)
    found = {}
    for name, cell, states in (
        ("rnn", keras.layers.SimpleRNNCell(H), 1),
        ("lstm", keras.layers.LSTMCell(H), 2),
        ("gru_before", keras.layers.GRUCell(H, reset_after=False), 1),
        ("gru_after", keras.layers.GRUCell(H, reset_after=True), 1),
    ):
        cell.build((B, D))
        weights = [rng.standard_normal(weight.shape) for weight in cell.get_weights()]
        cell.set_weights(weights)
        xs = rng.standard_normal((T, B, D))
        start = [rng.standard_normal((B, H)) for _ in range(states)]
        state = [keras.ops.convert_to_tensor(part, dtype="float64") for part in start]
        hs = []
        for x in xs:
            h, state = cell(keras.ops.convert_to_tensor(x, dtype="float64"), state)
            hs.append(keras.ops.convert_to_numpy(h))
        found |= {f"{name}/xs": xs, f"{name}/hs": np.stack(hs)}
        found |= {f"{name}/weight{i}": weight for i, weight in enumerate(weights)}
        for i in range(states):
            found[f"{name}/start{i}"] = start[i]
            found[f"{name}/last{i}"] = keras.ops.convert_to_numpy(state[i])
    return found


if __name__ == "__main__":
    np.savez_compressed(HERE / "onnx.npz", **onnx_cases())
    np.savez_compressed(HERE / "keras.npz", **keras_cases())
