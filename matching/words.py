"""Titles and texts as term vectors: what is compared where words, not told skills, speak of the work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.link import Linker
from matching.text import stems
from matching.types import Opening, Profile

TITLE_COUNTS = 3.0


class Vocabulary:
    """The terms of all openings, sorted, each with its number."""

    def __init__(self, terms: Sequence[str]) -> None:
        self.number: Mapping[str, int] = {term: number for number, term in enumerate(terms)}


def opening_terms(openings: Sequence[Opening], linker: Linker | None) -> list[dict[str, float]]:
    """The raw weight of every term of each opening, before inverse document frequency."""
    return [
        _terms(opening.title, " ".join([opening.text, *(need.phrase for need in opening.skills)]))
        for opening in openings
    ]


def profile_terms(profile: Profile, linker: Linker | None) -> dict[str, float]:
    """The raw weight of every term of a profile.

    Her skills stay out of her words: a skill added would turn them away from other openings.
    """
    return _terms(profile.title, profile.text)


def query_vector(
    terms: Mapping[str, float], vocabulary: Vocabulary, idf: NDArray[np.float64], n_openings: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Term numbers and weights of a query of length 1.

    Words that no opening has still count for the length: they are what she said and none asked for.
    """
    unseen = np.log(1 + n_openings) + 1
    numbers, weights, length = [], [], 0.0
    for term, raw in terms.items():
        number = vocabulary.number.get(term)
        weight = raw * (unseen if number is None else float(idf[number]))
        length += weight * weight
        if number is not None:
            numbers.append(number)
            weights.append(weight)
    return np.array(numbers, dtype=np.int32), np.array(weights) / np.sqrt(length or 1.0)


def _terms(title: str, text: str) -> dict[str, float]:
    """Log counts of word stems; the title counts three times."""
    counts: dict[str, float] = defaultdict(float)
    for word in stems(text):
        counts[word] += 1.0
    for word in stems(title):
        counts[word] += TITLE_COUNTS
    return {word: 1 + float(np.log(count)) for word, count in counts.items()}
