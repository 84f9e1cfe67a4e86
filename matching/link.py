"""Free text to concepts: the very label first, then alike ones by character n-grams, re-ranked by edit similarity."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from matching.taxonomy import Taxonomy, TaxonomyError
from matching.text import canonical, canonical_words, title_forms
from matching.types import InvalidValue, Link

LINKED_KINDS = ("skill", "occupation")
NGRAMS = (3, 4)
NEARLY = 0.99
OTHER_NAME = 0.995  # the very label, but another concept's first name
RERANKED_CONCEPTS = 30
RECALLED_LABELS = 6  # for each concept that is re-ranked
# Shares of cosine, of word-order-free edit similarity, and of the support by a concept's other labels: chosen on
# job-title-similarity en, de, es and melo-slovene, where more of the latter two lowered MAP by up to .02.
COSINE, EDIT, SUPPORT = 0.85, 0.05, 0.1
BATCH = 256
LONGEST_SPOTTED = 6


@dataclass(frozen=True, slots=True)
class _Labels:
    """Labels of one kind of concept: their keys, the numbers of their concepts, and n-grams x labels."""

    keys: list[str]
    concepts: NDArray[np.int64]
    vectors: sparse.csr_matrix


class Linker:
    """Links phrases in any language to the concepts of a taxonomy.

    A concept is as near as its nearest label in any language, helped a little by its others: the taxonomy is the pivot
    between languages. Raises TaxonomyError when the taxonomy has no label.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self.aliases: dict[str, str] = {}
        self._ids = sorted(taxonomy.concepts)
        self._kinds = [taxonomy.concepts[concept_id].kind for concept_id in self._ids]
        concepts_of: dict[str, set[int]] = defaultdict(set)
        preferred_by: dict[str, set[int]] = defaultdict(set)
        for number, concept_id in enumerate(self._ids):
            for names in taxonomy.concepts[concept_id].labels.values():
                for rank, name in enumerate(names):
                    for form in title_forms(name):
                        if key := canonical(form):
                            concepts_of[key].add(number)
                            if rank == 0:
                                preferred_by[key].add(number)
        if not concepts_of:
            raise TaxonomyError("the taxonomy is empty: it has no label to link to")
        keys = sorted(concepts_of)
        self._exact = {key: tuple(sorted(concepts_of[key])) for key in keys}
        self._preferred_by = dict(preferred_by)
        self._vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=NGRAMS, sublinear_tf=True, dtype=np.float32, lowercase=False
        )
        vectors = self._vectorizer.fit_transform(keys)
        self._labels = {kind: self._labels_of(kind, keys, vectors) for kind in sorted(set(self._kinds))}

    def _labels_of(self, kind: str, keys: list[str], vectors: sparse.csr_matrix) -> _Labels:
        """The labels of one kind; a label that two concepts share stands for both."""
        pairs = [
            (row, number) for row, key in enumerate(keys) for number in self._exact[key] if self._kinds[number] == kind
        ]
        rows = [row for row, _ in pairs]
        return _Labels(
            [keys[row] for row in rows],
            np.array([number for _, number in pairs], dtype=np.int64),
            vectors[rows].T.tocsr(),
        )

    def learn(self, phrase: str, concept_id: str) -> None:
        """Keep a counsellor's correction: from now on the phrase means this concept."""
        if concept_id not in self.taxonomy:
            raise InvalidValue(f"concept_id: {concept_id!r} is not in the taxonomy")
        if key := canonical(phrase):
            self.aliases[key] = concept_id

    def link(self, phrases: Iterable[str], k: int = 5, kinds: Collection[str] = LINKED_KINDS) -> list[list[Link]]:
        """For each phrase at most k concepts of the given kinds, best first; none for a phrase without words.

        A title in several forms ("kuvar/kuvarica") is linked by its best form.
        """
        forms_of = [list(dict.fromkeys(filter(None, map(canonical, title_forms(phrase))))) for phrase in phrases]
        keys = sorted({key for forms in forms_of for key in forms})
        scores = dict(zip(keys, self._scores(keys, kinds, max(k, RERANKED_CONCEPTS)), strict=True))
        return [self._links([scores[key] for key in forms], k) for forms in forms_of]

    def spot(self, text: str) -> list[Link]:
        """The concepts whose very label stands in a running text, longest first where labels overlap."""
        words = canonical_words(text)
        found: dict[int, None] = {}
        start = 0
        while start < len(words):
            for length in range(min(LONGEST_SPOTTED, len(words) - start), 0, -1):
                if numbers := self._exact.get(" ".join(words[start : start + length])):
                    found.update(dict.fromkeys(numbers))
                    start += length - 1
                    break
            start += 1
        return [Link(self._ids[n], self.taxonomy.label(self._ids[n]), 1.0) for n in found]

    def _links(self, per_form: list[dict[int, float]], k: int) -> list[Link]:
        best: dict[int, float] = {}
        for scores in per_form:
            for number, score in scores.items():
                best[number] = max(score, best.get(number, 0.0))
        order = sorted(best, key=lambda number: (-best[number], number))[:k]
        return [Link(self._ids[n], self.taxonomy.label(self._ids[n]), best[n]) for n in order]

    def _scores(self, keys: Sequence[str], kinds: Collection[str], wanted: int) -> Iterator[dict[int, float]]:
        """Concept number -> score for each canonical phrase."""
        labels = [self._labels[kind] for kind in sorted(kinds) if kind in self._labels]
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            vectors = self._vectorizer.transform(batch)
            found = [(vectors @ some.vectors).tocsr() for some in labels]
            for i, key in enumerate(batch):
                scores: dict[int, float] = {}
                for some, cosines in zip(labels, found, strict=True):
                    span = slice(cosines.indptr[i], cosines.indptr[i + 1])
                    scores |= _rerank(key, some, cosines.indices[span], cosines.data[span], wanted)
                scores |= self._exact_scores(key, kinds)
                alias = self.aliases.get(key)
                if alias and self.taxonomy.concepts[alias].kind in kinds:
                    # A correction also outranks the concepts that carry the very label.
                    scores = {number: min(score, NEARLY) for number, score in scores.items()}
                    scores[bisect_left(self._ids, alias)] = 1.0
                yield scores

    def _exact_scores(self, key: str, kinds: Collection[str]) -> dict[int, float]:
        """The concepts that carry the very label; those that it is the first name of come before the others."""
        holders = [number for number in self._exact.get(key, ()) if self._kinds[number] in kinds]
        first = self._preferred_by.get(key, set()).intersection(holders)
        return {number: 1.0 if number in first or not first else OTHER_NAME for number in holders}


def _rerank(
    key: str, labels: _Labels, rows: NDArray[np.int32], cosines: NDArray[np.float32], wanted: int
) -> dict[int, float]:
    """Scores of the concepts whose labels are most alike by n-grams."""
    recalled = RECALLED_LABELS * wanted
    if len(rows) > recalled:
        keep = cosines >= -np.partition(-cosines, recalled)[recalled]
        rows, cosines = rows[keep], cosines[keep]
    order = np.lexsort((rows, -cosines))
    alike: dict[int, list[tuple[str, float]]] = {}
    for row, cosine in zip(rows[order].tolist(), cosines[order].tolist(), strict=True):
        number = int(labels.concepts[row])
        if number in alike or len(alike) < wanted:
            alike.setdefault(number, []).append((labels.keys[row], cosine))
    scores = {}
    for number, found in alike.items():
        edit = max(fuzz.token_sort_ratio(key, name) for name, _ in found[:3]) / 100
        support = sum(cosine for _, cosine in found[:5]) / 5
        # Below 1: only the very label is certain.
        scores[number] = round(min(NEARLY, COSINE * found[0][1] + EDIT * edit + SUPPORT * support), 6)
    return scores
