"""Free text to concepts: the very label first, then alike ones by character n-grams, re-ranked by edit similarity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from sklearn.feature_extraction.text import TfidfVectorizer

from matching.taxonomy import Taxonomy, TaxonomyError
from matching.text import canonical, canonical_words, title_forms
from matching.types import InvalidValue, Link

LINKED_KINDS = ("skill", "occupation")
RECALLED_LABELS = 200
RERANKED_CONCEPTS = 30
# Shares of cosine, of word-order-free edit similarity, and of the support by a concept's other labels.
COSINE, EDIT, SUPPORT = 0.6, 0.25, 0.15
BATCH = 256
LONGEST_SPOTTED = 6


class Linker:
    """Links phrases in any language to the concepts of a taxonomy.

    A concept is as near as its nearest label in any language, helped a little by its others: the taxonomy is the pivot
    between languages. Raises TaxonomyError when the taxonomy has no label.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self.aliases: dict[str, str] = {}
        self._ids = sorted(taxonomy.concepts)
        self._kinds = np.array([taxonomy.concepts[concept_id].kind for concept_id in self._ids], dtype=object)
        concepts_of: dict[str, set[int]] = defaultdict(set)
        for number, concept_id in enumerate(self._ids):
            for names in taxonomy.concepts[concept_id].labels.values():
                for name in names:
                    for form in title_forms(name):
                        if key := canonical(form):
                            concepts_of[key].add(number)
        if not concepts_of:
            raise TaxonomyError("the taxonomy is empty: it has no label to link to")
        keys = sorted(concepts_of)
        self._exact = {key: tuple(sorted(concepts_of[key])) for key in keys}
        # One row per (label, concept): a label that two concepts share stands for both.
        self._row_key = [key for key in keys for _ in concepts_of[key]]
        self._row_concept = np.array([number for key in keys for number in self._exact[key]], dtype=np.int64)
        self._vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32, lowercase=False
        )
        self._labels = self._vectorizer.fit_transform(self._row_key).T.tocsr()

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
        allowed = np.isin(self._kinds, list(kinds))
        keys = sorted({key for forms in forms_of for key in forms})
        scores = dict(zip(keys, self._scores(keys, allowed), strict=True))
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

    def _scores(self, keys: Sequence[str], allowed: NDArray[np.bool_]) -> Iterator[dict[int, float]]:
        """Concept number -> score for each canonical phrase."""
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            similarities = (self._vectorizer.transform(batch) @ self._labels).tocsr()
            for i, key in enumerate(batch):
                span = slice(similarities.indptr[i], similarities.indptr[i + 1])
                scores = self._rerank(key, similarities.indices[span], similarities.data[span], allowed)
                for number in self._exact.get(key, ()):
                    if allowed[number]:
                        scores[number] = 1.0
                if key in self.aliases:
                    number = self._ids.index(self.aliases[key])
                    # A correction also outranks the concepts that carry the very label.
                    scores = {n: min(score, 0.99) for n, score in scores.items()}
                    if allowed[number]:
                        scores[number] = 1.0
                yield scores

    def _rerank(
        self, key: str, rows: NDArray[np.int32], cosines: NDArray[np.float32], allowed: NDArray[np.bool_]
    ) -> dict[int, float]:
        keep = allowed[self._row_concept[rows]]
        rows, cosines = rows[keep], cosines[keep]
        order = np.lexsort((rows, -cosines))[:RECALLED_LABELS]
        labels: dict[int, list[tuple[str, float]]] = {}
        for row, cosine in zip(rows[order].tolist(), cosines[order].tolist(), strict=True):
            number = int(self._row_concept[row])
            if number in labels or len(labels) < RERANKED_CONCEPTS:
                labels.setdefault(number, []).append((self._row_key[row], cosine))
        scores = {}
        for number, found in labels.items():
            cosine = found[0][1]
            edit = max(fuzz.token_sort_ratio(key, name) for name, _ in found[:3]) / 100
            support = sum(cosine for _, cosine in found[:5]) / 5
            # Below 1: only the very label is certain.
            scores[number] = round(min(0.99, COSINE * cosine + EDIT * edit + SUPPORT * support), 6)
        return scores
