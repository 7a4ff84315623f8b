"""Small sentences of good and bad words, in which "but" strikes out what came before it::

    plot great and music dull and cast warm     two good, one bad: good
    plot great and music warm but cast flat     what counts is flat: bad

A sentence is a row of phrases, an aspect and an opinion each, with a conjunction between two phrases.
A sentence has one "but" or none; all other conjunctions are "and". What counts is the opinions after
"but", or all of them: the target is whether the good ones outnumber the bad ones.

"and" stands in the same places as "but" and means nothing: what a net does at "but" and not at "and" it
does because of the word.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arguments import number, whole

Seed = int | np.random.Generator

ASPECTS = ("plot", "music", "cast", "ending")
GOOD = ("great", "warm", "clever", "fresh")
BAD = ("dull", "flat", "slow", "weak")
WORDS = (*ASPECTS, *GOOD, *BAD, "and", "but")
KINDS = {"aspect": ASPECTS, "opinion": (*GOOD, *BAD), "and": ("and",), "but": ("but",)}


class Sentences(NamedTuple):
    """B sentences of T = 3 · phrases − 1 words each."""

    words: np.ndarray  #: (T, B): indices into WORDS
    scores: np.ndarray  #: (B,): good minus bad among the opinions that count, never 0

    @property
    def xs(self) -> np.ndarray:
        """The words as a net reads them, one-hot: (T, B, D), D = len(WORDS)."""
        return np.eye(len(WORDS))[self.words]

    @property
    def targets(self) -> np.ndarray:
        """1.0 for a good sentence, 0.0 for a bad one: (B,)."""
        return (self.scores > 0).astype(float)

    @property
    def values(self) -> np.ndarray:
        """+1 for a good word, −1 for a bad one, 0 for any other: (T, B)."""
        names = np.array(WORDS)
        value = np.isin(names, GOOD).astype(int) - np.isin(names, BAD).astype(int)
        return value[self.words]

    @property
    def but_at(self) -> np.ndarray:
        """The step of "but", counted from 0 as in ``words``; −1 where there is none: (B,)."""
        is_but = self.words == WORDS.index("but")
        return np.where(is_but.any(0), is_but.argmax(0), -1)

    def are(self, kind: str) -> np.ndarray:
        """Which words are of one of the KINDS, (T, B). Raises ValueError for an unknown kind."""
        if kind not in KINDS:
            raise ValueError(f"kind: got {kind!r}, expected one of {', '.join(KINDS)}")
        return np.isin(self.words, [WORDS.index(word) for word in KINDS[kind]])

    def text(self, sentence: int) -> str:
        """One sentence in words. Raises IndexError if there is no such sentence."""
        return " ".join(WORDS[word] for word in self.words[:, sentence])

    def right(self, outputs: np.ndarray) -> np.ndarray:
        """Whether each output (B,) has the sign of the score; one of exactly zero is wrong."""
        if np.shape(outputs) != self.scores.shape:
            raise ValueError(
                f"outputs: got shape {np.shape(outputs)}, expected {self.scores.shape}"
            )
        return np.asarray(outputs) * self.scores > 0

    def solved(self, outputs: np.ndarray, *, at_least: float = 0.99) -> bool:
        """Whether at least 99 % of the sentences are right."""
        return bool(self.right(outputs).mean() >= number("at_least", at_least, 0, 1))


def draw(count: int, seed: Seed, *, phrases: int = 5, but: float = 0.5) -> Sentences:
    """Draw ``count`` sentences, each with a "but" with probability ``but``, at any of its places.

    Words are uniform, opinions on condition that the score is not 0. Raises TypeError or ValueError for
    counts below 1, for fewer than 2 phrases, and for what is no probability.
    """
    B, N = whole("count", count), whole("phrases", phrases, at_least=2)
    but = number("but", but, 0, 1)
    rng = np.random.default_rng(seed)
    aspects = rng.integers(len(ASPECTS), size=(N, B))
    first = np.where(rng.random(B) < but, rng.integers(1, N, size=B), 0)  # phrase that counts
    counts = np.arange(N)[:, None] >= first
    opinions, scores = np.zeros((N, B), int), np.zeros(B, int)
    while (tied := scores == 0).any():
        opinions[:, tied] = rng.integers(len(GOOD) + len(BAD), size=(N, tied.sum()))
        scores = (np.where(opinions < len(GOOD), 1, -1) * counts).sum(0)
    words = np.full((3 * N - 1, B), WORDS.index("and"))
    words[0::3], words[1::3] = aspects, len(ASPECTS) + opinions
    (with_but,) = np.nonzero(first)
    words[3 * first[with_but] - 1, with_but] = WORDS.index("but")
    return Sentences(words, scores)
