"""The labels of one kind of concept as words, and how near a phrase is to each concept by its words.

Words need not be equal: each counts as far as its letters agree (soft TF-IDF; Cohen, Ravikumar & Fienberg 2003), so
inflections, compounds, slips of the pen and cognates of other languages meet. A word's weight is its rarity among the
concepts. Small label sets are scored in full by numpy; of large ones a compiled kernel scores the concepts that are
best by an estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import ceil
from os import cpu_count
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.arrays import Whole, starts_of
from matching.letters import GROUP_CODES, letter_groups

# Words alike in fewer letters than this, or beyond the most alike ones, count as different; so do, but for the most
# alike one, those after which the labels to look at are too many (saves a third of the time; no MRR lost by .004).
ALIKE, MOST_ALIKE, MOST_LABELS = 0.3, 40, 2_000
# Shares of the four parts of a score, see `LabelIndex`; ALIKE likewise. Chosen on skill-spans-dev (MRR .575 to .608)
# and on Croatian titles without Croatian labels (.435 to .481). What it did to the others: melo-slovene MAP .507 to
# .522, jobbert-titles-dev MRR .312 to .344, job-title-similarity en .352 to .368, es .331 to .333, de .315 to .314.
LETTERS, COVERAGE, WHOLE, SUPPORT = 0.4, 0.4, 0.1, 0.1
CANDIDATES = 40  # concepts that the kernel scores
LARGE = 5_000  # labels from which on the kernel is worth compiling
FEWEST_PER_TASK, MOST_PER_TASK = 16, 128  # phrases
MOST_KEPT = 50_000  # words of phrases, which are few and come again
DIGITS = 9  # of a score: what differs further on is the order of summation

Floats = NDArray[np.float64]
T = TypeVar("T")
R = TypeVar("R")


class Near(NamedTuple):
    """Phrases x places: concept numbers by falling score, equal ones ascending, and their scores; -1 and minus
    infinity for none."""

    concepts: NDArray[np.int32]
    scores: Floats


Row = tuple[NDArray[np.int32], NDArray[np.floating]]
"""The columns of a row, and their values."""


class Rows(NamedTuple):
    """Rows x columns with a value for each pair, compressed by row."""

    starts: Whole
    columns: NDArray[np.int32]
    values: NDArray[np.floating]

    @classmethod
    def of(cls, matrix: sparse.csr_array) -> Rows:
        """The rows of a matrix; its values are kept in single precision."""
        return cls(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data.astype(np.float32))

    @classmethod
    def joined(cls, rows: Sequence[Row]) -> Rows:
        """Rows one after another."""
        starts = starts_of(np.fromiter((len(columns) for columns, _ in rows), dtype=np.int64, count=len(rows)))
        columns = np.concatenate([columns for columns, _ in rows] or [np.zeros(0, dtype=np.int32)])
        return cls(starts, columns, np.concatenate([values for _, values in rows] or [np.zeros(0)]))

    def row(self, number: int) -> Row:
        """A copy of one row."""
        span = slice(self.starts[number], self.starts[number + 1])
        return self.columns[span].copy(), self.values[span].copy()

    def most(self, of_column: Floats) -> Floats:
        """Per row the largest product of value and the column's own; no row is empty."""
        return np.maximum.reduceat(of_column[self.columns] * self.values, self.starts[:-1])

    def total(self, of_column: Floats) -> Floats:
        """Per row the sum of products of value and the column's own; no row is empty."""
        return np.add.reduceat(of_column[self.columns] * self.values, self.starts[:-1])


class Tables(NamedTuple):
    """Labels and concepts as the kernel reads them.

    Labels x words: `shares`, what part of a label each of its words is. Words x letter groups: `spellings`, with the
    lengths of these and of whole labels beside. Letter groups x words: `spelled`, the same at length 1.
    Concepts x words: `wholes`, the root of the share of labels that have a word; `weights`, among the words of all
    labels. Words x concepts: `holders`, the largest share that a word has of a label, and `held_weights`.
    """

    first: Whole  # concept c has labels first[c] to first[c + 1]
    shares: Rows
    spellings: Rows
    spelling_lengths: Floats
    label_lengths: Floats
    spelled: Rows
    wholes: Rows
    weights: Rows
    holders: Rows
    held_weights: NDArray[np.float32]
    uses: Whole  # the labels that have each word
    n_groups: int


class Words(NamedTuple):
    """Words of phrases: the words of labels that each is like, by falling likeness; its rarity and letter groups."""

    like: Rows
    rarity: Floats
    letters: Rows


class LabelIndex:
    """Scores concepts by their labels. A concept's score is the sum of four parts, each between 0 and its share.

    LETTERS, the cosine of letter groups with its nearest label. COVERAGE, the geometric mean of how far a label covers
    the words of the phrase and the phrase those of the label. WHOLE, how far all labels together cover the phrase,
    words of many labels counting more. SUPPORT, the cosine with the words of all labels.
    """

    def __init__(self, labels: Sequence[tuple[int, Sequence[str]]]) -> None:
        """labels: (concept number, words), in the order of concept numbers, each with at least one word."""
        words = sorted({word for _, words in labels for word in words})
        self._number = {word: number for number, word in enumerate(words)}
        concept_of = np.array([number for number, _ in labels], dtype=np.int64)
        self.concepts, first = np.unique(concept_of, return_index=True)
        counts = self._counted([words for _, words in labels])
        # Letter groups by their rarity among the labels; words of labels and of concepts.
        groups, of_words = letter_groups(words)
        self._group_number = np.full(GROUP_CODES, -1, dtype=np.int32)
        self._group_number[groups] = np.arange(len(groups))
        of_labels = (counts @ of_words).tocsr()
        self._group_rarity = np.log((1 + len(labels)) / (1 + np.bincount(of_labels.indices, minlength=len(groups)))) + 1
        weighted = sparse.diags_array(self._group_rarity)
        of_words, of_labels = of_words @ weighted, of_labels @ weighted
        n_labels = np.diff(np.append(first, len(labels)))
        of_concepts = np.repeat(np.arange(len(self.concepts)), n_labels), np.arange(len(labels))
        together = (sparse.csr_array((np.ones(len(labels)), of_concepts)) @ counts).tocsr()
        together.sort_indices()
        self._frequency = np.bincount(together.indices, minlength=len(words)).astype(np.float64)
        rarity = sparse.diags_array(self._rarity(self._frequency))
        shares = (counts @ rarity).tocsr()
        shares.data /= np.repeat(shares.sum(axis=1), np.diff(shares.indptr))
        wholes, weights = together.copy(), together.copy()
        wholes.data = np.sqrt(wholes.data / np.repeat(n_labels, np.diff(wholes.indptr)))
        weights.data = 1 + np.log(weights.data)
        weights = _unit(weights @ rarity)
        largest = together.copy()
        largest.data[:] = _largest(shares, of_concepts[0], together)
        self.tables = Tables(
            first=np.append(first, len(labels)).astype(np.int64),
            shares=Rows.of(shares),
            spellings=Rows.of(of_words),
            spelling_lengths=_lengths(of_words),
            label_lengths=_lengths(of_labels),
            spelled=Rows.of(_unit(of_words).T.tocsr()),
            wholes=Rows.of(wholes),
            weights=Rows.of(weights),
            holders=Rows.of(largest.T.tocsr()),
            held_weights=weights.T.tocsr().data.astype(np.float32),
            uses=np.bincount(counts.indices, minlength=len(words)).astype(np.int64),
            n_groups=len(groups),
        )
        self._kept: dict[str, tuple[Row, float, Row]] = {}

    def near(self, phrases: Sequence[Sequence[str]], wanted: int) -> Near:
        """For each phrase (its words) at most `wanted` concepts that share something with it, best first.

        Of many labels only the concepts that an estimate puts first are scored.
        """
        if len(self.tables.shares.starts) <= LARGE or not phrases:
            return self.near_in_full(phrases, wanted)
        found = _in_parts(lambda some: self._near_compiled(some, wanted), phrases)
        return Near(*(np.concatenate(parts) for parts in zip(*found, strict=True)))

    def near_in_full(self, phrases: Sequence[Sequence[str]], wanted: int) -> Near:
        """As `near`, by comparing each phrase with every label."""
        asked, words = self._asked(phrases, partial(self._words, like=_like_plain))
        found = Near(np.full((len(phrases), wanted), -1, dtype=np.int32), np.full((len(phrases), wanted), -np.inf))
        for phrase in range(len(phrases)):
            scores = self._scores(asked.columns[asked.starts[phrase] : asked.starts[phrase + 1]], words)
            rows = np.flatnonzero(scores > 0)
            rows = rows[np.lexsort((rows, -scores[rows]))[:wanted]]
            found.concepts[phrase, : len(rows)] = self.concepts[rows]
            found.scores[phrase, : len(rows)] = scores[rows]
        return found

    def _near_compiled(self, phrases: Sequence[Sequence[str]], wanted: int) -> Near:
        from matching import nearness

        asked, words = self._asked(phrases, partial(self._remembered, like=nearness.like))
        rows, scores = nearness.nearest(asked, words, self.tables, wanted, CANDIDATES)
        return Near(np.where(rows >= 0, self.concepts[rows], -1).astype(np.int32), scores)

    def _asked(
        self, phrases: Sequence[Sequence[str]], of_words: Callable[[Sequence[str]], Words]
    ) -> tuple[Rows, Words]:
        """Phrases as rows of numbers of their distinct words, and these words."""
        numbers: dict[str, int] = {}
        rows = [[numbers.setdefault(word, len(numbers)) for word in dict.fromkeys(words)] for words in phrases]
        columns = np.array([number for row in rows for number in row], dtype=np.int32)
        starts = starts_of(np.fromiter(map(len, rows), dtype=np.int64, count=len(rows)))
        return Rows(starts, columns, np.ones(len(columns))), of_words(list(numbers))

    def _remembered(self, words: Sequence[str], like: Callable[..., Rows]) -> Words:
        """As `_words`, but what was found out about a word before is not found out again."""
        kept = self._kept
        new = [word for word in words if word not in kept]
        if len(kept) + len(new) > MOST_KEPT:
            kept, new = {}, list(words)
        if new:
            found = self._words(new, like)
            kept |= {word: (found.like.row(i), found.rarity[i], found.letters.row(i)) for i, word in enumerate(new)}
            self._kept = kept
        rows = [kept[word] for word in words]
        rarity = np.fromiter((rarity for _, rarity, _ in rows), dtype=np.float64, count=len(rows))
        return Words(Rows.joined([like for like, _, _ in rows]), rarity, Rows.joined([letters for *_, letters in rows]))

    def _words(self, words: Sequence[str], like: Callable[..., Rows]) -> Words:
        """What words of phrases are like; groups of letters that no label has say nothing."""
        groups, counts = letter_groups(words)
        number = self._group_number[groups]
        counts, number = counts[:, number >= 0], number[number >= 0]
        letters = sparse.csr_array(
            (counts.data * self._group_rarity[number[counts.indices]], number[counts.indices], counts.indptr),
            shape=(len(words), self.tables.n_groups),
        )
        own = np.array([self._number.get(word, -1) for word in words], dtype=np.int32)
        found = like(Rows.of(_unit(letters)), own, self.tables)
        # A word of no label is as rare as those it is like.
        seen_in = np.bincount(
            np.repeat(np.arange(len(words)), np.diff(found.starts)),
            found.values**2 * self._frequency[found.columns],
            len(words),
        )
        return Words(found, self._rarity(seen_in), Rows.of(letters))

    def _rarity(self, frequency: NDArray[Any]) -> Floats:
        """Inverse document frequency over concepts, with a floor: no word counts nothing."""
        return np.asarray(np.maximum(np.log((len(self.concepts) + 1) / (frequency + 0.5)), 0.1))

    def _counted(self, texts: Sequence[Sequence[str]]) -> sparse.csr_array:
        """Labels x words, 1 where a label has a word."""
        rows = [sorted({self._number[word] for word in words}) for words in texts]
        indices = np.array([word for row in rows for word in row], dtype=np.int32)
        indptr = np.cumsum([0, *map(len, rows)])
        return sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=(len(rows), len(self._number)))

    def _scores(self, asked: NDArray[np.int32], words: Words) -> Floats:
        """The score of every concept for one phrase, given as its words."""
        tables, n_words = self.tables, len(self._number)
        best, supported, groups = np.zeros(n_words), np.zeros(n_words), np.zeros(tables.n_groups)
        covered, whole = np.zeros(len(tables.shares.starts) - 1), np.zeros(len(self.concepts))
        presence = tables.shares._replace(values=np.ones(len(tables.shares.values)))
        for word in asked.tolist():
            pairs = slice(*words.like.starts[word : word + 2])
            likeness = np.zeros(n_words)
            likeness[words.like.columns[pairs]] = words.like.values[pairs]
            covered += words.rarity[word] * presence.most(likeness)
            whole += words.rarity[word] * tables.wholes.most(likeness)
            supported += words.rarity[word] * likeness
            best = np.maximum(best, likeness)
            pairs = slice(*words.letters.starts[word : word + 2])
            groups[words.letters.columns[pairs]] += words.letters.values[pairs]
        rarity = words.rarity[asked]
        coverage = np.sqrt(covered / rarity.sum() * tables.shares.total(best))
        scores = COVERAGE * np.maximum.reduceat(coverage, tables.first[:-1]) + WHOLE * whole / rarity.sum()
        scores += SUPPORT * tables.weights.total(supported) / np.sqrt(rarity @ rarity)
        cosines = presence.total(tables.spellings.total(groups)) / tables.label_lengths
        cosines /= np.sqrt(groups @ groups) or 1.0
        return np.asarray(np.round(scores + LETTERS * np.maximum.reduceat(cosines, tables.first[:-1]), DIGITS))


def _like_plain(units: Rows, own: NDArray[np.int32], tables: Tables) -> Rows:
    """What `nearness.like` gives."""
    found: list[Row] = []
    for i, number in enumerate(own):
        groups, pairs = np.zeros(tables.n_groups), slice(*units.starts[i : i + 2])
        groups[units.columns[pairs]] = units.values[pairs]
        dots = tables.spellings.total(groups) / tables.spelling_lengths
        near = np.flatnonzero(dots > ALIKE)
        likeness = np.where(near == number, 1.0, np.round(np.minimum(dots[near], 1.0), DIGITS))
        order = np.lexsort((near, -likeness))[:MOST_ALIKE]
        affordable = np.searchsorted(np.cumsum(tables.uses[near[order]]), MOST_LABELS, side="right")
        order = order[: max(1, int(affordable))]
        found.append((near[order].astype(np.int32), likeness[order]))
    return Rows.joined(found)


def _largest(shares: sparse.csr_array, concept_of: Whole, together: sparse.csr_array) -> Floats:
    """For each pair of concept and word in `together` the largest share of any of the concept's labels."""
    label_of = np.repeat(np.arange(shares.shape[0]), np.diff(shares.indptr))
    row_of = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
    width = shares.shape[1]
    at = np.searchsorted(row_of * width + together.indices, concept_of[label_of] * width + shares.indices)
    largest = np.zeros(together.nnz)
    np.maximum.at(largest, at, shares.data)
    return largest


def _in_parts(of_part: Callable[[Sequence[T]], R], items: Sequence[T]) -> list[R]:
    """What a function makes of consecutive parts of about equal size, by threads if there are several."""
    size = min(max(FEWEST_PER_TASK, ceil(len(items) / (cpu_count() or 1))), MOST_PER_TASK)
    parts = [items[start : start + size] for start in range(0, len(items), size)]
    if len(parts) < 2:
        return [of_part(part) for part in parts]
    with ThreadPoolExecutor(cpu_count()) as pool:
        return list(pool.map(of_part, parts))


def _unit(matrix: sparse.csr_array) -> sparse.csr_array:
    """Each row scaled to length 1; rows of zeros stay."""
    lengths = _lengths(matrix)
    return sparse.csr_array(sparse.diags_array(1 / np.where(lengths > 0, lengths, 1.0)) @ matrix)


def _lengths(matrix: sparse.csr_array) -> Floats:
    return np.asarray(np.sqrt(matrix.multiply(matrix).sum(axis=1)))
