"""The labels of one kind of concept as words, and how near a phrase is to each concept by its words.

Words need not be equal: each counts as far as its letters agree (soft TF-IDF; Cohen, Ravikumar & Fienberg 2003), so
inflections, compounds, slips of the pen and cognates of other languages meet. A word's weight is its rarity among the
concepts. Small label sets are scored in full by numpy; for large ones a compiled kernel compares the letters of the
concepts that are best by words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from os import cpu_count
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

NGRAMS = (2, 3)
# Words alike in fewer letters than this, or beyond the most alike ones, count as different; so do, but for the most
# alike one, those after which the labels to look at are too many (saves a third of the time; no MRR lost by .004).
ALIKE, MOST_ALIKE, MOST_LABELS = 0.3, 40, 2_000
# Shares of the four parts of a score, see `LabelIndex`; ALIKE likewise. Chosen on skill-spans-dev (MRR .575 to .608)
# and on Croatian titles without Croatian labels (.435 to .481). What it did to the others: melo-slovene MAP .507 to
# .522, jobbert-titles-dev MRR .312 to .344, job-title-similarity en .352 to .368, es .331 to .333, de .315 to .314.
LETTERS, COVERAGE, WHOLE, SUPPORT = 0.4, 0.4, 0.1, 0.1
CANDIDATES = 40  # concepts whose letters the kernel compares as well
LARGE = 5_000  # labels from which on the kernel is worth compiling
CACHED_WORDS = 100_000
FEWEST_PER_TASK, MOST_PER_TASK = 16, 128  # words or phrases
DIGITS = 9  # of a score: what differs further on is the order of summation

# Per phrase: concept numbers by falling score, and their scores.
Near = tuple[NDArray[np.int32], NDArray[np.float64]]
# Numbers of words by falling likeness, and their likeness.
Alike = tuple[NDArray[np.int32], NDArray[np.float64]]
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows x words with a value for each pair, compressed by row."""

    indptr: NDArray[np.int64]
    words: NDArray[np.int32]
    values: NDArray[np.float64]

    @classmethod
    def of(cls, matrix: sparse.csr_matrix) -> Rows:
        return cls(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data.astype(np.float64))

    def by_word(self, n_words: int) -> Rows:
        """The same pairs compressed by word: for each word the rows that have it."""
        shape = (len(self.indptr) - 1, n_words)
        return Rows.of(sparse.csr_matrix((self.values, self.words, self.indptr), shape=shape).T.tocsr())

    def most(self, of_word: NDArray[np.float64]) -> NDArray[np.float64]:
        """Per row the largest product of value and the word's own; every row has a word."""
        return np.maximum.reduceat(of_word[self.words] * self.values, self.indptr[:-1])

    def total(self, of_word: NDArray[np.float64]) -> NDArray[np.float64]:
        """Per row the sum of products of value and the word's own; every row has a word."""
        return np.add.reduceat(of_word[self.words] * self.values, self.indptr[:-1])


@dataclass(frozen=True, slots=True)
class ByWord:
    """For each word the labels that have it, and the concepts with its share and its weight in each."""

    labels: Rows
    shares: Rows
    weights: Rows


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a phrase: the words of labels it is like, how much, its rarity and its letter groups."""

    alike: NDArray[np.int32]
    likeness: NDArray[np.float64]
    rarity: float
    grams: NDArray[np.int32]
    counts: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Phrases as the kernel reads them: phrases x words, words x alike words, words x letter groups."""

    phrases: Rows
    alike: Rows
    grams: Rows
    rarity: NDArray[np.float64]


class LabelIndex:
    """Scores concepts by their labels. A concept's score is the sum of four parts, each between 0 and its share.

    LETTERS, the cosine of letter groups with its nearest label. COVERAGE, the geometric mean of how far a label covers
    the words of the phrase and the phrase those of the label. WHOLE, how far all labels together cover the phrase,
    words of many labels counting more. SUPPORT, the cosine with the words of all labels.
    """

    def __init__(self, labels: Sequence[tuple[int, Sequence[str]]]) -> None:
        """labels: (concept number, words), in the order of concept numbers, each with at least one word."""
        self._number = {word: i for i, word in enumerate(sorted({word for _, words in labels for word in words}))}
        concept_of = np.array([number for number, _ in labels], dtype=np.int64)
        self.concepts, self.first = np.unique(concept_of, return_index=True)
        self.label_concept = np.searchsorted(self.concepts, concept_of).astype(np.int32)
        counts = self._counted([words for _, words in labels])
        self._words: dict[str, Word] = {}
        self._weigh_letters(counts)
        self._weigh_words(counts)

    def near(self, phrases: Sequence[Sequence[str]], wanted: int) -> list[Near]:
        """For each phrase (its words) at most `wanted` concepts that share something with it, best first."""
        if len(self._words) > CACHED_WORDS:
            self._words.clear()
        new = sorted({word for words in phrases for word in words} - self._words.keys())
        if len(self.label_concept) < LARGE:
            self._learn(new, self._alike_plain)
            return [self._near_plain(words, wanted) for words in phrases]
        _in_parts(lambda words: self._learn(words, self._alike_compiled), new)
        found = _in_parts(lambda some: self._near_compiled(some, wanted), phrases)
        return [near for some in found for near in some]

    def _counted(self, texts: Sequence[Sequence[str]]) -> sparse.csr_matrix:
        """Labels x words, 1 where a label has a word."""
        rows = [sorted({self._number[word] for word in words}) for words in texts]
        indices = np.array([word for row in rows for word in row], dtype=np.int32)
        indptr = np.cumsum([0, *map(len, rows)])
        return sparse.csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(rows), len(self._number)))

    def _weigh_letters(self, counts: sparse.csr_matrix) -> None:
        """Letter groups of words and of labels, weighted by their rarity among the labels."""
        letters = CountVectorizer(analyzer=_letter_groups, dtype=np.float64)
        grams = letters.fit_transform(list(self._number))
        self._gram_number: dict[str, int] = letters.vocabulary_
        of_labels = (counts @ grams).tocsr()
        self._uses = np.bincount(counts.indices, minlength=counts.shape[1]).astype(np.int64)
        frequency = np.bincount(of_labels.indices, minlength=grams.shape[1])
        self.gram_rarity = np.log((1 + counts.shape[0]) / (1 + frequency)) + 1
        self.label_grams = Rows.of(_unit(of_labels @ sparse.diags(self.gram_rarity)))
        self._words_by_gram = Rows.of(_unit(grams @ sparse.diags(self.gram_rarity)).T.tocsr())

    def _weigh_words(self, counts: sparse.csr_matrix) -> None:
        """Rarity of words; words of labels and of concepts with their weights."""
        n_labels, n_concepts = counts.shape[0], len(self.concepts)
        belongs = sparse.csr_matrix(
            (np.ones(n_labels), (self.label_concept, np.arange(n_labels))), shape=(n_concepts, n_labels)
        )
        of_concepts = (belongs @ counts).tocsr()
        of_concepts.sort_indices()
        self._frequency = np.bincount(of_concepts.indices, minlength=len(self._number)).astype(np.float64)
        self.rarity = self._rarity(self._frequency)
        labels = counts @ sparse.diags(self.rarity)
        self.labels = Rows.of((sparse.diags(1 / np.asarray(labels.sum(axis=1)).ravel()) @ labels).tocsr())
        share, weight = of_concepts.copy(), of_concepts.copy()
        share.data = np.sqrt(share.data / np.repeat(np.bincount(self.label_concept), np.diff(share.indptr)))
        weight.data = 1 + np.log(weight.data)
        self.shares = Rows.of(share)
        self.weights = Rows.of(_unit(weight @ sparse.diags(self.rarity)))
        self.presence = Rows(self.labels.indptr, self.labels.words, np.ones(len(self.labels.words)))
        self.by_word = ByWord(*(rows.by_word(len(self._number)) for rows in (self.labels, self.shares, self.weights)))

    def _rarity(self, frequency: NDArray[np.float64]) -> NDArray[np.float64]:
        """Inverse document frequency over concepts, with a floor: no word counts nothing."""
        return np.asarray(np.maximum(np.log((len(self.concepts) + 1) / (frequency + 0.5)), 0.1))

    def _learn(self, new: Sequence[str], alike: Callable[[Rows, NDArray[np.int32]], list[Alike]]) -> None:
        """Find what each new word is like."""
        if not new:
            return
        known = self._gram_number
        counts = [Counter(known[group] for group in _letter_groups(word) if group in known) for word in new]
        ids = np.array([gram for count in counts for gram in count], dtype=np.int32)
        indptr = np.cumsum([0, *map(len, counts)]).astype(np.int64)
        values = np.array([n for count in counts for n in count.values()], dtype=np.float64) * self.gram_rarity[ids]
        lengths = np.sqrt(np.bincount(np.repeat(np.arange(len(new)), np.diff(indptr)), values**2, len(new)))
        units = Rows(indptr, ids, values / np.repeat(lengths, np.diff(indptr)))
        found = alike(units, np.array([self._number.get(word, -1) for word in new], dtype=np.int32))
        # A word of no label is as rare as those it is like.
        rarity = self._rarity(np.array([likeness**2 @ self._frequency[words] for words, likeness in found])).tolist()
        for i, (word, (words, likeness)) in enumerate(zip(new, found, strict=True)):
            span = slice(indptr[i], indptr[i + 1])
            self._words[word] = Word(words, likeness, rarity[i], ids[span], values[span])

    def _alike_compiled(self, units: Rows, own: NDArray[np.int32]) -> list[Alike]:
        from matching.nearness import alike

        words, likeness, counts = alike(units, own, self._words_by_gram, self._uses)
        return [(words[i, :n], likeness[i, :n]) for i, n in enumerate(counts.tolist())]

    def _alike_plain(self, units: Rows, own: NDArray[np.int32]) -> list[Alike]:
        found = []
        for i, number in enumerate(own):
            dots = np.zeros(len(self._number))
            for at in range(units.indptr[i], units.indptr[i + 1]):
                posts = slice(*self._words_by_gram.indptr[units.words[at] :][:2])
                dots[self._words_by_gram.words[posts]] += units.values[at] * self._words_by_gram.values[posts]
            near = np.flatnonzero(dots > ALIKE)
            likeness = np.where(near == number, 1.0, np.round(np.minimum(dots[near], 1.0), DIGITS))
            order = np.lexsort((near, -likeness))[:MOST_ALIKE]
            affordable = np.searchsorted(np.cumsum(self._uses[near[order]]), MOST_LABELS, side="right")
            order = order[: max(1, int(affordable))]
            found.append((near[order].astype(np.int32), likeness[order]))
        return found

    def _near_plain(self, words: Sequence[str], wanted: int) -> Near:
        known = [self._words[word] for word in dict.fromkeys(words)]
        n_words, n_grams = len(self._number), len(self.gram_rarity)
        best, supported = np.zeros(n_words), np.zeros(n_words)
        covered, whole = np.zeros(len(self.label_concept)), np.zeros(len(self.concepts))
        grams = np.zeros(n_grams)
        for word in known:
            likeness = np.zeros(n_words)
            likeness[word.alike] = word.likeness
            covered += word.rarity * self.presence.most(likeness)
            whole += word.rarity * self.shares.most(likeness)
            supported += word.rarity * likeness
            best = np.maximum(best, likeness)
            grams[word.grams] += word.counts
        rarity = np.array([word.rarity for word in known])
        coverage = np.sqrt(covered / rarity.sum() * self.labels.total(best))
        scores = COVERAGE * np.maximum.reduceat(coverage, self.first) + WHOLE * whole / rarity.sum()
        scores += SUPPORT * self.weights.total(supported) / np.sqrt(rarity @ rarity)
        cosines = self.label_grams.total(grams) / (np.sqrt(grams @ grams) or 1.0)
        scores = np.round(scores + LETTERS * np.maximum.reduceat(cosines, self.first), DIGITS)
        rows = np.flatnonzero(scores > 0)
        rows = rows[np.lexsort((rows, -scores[rows]))[:wanted]]
        return self.concepts[rows].astype(np.int32), scores[rows]

    def _near_compiled(self, phrases: Sequence[Sequence[str]], wanted: int) -> list[Near]:
        from matching.nearness import nearest

        numbers, scores = nearest(self, self._batch(phrases), wanted, max(wanted, CANDIDATES))
        counts = (numbers >= 0).sum(axis=1)
        return [(numbers[i, :n], scores[i, :n]) for i, n in enumerate(counts)]

    def _batch(self, phrases: Sequence[Sequence[str]]) -> Batch:
        numbers: dict[str, int] = {}
        rows = [[numbers.setdefault(word, len(numbers)) for word in dict.fromkeys(words)] for words in phrases]
        words = [self._words[word] for word in numbers]
        return Batch(
            _rows([np.array(row, dtype=np.int32) for row in rows], None),
            _rows([word.alike for word in words], [word.likeness for word in words]),
            _rows([word.grams for word in words], [word.counts for word in words]),
            np.array([word.rarity for word in words]),
        )


def _rows(ids: list[NDArray[np.int32]], values: list[NDArray[np.float64]] | None) -> Rows:
    indptr = np.cumsum([0, *map(len, ids)]).astype(np.int64)
    joined = np.concatenate(ids) if ids else np.empty(0, dtype=np.int32)
    return Rows(indptr, joined, np.concatenate(values) if values else np.ones(len(joined)))


def _in_parts(of_part: Callable[[Sequence[T]], R], items: Sequence[T]) -> list[R]:
    """What a function makes of consecutive parts of about equal size, by threads if there are several."""
    size = min(max(FEWEST_PER_TASK, ceil(len(items) / (cpu_count() or 1))), MOST_PER_TASK)
    parts = [items[start : start + size] for start in range(0, len(items), size)]
    if len(parts) < 2:
        return [of_part(part) for part in parts]
    with ThreadPoolExecutor(cpu_count()) as pool:
        return list(pool.map(of_part, parts))


def _letter_groups(word: str) -> list[str]:
    """A word's runs of letters, its bounds counting as letters."""
    padded = f" {word} "
    return [padded[i : i + n] for n in NGRAMS for i in range(len(padded) - n + 1)]


def _unit(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each row scaled to length 1; rows of zeros stay."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.where(length > 0, length, 1.0)) @ matrix)
