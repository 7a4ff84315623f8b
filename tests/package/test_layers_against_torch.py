"""Layers in torch.nn's place: same names, same numbers, same gradients, in every form of input."""

from __future__ import annotations

import pytest
import torch
from cases import B, D, H, T
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence

from lstm_course import nn

PAIRS = {
    "rnn": ("RNN", {}),
    "rnn-relu": ("RNN", {"nonlinearity": "relu"}),
    "lstm": ("LSTM", {}),
    "gru": ("GRU", {}),
}
SHAPES = {
    "one": {},
    "deep": {"num_layers": 3},
    "both ways": {"bidirectional": True},
    "deep both ways": {"num_layers": 2, "bidirectional": True},
    "without bias": {"bias": False, "num_layers": 2},
}
TOLERANCE = {torch.float64: 1e-12, torch.float32: 2e-5}
LENGTHS = [4, 7, 1, 5]

pairs = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
dtypes = pytest.mark.parametrize("dtype", TOLERANCE, ids=str)


def made(pair, shape, dtype=torch.float64, device="cpu"):
    """Ours and torch's, from the same seed."""
    name, variant = pair
    layers = []
    for module in (nn, torch.nn):
        torch.manual_seed(1)
        layer = getattr(module, name)(D, H, **shape, **variant, dtype=dtype)
        layers.append(layer.to(device))
    return layers


def start(layer, batch=B, seed=3):
    """A random first state in the layer's form."""
    generator = torch.Generator().manual_seed(seed)
    weight = layer.weight_ih_l0
    size = (layer.num_layers * (2 if layer.bidirectional else 1), batch, H)
    parts = [torch.randn(size, generator=generator, dtype=weight.dtype) for _ in range(2)]
    parts = [part.to(weight.device).requires_grad_() for part in parts]
    return tuple(parts) if "LSTM" in type(layer).__name__ else parts[0]


def flat(state) -> list[torch.Tensor]:
    return list(state) if isinstance(state, tuple) else [state]


def loss(output, state):
    """Every output and every part of the last state with a weight of its own."""
    data = output.data if isinstance(output, tuple) else output
    weights = torch.linspace(-1, 1, data.numel(), dtype=data.dtype, device=data.device)
    total = (data.flatten() * weights).sum()
    return total + sum((part.sin() * (i + 1)).sum() for i, part in enumerate(flat(state)))


def compare(ours, theirs, inputs, states=(None, None), tolerance=1e-12):
    """Outputs, last states and all gradients, of parameters, inputs and first states."""
    found = []
    for layer, x, state in zip((ours, theirs), inputs, states, strict=True):
        output, last = layer(x, state)
        loss(output, last).backward()
        given = x.data if isinstance(x, tuple) else x
        first = [] if state is None else [part.grad for part in flat(state)]
        gradients = [*(p.grad for p in layer.parameters()), *first]
        gradients += [given.grad] if given.is_leaf and given.requires_grad else []
        data = output.data if isinstance(output, tuple) else output
        found.append((data.detach(), [part.detach() for part in flat(last)], gradients))
        assert isinstance(last, tuple) == ("LSTM" in type(layer).__name__)
    (a, s, g), (b, t, h) = found
    assert len(g) == len(h)
    for x, y in zip((a, *s, *g), (b, *t, *h), strict=True):
        torch.testing.assert_close(x, y, rtol=tolerance, atol=tolerance)


@pairs
@shapes
def test_same_seed_gives_the_same_weights_under_the_same_names(pair, shape):
    ours, theirs = (layer.state_dict() for layer in made(pair, shape))
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pairs
@shapes
def test_state_dicts_load_strictly_both_ways(pair, shape):
    ours, theirs = made(pair, shape)
    other = {name: 0.4 * torch.randn_like(weight) for name, weight in theirs.state_dict().items()}
    theirs.load_state_dict(other)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    made(pair, shape)[1].load_state_dict(ours.state_dict(), strict=True)
    x = torch.randn(T, B, D, dtype=torch.float64)
    compare(ours, theirs, (x, x))


@pairs
@shapes
@dtypes
def test_batch(pair, shape, dtype, device):
    ours, theirs = made(pair, shape, dtype, device)
    x = torch.randn(T, B, D, dtype=dtype).to(device)
    inputs = (x.clone().requires_grad_(), x.clone().requires_grad_())
    compare(ours, theirs, inputs, tolerance=TOLERANCE[dtype])
    ours.zero_grad()
    theirs.zero_grad()
    states = (start(ours), start(theirs))
    inputs = (x.clone().requires_grad_(), x.clone().requires_grad_())
    compare(ours, theirs, inputs, states, TOLERANCE[dtype])


@pairs
@pytest.mark.parametrize("with_state", [False, True])
def test_batch_first(pair, with_state):
    ours, theirs = made(pair, {"batch_first": True, "bidirectional": True, "num_layers": 2})
    x = torch.randn(B, T, D, dtype=torch.float64)
    states = (start(ours), start(theirs)) if with_state else (None, None)
    compare(ours, theirs, (x.clone().requires_grad_(), x.clone().requires_grad_()), states)
    assert ours(x)[0].shape == (B, T, 2 * H)


@pairs
def test_one_sequence_without_a_batch_axis(pair):
    ours, theirs = made(pair, {"num_layers": 2, "bidirectional": True, "batch_first": True})
    x = torch.randn(T, D, dtype=torch.float64)
    compare(ours, theirs, (x.clone().requires_grad_(), x.clone().requires_grad_()))
    output, last = ours(x)
    assert output.shape == (T, 2 * H)
    assert all(part.shape == (4, H) for part in flat(last))
    again, _ = ours(x, tuple(flat(last)) if len(flat(last)) > 1 else last)
    expected, _ = theirs(x, last)
    torch.testing.assert_close(again, expected, rtol=0, atol=1e-12)


@pairs
@shapes
@pytest.mark.parametrize("with_state", [False, True])
def test_packed_sequences_of_unsorted_lengths(pair, shape, with_state, device):
    ours, theirs = made(pair, shape, device=device)
    sequences = [torch.randn(n, D, dtype=torch.float64).to(device) for n in LENGTHS]
    packed = pack_sequence(sequences, enforce_sorted=False)
    states = (start(ours, 4), start(theirs, 4)) if with_state else (None, None)
    compare(ours, theirs, (packed, packed), states)
    output, _ = ours(packed)
    assert torch.equal(output.batch_sizes, packed.batch_sizes)
    padded, lengths = pad_packed_sequence(output)
    assert lengths.tolist() == LENGTHS
    for b, sequence in enumerate(sequences):  # each as if it were alone
        alone, _ = ours(sequence)
        torch.testing.assert_close(padded[: len(sequence), b], alone, rtol=0, atol=1e-12)


@pairs
def test_packed_and_sorted(pair):
    ours, theirs = made(pair, {"num_layers": 2, "bidirectional": True})
    x = torch.randn(T, B, D, dtype=torch.float64)
    leaves = (x.clone().requires_grad_(), x.clone().requires_grad_())
    packed = [pack_padded_sequence(leaf, [7, 4, 2]) for leaf in leaves]
    compare(ours, theirs, packed)
    torch.testing.assert_close(leaves[0].grad, leaves[1].grad, rtol=0, atol=1e-12)


def test_dropout_lies_between_layers_and_only_in_training():
    ours, theirs = made(PAIRS["lstm"], {"num_layers": 2, "dropout": 0.5})
    x = torch.randn(T, B, D, dtype=torch.float64)
    ours.eval(), theirs.eval()
    compare(ours, theirs, (x, x))
    ours.train()
    a, b = ours(x)[0], ours(x)[0]
    assert not torch.equal(a, b)
    single = nn.LSTM(D, H, 2, dropout=1.0, dtype=torch.float64)
    below, _ = single(x)
    quiet, _ = single(2 * x)  # with everything dropped the second layer hears nothing of the input
    torch.testing.assert_close(below, quiet, rtol=0, atol=0)
    with pytest.warns(UserWarning, match=r"dropout: got 0.5 with num_layers = 1"):
        nn.LSTM(D, H, dropout=0.5)
