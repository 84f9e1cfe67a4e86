"""Words of like letters: inflections, compounds, slips of the pen, cognates of other languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.arrays import Whole

GRAMS = (3, 4)
SHORTEST = 3
LEAST_LIKENESS = 0.3
LEAST_COSINE = 0.15  # a common beginning alone is not likeness
MOST_LIKE = 12
# A beginning shared in full counts from this many letters: endings inflect, beginnings mean.
SHORTEST_BEGINNING = 4
MOST_KEPT = 50_000

# The signs that folded words are made of; what else there may be counts as one sign.
SIGNS = " abcdefghijklmnopqrstuvwxyz0123456789+#"
BASE = len(SIGNS) + 1
GROUP_CODES = BASE**3 + BASE**2  # all that `letter_groups` may give are below


class LikeWords:
    """Numbered words, to be found by their letters.

    Likeness is the mean of the cosine of inverse-frequency weighted groups of 3 and 4 letters (as in Cavnar & Trenkle
    1994) and of the share of the shorter word that both begin with. Words with digits are codes: like no other.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._words = sorted(word for word in numbers if _spelled(word))
        self._numbers = [numbers[word] for word in self._words]
        found = [_grams(word) for word in self._words]
        seen_in = Counter(gram for grams in found for gram in grams)
        self._columns = {gram: column for column, gram in enumerate(sorted(seen_in))}
        self._idf = {gram: log((1 + len(found)) / (1 + count)) + 1 for gram, count in seen_in.items()}
        self._unseen = log(1 + len(found)) + 1
        columns = np.array([self._columns[gram] for grams in found for gram in grams], dtype=np.int64)
        rows = np.repeat(np.arange(len(found), dtype=np.int32), [len(grams) for grams in found])
        idf = np.array([self._idf[gram] for grams in found for gram in grams], dtype=np.float64)
        weights = idf / np.sqrt(np.bincount(rows, weights=idf * idf, minlength=len(found)))[rows]
        order = np.argsort(columns, kind="stable")
        self._rows: NDArray[np.int32] = rows[order]
        self._weights: NDArray[np.float32] = weights[order].astype(np.float32)
        self._starts = np.searchsorted(columns[order], np.arange(len(self._columns) + 1))
        self._kept: dict[str, list[tuple[int, float]]] = {}

    def like(self, word: str) -> list[tuple[int, float]]:
        """The numbers of the other words most like one, at most MOST_LIKE, with their likeness below 1, best first."""
        if not _spelled(word):
            return []
        if word not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[word] = self._like(word)
        return self._kept[word]

    def _like(self, word: str) -> list[tuple[int, float]]:
        cosine = np.zeros(len(self._words))
        squares = 0.0
        for gram in _grams(word):
            idf = self._idf.get(gram, self._unseen)
            squares += idf * idf
            if (column := self._columns.get(gram)) is not None:
                span = slice(self._starts[column], self._starts[column + 1])
                cosine[self._rows[span]] += idf * self._weights[span]
        cosine /= sqrt(squares)
        near = np.flatnonzero(cosine >= LEAST_COSINE).tolist()
        likeness = {row: (float(cosine[row]) + _beginning(word, self._words[row])) / 2 for row in near}
        best = sorted((row for row in near if likeness[row] >= LEAST_LIKENESS), key=lambda row: (-likeness[row], row))
        others = [row for row in best if self._words[row] != word]
        return [(self._numbers[row], likeness[row]) for row in others[:MOST_LIKE]]


def _spelled(word: str) -> bool:
    return len(word) >= SHORTEST and not any(letter.isdigit() for letter in word)


def _grams(word: str) -> list[str]:
    padded = f" {word} "
    return sorted({padded[at : at + size] for size in GRAMS for at in range(len(padded) - size + 1)})


def _beginning(one: str, other: str) -> float:
    """The share of the shorter word that both begin with."""
    shared = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return shared / max(SHORTEST_BEGINNING, min(len(one), len(other)))


_SIGN_OF = np.full(256, len(SIGNS), dtype=np.int32)
_SIGN_OF[np.frombuffer(SIGNS.encode(), dtype=np.uint8)] = np.arange(len(SIGNS))


def letter_groups(words: Sequence[str]) -> tuple[Whole, sparse.csr_array]:
    """The runs of two and three letters of words, whose bounds count as letters.

    The codes of those that occur, ascending, and words x codes: how often each word has each.
    """
    text = np.frombuffer(" ".join(["", *words, "", ""]).encode(), dtype=np.uint8)
    sign = _SIGN_OF[text]
    word = np.cumsum(text[:-2] == ord(" ")) - 1
    two = sign[:-2] * BASE + sign[1:-1]
    within = text[1:-1] != ord(" ")  # a run of three across a bound belongs to no word
    codes = np.concatenate([two, (BASE**2 + two * BASE + sign[2:])[within]])
    rows = np.concatenate([word, word[within]])
    distinct, columns = np.unique(codes, return_inverse=True)
    shape = len(words), len(distinct)
    return distinct, sparse.coo_array((np.ones(len(codes)), (rows, columns)), shape=shape).tocsr()
