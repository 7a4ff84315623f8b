"""Diagrams against the equations: an arrow for every dependence, and for nothing else."""

from __future__ import annotations

import matplotlib.pyplot as plt
import networkx as nx
import pytest
import torch

from lstm_course import initialize, unroll
from lstm_course.cells import RNN, Params
from lstm_course.plotting import Diagram, Node, draw_diagram, path_back, unrolled_rnn

STEPS = 4


def dependences() -> set[tuple[str, str]]:
    """Which node moves which other one, asked of autograd on a real run: (source, target)."""
    params = Params(*map(torch.tensor, initialize.uniform(RNN(), 2, 3, seed=0)))
    V = torch.ones(2, 3, dtype=torch.float64)
    xs = [torch.ones(1, 1, 2, dtype=torch.float64, requires_grad=True) for _ in range(STEPS)]
    nodes = {"h0": torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)}
    for t, x in enumerate(xs, start=1):
        nodes[f"x{t}"] = x
        nodes[f"h{t}"] = unroll.forward(RNN(), params, x, nodes[f"h{t - 1}"]).last
        nodes[f"o{t}"] = nodes[f"h{t}"] @ V.T
        nodes[f"L{t}"] = 0.5 * ((nodes[f"o{t}"] - 1) ** 2).sum()
    found = set()
    for target, value in nodes.items():
        if not value.grad_fn:
            continue
        others = [name for name in nodes if name != target]
        gradients = torch.autograd.grad(
            value.sum(), [nodes[name] for name in others], allow_unused=True, retain_graph=True
        )
        found |= {(s, target) for s, g in zip(others, gradients, strict=True) if g is not None}
    return found


def test_arrows_are_the_data_flow():
    graph = nx.DiGraph(list(unrolled_rnn(STEPS).edges))
    assert set(nx.transitive_closure(graph).edges) == dependences()
    assert set(nx.transitive_reduction(graph).edges) == set(graph.edges), (
        "an arrow says nothing new"
    )


def test_every_arrow_carries_its_weight():
    for (source, target), label in unrolled_rnn(STEPS).edges.items():
        expected = {"xh": "$W$", "hh": "$R$", "ho": "$V$", "oL": ""}[source[0] + target[0]]
        assert label == expected


@pytest.mark.parametrize("loss_step", range(1, STEPS + 1))
@pytest.mark.parametrize("use", range(1, STEPS + 1))
def test_path_back_is_the_only_path(loss_step, use):
    graph = nx.DiGraph(list(unrolled_rnn(STEPS).edges))
    paths = list(nx.all_simple_edge_paths(graph, f"x{use}", f"L{loss_step}"))
    assert paths == ([path_back(loss_step, use)] if use <= loss_step else [])


def test_drawing_has_every_arrow_and_every_label():
    diagram = unrolled_rnn(STEPS)
    ax = draw_diagram(diagram, highlight=path_back(3, 1), notes={("h1", "h2"): "0.42"})
    assert len(ax.patches) == len(diagram.edges)
    texts = [text.get_text() for text in ax.texts]
    assert "0.42" in texts
    assert {node.label for node in diagram.nodes.values()} <= set(texts)
    assert texts.count("$R$") == STEPS - 1  # one of them gave way to the note
    plt.close(ax.figure)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: unrolled_rnn(0), "steps: got 0, expected at least 1"),
        (
            lambda: draw_diagram(unrolled_rnn(2), highlight=[("x1", "h2")]),
            "highlight: got .*x1.*h2",
        ),
        (
            lambda: Diagram({"a": Node(0, 0, "a")}, {("a", "b"): ""}),
            "edges: got .*'b'.*, expected names",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
