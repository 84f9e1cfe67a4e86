"""The compiled form of `LabelIndex`: words alike by postings of their letter groups, scores by those of such words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matching.labels import Batch, LabelIndex, Rows


def alike(
    grams: Rows, own: NDArray[np.int32], postings: Rows, uses: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]:
    """Numbers and likeness of the words most alike to each of some words, words x MOST_ALIKE, and how many they are.

    grams: words x letter groups, of length 1; own: the words' own numbers, -1 for none; postings: letter groups x
    words; uses: labels that have each word.
    """
    from matching.labels import ALIKE, MOST_ALIKE, MOST_LABELS

    kernel: Any = _alike
    found: tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]
    found = kernel(*_arrays(grams), own, *_arrays(postings), uses, ALIKE, MOST_ALIKE, MOST_LABELS)
    return found


def nearest(
    index: LabelIndex, batch: Batch, wanted: int, candidates: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Concept numbers and scores, phrases x wanted, by falling score; -1 where there are fewer."""
    from matching.labels import COVERAGE, LETTERS, SUPPORT, WHOLE

    kernel: Any = _nearest
    rows, scores = kernel(
        *_arrays(batch.phrases)[:2],
        *_arrays(batch.alike),
        *_arrays(batch.grams),
        batch.rarity,
        *_arrays(index.by_word.labels),
        *_arrays(index.by_word.shares),
        index.by_word.weights.values,
        index.rarity,
        index.label_concept,
        np.append(index.first, len(index.label_concept)),
        *_arrays(index.label_grams),
        len(index.gram_rarity),
        np.array((LETTERS, COVERAGE, WHOLE, SUPPORT)),
        wanted,
        min(candidates, len(index.concepts)),
    )
    return np.where(rows >= 0, index.concepts[rows], -1).astype(np.int32), scores


def _arrays(rows: Any) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    return rows.indptr, rows.words, rows.values


@njit(cache=True, nogil=True)
def _insert(rows: Any, scores: Any, count: int, row: int, score: float) -> int:
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
def _alike(
    gram_ptr: Any,
    grams: Any,
    gram_values: Any,
    own: Any,
    posting_ptr: Any,
    postings: Any,
    posting_values: Any,
    uses: Any,
    least: float,
    most: int,
    most_labels: int,
) -> Any:
    n_words = len(own)
    found, likeness = np.empty((n_words, most), np.int32), np.zeros((n_words, most))
    counts = np.zeros(n_words, np.int64)
    dots, touched = np.zeros(len(uses)), np.empty(len(uses), np.int32)
    for word in range(n_words):
        n_touched = count = 0
        for at in range(gram_ptr[word], gram_ptr[word + 1]):
            gram, value = grams[at], gram_values[at]
            for post in range(posting_ptr[gram], posting_ptr[gram + 1]):
                other = postings[post]
                if dots[other] == 0.0:
                    touched[n_touched] = other
                    n_touched += 1
                dots[other] += value * posting_values[post]
        for i in range(n_touched):
            other = touched[i]
            dot = 1.0 if other == own[word] else min(dots[other], 1.0)
            dots[other] = 0.0
            if dot > least and (count < most or dot >= likeness[word, count - 1] - 1e-9):
                count = _insert(found[word], likeness[word], count, other, dot)
        labels = 0
        for i in range(count):
            labels += uses[found[word, i]]
            if i > 0 and labels > most_labels:
                break
            counts[word] = i + 1
    return found, likeness, counts


@njit(cache=True, nogil=True)
def _nearest(
    phrase_ptr: Any,
    phrase_words: Any,
    alike_ptr: Any,
    alike: Any,
    likeness: Any,
    gram_ptr: Any,
    grams: Any,
    gram_values: Any,
    query_rarity: Any,
    label_ptr: Any,
    labels: Any,
    label_share: Any,
    concept_ptr: Any,
    concepts: Any,
    concept_share: Any,
    concept_weight: Any,
    rarity: Any,
    concept_of: Any,
    first: Any,
    letter_ptr: Any,
    letters: Any,
    letter_values: Any,
    n_grams: int,
    shares: Any,
    wanted: int,
    candidates: int,
) -> Any:
    n_phrases, n_labels, n_concepts = len(phrase_ptr) - 1, len(concept_of), len(first) - 1
    found = np.full((n_phrases, wanted), -1, np.int32)
    found_scores = np.zeros((n_phrases, wanted))
    # Scratch: what one label or concept needs lies together. Stale values are known by the step in which they were
    # written, so nothing is cleared.
    best, gram_of = np.zeros(len(label_ptr) - 1), np.zeros(n_grams)
    of_label = np.full((n_labels, 4), -1.0)  # covered of the phrase, of the label, the present word's best, its step
    of_concept = np.full((n_concepts, 5), -1.0)  # whole, support, nearest label, the present word's best, its step
    touched, touched_concepts = np.empty(n_labels, np.int32), np.empty(n_concepts, np.int32)
    rows, scores = np.empty(candidates, np.int32), np.empty(candidates)
    step = 0
    for phrase in range(n_phrases):
        n_touched = n_concepts_touched = 0
        total = squares = 0.0
        begin = step
        for at in range(phrase_ptr[phrase], phrase_ptr[phrase + 1]):
            word = phrase_words[at]
            weight = query_rarity[word]
            total += weight
            squares += weight * weight
            for pair in range(alike_ptr[word], alike_ptr[word + 1]):
                other, alikeness = alike[pair], likeness[pair]
                gain = max(alikeness - best[other], 0.0)
                best[other] = max(best[other], alikeness)
                for post in range(label_ptr[other], label_ptr[other + 1]):
                    label = labels[post]
                    cell = of_label[label]
                    if cell[3] < step:
                        if cell[3] < begin:
                            touched[n_touched] = label
                            n_touched += 1
                            cell[0] = cell[1] = 0.0
                        cell[2], cell[3] = 0.0, step
                    if alikeness > cell[2]:
                        cell[0] += weight * (alikeness - cell[2])
                        cell[2] = alikeness
                    cell[1] += label_share[post] * gain
                for post in range(concept_ptr[other], concept_ptr[other + 1]):
                    concept = concepts[post]
                    cell = of_concept[concept]
                    if cell[4] < step:
                        if cell[4] < begin:
                            touched_concepts[n_concepts_touched] = concept
                            n_concepts_touched += 1
                            cell[0] = cell[1] = cell[2] = 0.0
                        cell[3], cell[4] = 0.0, step
                    shown = alikeness * concept_share[post]
                    if shown > cell[3]:
                        cell[0] += weight * (shown - cell[3])
                        cell[3] = shown
                    cell[1] += weight * alikeness * concept_weight[post]
            step += 1
        for at in range(phrase_ptr[phrase], phrase_ptr[phrase + 1]):
            for pair in range(alike_ptr[phrase_words[at]], alike_ptr[phrase_words[at] + 1]):
                best[alike[pair]] = 0.0
        for i in range(n_touched):
            coverage = of_label[touched[i], 0] * of_label[touched[i], 1]
            if coverage > of_concept[concept_of[touched[i]], 2]:
                of_concept[concept_of[touched[i]], 2] = coverage
        count = 0
        for i in range(n_concepts_touched):
            cell = of_concept[touched_concepts[i]]
            score = shares[1] * np.sqrt(cell[2] / total) + shares[2] * cell[0] / total
            score += shares[3] * cell[1] / np.sqrt(squares)
            if count < candidates or score >= scores[count - 1] - 1e-9:
                count = _insert(rows, scores, count, touched_concepts[i], score)
        squares = 0.0
        for at in range(phrase_ptr[phrase], phrase_ptr[phrase + 1]):
            for pair in range(gram_ptr[phrase_words[at]], gram_ptr[phrase_words[at] + 1]):
                before = gram_of[grams[pair]]
                gram_of[grams[pair]] = before + gram_values[pair]
                squares += gram_of[grams[pair]] ** 2 - before**2
        kept = 0
        for i in range(count):
            nearest_letters = 0.0
            for label in range(first[rows[i]], first[rows[i] + 1]):
                dot = 0.0
                for pair in range(letter_ptr[label], letter_ptr[label + 1]):
                    dot += letter_values[pair] * gram_of[letters[pair]]
                nearest_letters = max(nearest_letters, dot)
            score = scores[i] + (shares[0] * nearest_letters / np.sqrt(squares) if squares > 0 else 0.0)
            kept = _insert(found[phrase], found_scores[phrase], kept, rows[i], score)
        for at in range(phrase_ptr[phrase], phrase_ptr[phrase + 1]):
            for pair in range(gram_ptr[phrase_words[at]], gram_ptr[phrase_words[at] + 1]):
                gram_of[grams[pair]] = 0.0
    return found, found_scores
