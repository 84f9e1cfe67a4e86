"""The compiled form of `LabelIndex`: words alike by postings of their letter groups, concepts by those of such words.

A phrase's concepts are estimated first, by one pass over the concepts of its words and of those alike; the best by the
estimate are then scored from their labels. What only chooses is computed in single precision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matching.labels import Rows, Tables, Words

Array = NDArray[Any]

BINS = 512  # of the estimates, to find the best ones in one pass
BLOCK = 16  # words looked at together
# What single precision may be wrong by.
SLACK = 1e-4


class Pairs(NamedTuple):
    """The words of one phrase with those that each is like, as a list per word of labels; -1 ends a list.

    `of_word` is words x 2: the first pair and, beside what is read with it, what the word adds to the letters of its
    labels; -1 for none or unknown.
    """

    of_word: Array
    following: Array
    asked: Array  # place in the phrase
    likeness: Array


def like(units: Rows, own: NDArray[np.int32], tables: Tables) -> Rows:
    """The words of labels most alike to each of some words, at most MOST_ALIKE, by falling likeness.

    units: words x letter groups, of length 1; own: the words' own numbers, -1 for none.
    """
    from matching.labels import ALIKE, MOST_ALIKE, MOST_LABELS, Rows

    kernel: Any = _like
    return Rows(*kernel(units, own, tables, ALIKE, MOST_ALIKE, MOST_LABELS))


def nearest(
    asked: Rows, words: Words, tables: Tables, wanted: int, candidates: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Rows of concepts and their scores, phrases x wanted, by falling score; -1 where there are fewer."""
    from matching.labels import COVERAGE, LETTERS, SUPPORT, WHOLE

    kernel: Any = _nearest
    found: tuple[NDArray[np.int32], NDArray[np.float64]]
    shares = np.array((LETTERS, COVERAGE, WHOLE, SUPPORT))
    found = kernel(asked, words, tables, shares, wanted, max(wanted, candidates))
    return found


@njit(cache=True, nogil=True)
def _insert(rows: Array, scores: Array, count: int, row: int, score: float) -> int:
    """Keep (row, score) among the first places, best first, equal scores by row; returns how many are kept."""
    score = np.rint(score * 1e9) / 1e9
    place = count
    while place > 0 and (scores[place - 1] < score or (scores[place - 1] == score and rows[place - 1] > row)):
        place -= 1
    if place >= len(rows):
        return count
    last = min(count, len(rows) - 1)
    for i in range(last, place, -1):
        rows[i] = rows[i - 1]
        scores[i] = scores[i - 1]
    rows[place] = row
    scores[place] = score
    return min(count + 1, len(rows))


@njit(cache=True, nogil=True)
def _like(units: Rows, own: Array, tables: Tables, least: float, most: int, most_labels: int) -> Any:
    n_words, n_others = len(own), len(tables.uses)
    starts = np.zeros(n_words + 1, np.int64)
    found, likeness = np.empty(n_words * most, np.int32), np.zeros(n_words * most)
    dots = np.zeros((n_others // BLOCK + 1) * BLOCK, np.float32)
    groups = np.zeros(tables.n_groups)
    about = np.float32(least - SLACK)
    total = 0
    for word in range(n_words):
        for at in range(units.starts[word], units.starts[word + 1]):
            group, value = units.columns[at], np.float32(units.values[at])
            groups[group] = units.values[at]
            for post in range(tables.spelled.starts[group], tables.spelled.starts[group + 1]):
                dots[tables.spelled.columns[post]] += value * tables.spelled.values[post]
        rows, values, count = found[total : total + most], likeness[total : total + most], 0
        for block in range(0, len(dots), BLOCK):
            any_near = 0
            for other in range(block, block + BLOCK):
                any_near += dots[other] > about
            if any_near:
                for other in range(block, block + BLOCK):
                    if dots[other] > about and (count < most or dots[other] > values[count - 1] - SLACK):
                        dot = _drawn(tables.spellings, other, groups) / tables.spelling_lengths[other]
                        if dot > least:
                            count = _insert(rows, values, count, other, 1.0 if other == own[word] else min(dot, 1.0))
        dots[:] = 0
        for at in range(units.starts[word], units.starts[word + 1]):
            groups[units.columns[at]] = 0.0
        labels = kept = 0
        while kept < count:
            labels += tables.uses[rows[kept]]
            if kept > 0 and labels > most_labels:
                break
            kept += 1
        total += kept
        starts[word + 1] = total
    return starts, found[:total].copy(), likeness[:total].copy()


@njit(cache=True, nogil=True, inline="always")
def _drawn(rows: Rows, row: int, of_column: Array) -> float:
    """The sum of products of a row's values and the columns' own."""
    total = 0.0
    for at in range(rows.starts[row], rows.starts[row + 1]):
        total += rows.values[at] * of_column[rows.columns[at]]
    return total


@njit(cache=True, nogil=True)
def _nearest(asked: Rows, words: Words, tables: Tables, shares: Array, wanted: int, candidates: int) -> Any:
    n_phrases, n_concepts, n_words = len(asked.starts) - 1, len(tables.first) - 1, len(tables.uses)
    found = np.full((n_phrases, wanted), -1, np.int32)
    found_scores = np.full((n_phrases, wanted), -np.inf)
    estimates, touched = np.zeros((n_concepts, 4), np.float32), np.empty(n_concepts, np.int32)
    chosen, values = np.empty(n_concepts, np.int32), np.empty(n_concepts, np.float32)
    of_word, groups = np.full((n_words, 2), -1.0), np.zeros(tables.n_groups)
    step = 0
    for phrase in range(n_phrases):
        own = asked.columns[asked.starts[phrase] : asked.starts[phrase + 1]]
        rarity = words.rarity[own]
        total, length = rarity.sum(), np.sqrt((rarity * rarity).sum())
        n_touched = _estimate(own, words, tables, estimates, touched, step)
        step += len(own)
        n_chosen = _choose(estimates, touched[:n_touched], shares, total, length, candidates, values, chosen)
        pairs = _paired(own, words, of_word)
        squares = _spell(own, words.letters, groups, 1.0)
        count, most = 0, np.zeros(len(own))
        for i in range(n_chosen):
            concept = chosen[i]
            nearest, coverage = _labels(concept, tables, pairs, rarity, most, groups)
            whole, support = _together(concept, tables, pairs, rarity, most)
            score = shares[1] * np.sqrt(coverage / total) + shares[2] * whole / total + shares[3] * support / length
            score += shares[0] * nearest / np.sqrt(squares) if squares > 0 else 0.0
            count = _insert(found[phrase], found_scores[phrase], count, concept, score)
        # Leave everything as it was before.
        _spell(own, words.letters, groups, 0.0)
        for word in own:
            for at in range(words.like.starts[word], words.like.starts[word + 1]):
                of_word[words.like.columns[at], 0] = -1.0
        for i in range(n_chosen):
            for label in range(tables.first[chosen[i]], tables.first[chosen[i] + 1]):
                for at in range(tables.shares.starts[label], tables.shares.starts[label + 1]):
                    of_word[tables.shares.columns[at], 1] = -1.0
    return found, found_scores


@njit(cache=True, nogil=True)
def _estimate(own: Array, words: Words, tables: Tables, estimates: Array, touched: Array, step: int) -> int:
    """For each concept of a phrase's words how much of it they cover, how much of a label and how alike the weights."""
    begin, n_touched = np.float32(step + 1), 0
    for i in range(len(own)):
        word, now = own[i], np.float32(step + 1 + i)
        rarity = np.float32(words.rarity[word])
        for pair in range(words.like.starts[word], words.like.starts[word + 1]):
            column, alike = words.like.columns[pair], np.float32(words.like.values[pair])
            shown = rarity * alike
            for post in range(tables.holders.starts[column], tables.holders.starts[column + 1]):
                concept = tables.holders.columns[post]
                cell = estimates[concept]
                if cell[3] < now:  # the first is the most alike
                    if cell[3] < begin:
                        touched[n_touched] = concept
                        n_touched += 1
                        cell[0] = cell[1] = cell[2] = np.float32(0)
                    cell[0] += shown
                    cell[3] = now
                cell[1] += alike * tables.holders.values[post]
                cell[2] += shown * tables.held_weights[post]
    return n_touched


@njit(cache=True, nogil=True)
def _choose(
    estimates: Array,
    touched: Array,
    shares: Array,
    total: float,
    length: float,
    most: int,
    values: Array,
    chosen: Array,
) -> int:
    """The `most` concepts that the estimate puts first, and those that are equal or nearly so."""
    counts = np.zeros(BINS, np.int64)
    by_total, by_length = np.float32(1 / total), np.float32(shares[3] / length)
    coverage, whole, one = np.float32(shares[1]), np.float32(shares[2]), np.float32(1)
    for i in range(len(touched)):
        cell = estimates[touched[i]]
        covered = min(cell[0] * by_total, one)
        values[i] = coverage * np.sqrt(covered * min(cell[1], one)) + whole * covered + by_length * cell[2]
        counts[min(int(values[i] * np.float32(BINS)), BINS - 1)] += 1
    least, above = BINS - 1, counts[BINS - 1]
    while above < most and least > 0:
        least -= 1
        above += counts[least]
    n_chosen = 0
    for i in range(len(touched)):
        if int(values[i] * np.float32(BINS)) >= least:
            chosen[n_chosen] = touched[i]
            n_chosen += 1
    return n_chosen


@njit(cache=True, nogil=True)
def _paired(own: Array, words: Words, of_word: Array) -> Pairs:
    """The pairs of a phrase."""
    n_pairs = 0
    for word in own:
        n_pairs += words.like.starts[word + 1] - words.like.starts[word]
    pairs = Pairs(of_word, np.empty(n_pairs, np.int64), np.empty(n_pairs, np.int64), np.empty(n_pairs))
    pair = 0
    for i in range(len(own)):
        for at in range(words.like.starts[own[i]], words.like.starts[own[i] + 1]):
            column = words.like.columns[at]
            pairs.following[pair], pairs.asked[pair] = np.int64(of_word[column, 0]), i
            pairs.likeness[pair] = words.like.values[at]
            of_word[column, 0] = pair
            pair += 1
    return pairs


@njit(cache=True, nogil=True)
def _spell(own: Array, letters: Rows, groups: Array, times: float) -> float:
    """Write how often a phrase has each letter group, times their rarity; the square of their length."""
    squares = 0.0
    for word in own:
        for at in range(letters.starts[word], letters.starts[word + 1]):
            before = groups[letters.columns[at]]
            after = times * (before + letters.values[at])
            groups[letters.columns[at]] = after
            squares += after**2 - before**2
    return squares


@njit(cache=True, nogil=True)
def _labels(
    concept: int, tables: Tables, pairs: Pairs, rarity: Array, most: Array, groups: Array
) -> tuple[float, float]:
    """The nearest of a concept's labels by letters, and the greatest product of covered phrase and covered label."""
    nearest = coverage = 0.0
    for label in range(tables.first[concept], tables.first[concept + 1]):
        covered = covering = dot = 0.0
        for at in range(tables.shares.starts[label], tables.shares.starts[label + 1]):
            column, best = tables.shares.columns[at], 0.0
            cell = pairs.of_word[column]
            if cell[1] < 0:
                cell[1] = _drawn(tables.spellings, column, groups)
            dot += cell[1]
            pair = np.int64(cell[0])
            while pair >= 0:
                word, likeness = pairs.asked[pair], pairs.likeness[pair]
                best = max(best, likeness)
                if likeness > most[word]:
                    covered += rarity[word] * (likeness - most[word])
                    most[word] = likeness
                pair = pairs.following[pair]
            covering += best * tables.shares.values[at]
        nearest = max(nearest, dot / tables.label_lengths[label])
        if covered > 0:
            coverage = max(coverage, covered * covering)
            most[:] = 0.0
    return nearest, coverage


@njit(cache=True, nogil=True)
def _together(concept: int, tables: Tables, pairs: Pairs, rarity: Array, most: Array) -> tuple[float, float]:
    """How far all labels of a concept together cover the phrase, and the sum over what both have of their weights."""
    whole = support = 0.0
    for at in range(tables.wholes.starts[concept], tables.wholes.starts[concept + 1]):
        pair = np.int64(pairs.of_word[tables.wholes.columns[at], 0])
        while pair >= 0:
            word, likeness = pairs.asked[pair], pairs.likeness[pair]
            shown = likeness * tables.wholes.values[at]
            if shown > most[word]:
                whole += rarity[word] * (shown - most[word])
                most[word] = shown
            support += rarity[word] * likeness * tables.weights.values[at]
            pair = pairs.following[pair]
    most[:] = 0.0
    return whole, support
