"""Titles and texts as term vectors: what is compared where words, not told skills, speak of the work.

A term is the stem of a word or, with a linker, an occupation that the title may mean: `#` and its id. The occupations
are the pivot in which titles of other words and other languages meet. Openings stay short; what a query may mean
besides is added to the query alone: occupations that ask for the same skills, and words of like letters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from matching.letters import LikeWords
from matching.link import Linker
from matching.taxonomy import Taxonomy
from matching.text import stems
from matching.types import Opening, Profile

CONCEPT = "#"  # before the id of an occupation that stands among words
TITLE_COUNTS = 3.0
TEXT_SHARE = 0.6  # of the weight of the title, however long the text
# Together a title's occupations weigh this much of its words when it is a label of one, less the less it is like one:
# likeness, not the chance of being right, as a title of many meanings still means no other work.
CONCEPT_SHARE = 1.8
OCCUPATIONS = 10
# How fast less likely occupations fade. Sets of one right answer want more, those of many right answers less.
FADING = 5.0
# A common ISCO group or broader occupation says less of what is meant than common skills do.
STRUCTURE = 0.3
RELATED = 60
# A word of like letters takes the share of the weight that is its likeness to this power.
LIKENESS_POWER = 1.5
SPREAD_WORDS = 24
# A longer text is read as all its runs of few words, of which each may name an occupation.
LONGEST_PHRASE = 8
LONGEST_RUN = 3
MOST_RUNS = 200


class Vocabulary:
    """The terms of all openings, sorted, each with its number."""

    def __init__(self, terms: Sequence[str]) -> None:
        self.number: Mapping[str, int] = {term: number for number, term in enumerate(terms)}

    @cached_property
    def words(self) -> LikeWords:
        """The terms that are words, to be found by their letters."""
        return LikeWords({term: number for term, number in self.number.items() if not term.startswith(CONCEPT)})


def opening_terms(openings: Sequence[Opening], linker: Linker | None) -> list[dict[str, float]]:
    """The raw weight of every term of each opening, before inverse document frequency.

    Equal titles are linked once, so openings had best come by the thousands. A text is not linked: most of what an
    advert mentions is not what it is about.
    """
    titles = sorted({opening.title for opening in openings if opening.title})
    meant = dict(zip(titles, _meant([[title] for title in titles], linker), strict=True))
    result = []
    for opening in openings:
        words = _words(opening.title, " ".join([opening.text, *(need.phrase for need in opening.skills)]))
        occupations = meant.get(opening.title, {})
        if opening.occupation:
            occupations = {**occupations, opening.occupation: 1.0}
        result.append(words | _beside(_length(opening.title, words), occupations, _faded(occupations)))
    return result


def profile_terms(profile: Profile, linker: Linker | None) -> dict[str, float]:
    """The raw weight of every term of a profile; its occupations bring those that ask for the same skills.

    Her skills stay out of her words: a skill added would turn them away from other openings.
    """
    words = _words(profile.title, profile.text)
    if linker is None:
        return words
    occupations = _meant([[profile.title] if profile.title else _phrases(profile.text)], linker)[0]
    related = _related(_faded(occupations), linker.taxonomy)
    return words | _beside(_length(profile.title, words), occupations, related)


def query_vector(
    terms: Mapping[str, float], vocabulary: Vocabulary, idf: NDArray[np.float64], n_openings: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Term numbers, ascending, and weights of a query of length 1.

    Words that no opening has still count for the length: they are what she said and none asked for. The heaviest words
    bring words of like letters: inflections, compounds, slips, cognates (query expansion leaves documents short).
    """
    unseen = log(1 + n_openings) + 1
    weights: dict[int, float] = {}
    told: dict[str, float] = {}
    missing = 0.0
    for term, raw in terms.items():
        number = vocabulary.number.get(term)
        weight = raw * (unseen if number is None else float(idf[number]))
        if not term.startswith(CONCEPT):
            told[term] = weight
            missing += weight * weight if number is None else 0.0
        if number is not None:
            weights[number] = weight
    for word in sorted(told, key=lambda word: (-told[word], word))[:SPREAD_WORDS]:
        for number, likeness in vocabulary.words.like(word):
            weights[number] = max(told[word] * likeness**LIKENESS_POWER, weights.get(number, 0.0))
    numbers = np.array(sorted(weights), dtype=np.int32)
    values = np.array([weights[number] for number in numbers.tolist()], dtype=np.float64)
    return numbers, values / (sqrt(float(values @ values) + missing) or 1.0)


def _words(title: str, text: str) -> dict[str, float]:
    """Log counts of word stems in two fields: a word of the title counts three times.

    A text is shortened to its share of the title, so that long adverts do not drown what they are for (weighted fields,
    Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", section 3.6).
    """
    words = _log_counts(title, TITLE_COUNTS)
    in_text = _log_counts(text)
    share = min(1 / TITLE_COUNTS, TEXT_SHARE * _norm(words.values()) / _norm(in_text.values())) if words else 1.0
    for word, weight in in_text.items():
        words[word] = words.get(word, 0.0) + share * weight
    return words


def _log_counts(text: str, counts_as: float = 1.0) -> dict[str, float]:
    return {word: 1 + log(counts_as * count) for word, count in Counter(stems(text)).items()}


def _norm(weights: Iterable[float]) -> float:
    """The length of a vector; 1 for an empty one, so that it may divide."""
    return sqrt(sum(weight * weight for weight in weights)) or 1.0


def _length(title: str, words: Mapping[str, float]) -> float:
    """The length of the title's part of some words, of all of them where there is no title."""
    return _norm([words[word] for word in sorted(set(stems(title)))] or words.values())


def _meant(writings: Sequence[Sequence[str]], linker: Linker | None) -> list[dict[str, float]]:
    """For each writing, given as the phrases it may be read as, the likeliest occupations with their likeness."""
    if linker is None:
        return [{} for _ in writings]
    phrases = sorted({phrase for writing in writings for phrase in writing})
    alike = dict(zip(phrases, linker.alike(phrases, OCCUPATIONS), strict=True))
    result = []
    for writing in writings:
        best: dict[str, float] = {}
        for phrase in writing:
            for concept, likeness in alike[phrase]:
                best[concept] = max(likeness, best.get(concept, 0.0))
        likeliest = sorted(best, key=lambda concept: (-best[concept], concept))[:OCCUPATIONS]
        result.append({concept: best[concept] for concept in likeliest})
    return result


def _phrases(text: str) -> list[str]:
    """What of a text may name an occupation: all of it, or every run of few words when it is long."""
    words = text.split()
    if len(words) <= LONGEST_PHRASE:
        return [text] if words else []
    runs = [" ".join(words[at : at + n]) for at in range(len(words)) for n in range(1, LONGEST_RUN + 1)]
    return list(dict.fromkeys(runs))[:MOST_RUNS]


def _faded(occupations: Mapping[str, float]) -> dict[str, float]:
    """The weight of each occupation beside the likeliest."""
    top = max(occupations.values(), default=1.0)
    return {concept: (likeness / top) ** FADING for concept, likeness in occupations.items()}


def _related(weights: Mapping[str, float], taxonomy: Taxonomy) -> dict[str, float]:
    """Occupations with those near to them, each as heavy as all that leads to it."""
    related: dict[str, float] = defaultdict(float)
    for concept, weight in weights.items():
        shared = taxonomy.occupations_sharing_skills(concept)
        for other, nearness in taxonomy.occupations_like(concept).items():
            related[other] += weight * max(shared.get(other, 0.0), STRUCTURE * nearness if other != concept else 1.0)
    likeliest = sorted(related, key=lambda concept: (-related[concept], concept))[:RELATED]
    return {concept: related[concept] for concept in likeliest}


def _beside(length: float, occupations: Mapping[str, float], weights: Mapping[str, float]) -> dict[str, float]:
    """Terms for weighted occupations, together as long as their certainty allows beside words of this length."""
    scale = CONCEPT_SHARE * max(occupations.values(), default=0.0) * length / _norm(weights.values())
    return {f"{CONCEPT}{concept}": scale * weight for concept, weight in sorted(weights.items()) if weight > 0}
