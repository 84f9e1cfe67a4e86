"""Free text to concepts: the very label first, then those whose words are alike, with the chance of being right."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.calibration import chances
from matching.labels import CANDIDATES, LabelIndex
from matching.taxonomy import Taxonomy, TaxonomyError
from matching.text import PHRASE_LIMIT, canonical, canonical_words, title_forms, without_asides
from matching.types import InvalidValue, Link

LINKED_KINDS = ("skill", "occupation")
NEARLY = 0.99  # the most that anything but the very label or a correction is worth
# What carrying the very label adds to a raw score: as first name, as another name. The latter was fitted as 0.01 on
# melo-slovene and as -0.08 on skill-spans-dev: it only keeps such concepts before their likes.
AS_FIRST_NAME, AS_OTHER_NAME = 0.5, 0.03
OTHER_NAME = 0.995  # likeness of a concept that has the very label, but not as its first name
LONGEST_SPOTTED = 6

_SEVERAL_FORMS = re.compile(r"[/(\[]")

Chances = Mapping[int, float]


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
        self._names = [taxonomy.label(concept_id) for concept_id in self._ids]
        holders: dict[str, set[int]] = defaultdict(set)
        first_holders: dict[str, set[int]] = defaultdict(set)
        labels: dict[str, list[tuple[int, list[str]]]] = defaultdict(list)
        for number, concept_id in enumerate(self._ids):
            keys: dict[str, None] = {}
            for names in taxonomy.concepts[concept_id].labels.values():
                for rank, name in enumerate(names):
                    for form in title_forms(name):
                        if key := canonical(form):
                            keys[key] = None
                            if rank == 0:
                                first_holders[key].add(number)
            for key in sorted(keys):
                holders[key].add(number)
                labels[self._kinds[number]].append((number, key.split()))
        if not holders:
            raise TaxonomyError("the taxonomy is empty: it has no label to link to")
        self._holders = {key: tuple(sorted(numbers)) for key, numbers in holders.items()}
        self._first_holders = {key: tuple(sorted(numbers)) for key, numbers in first_holders.items()}
        self._labels = {kind: LabelIndex(labels[kind]) for kind in sorted(labels)}

    def learn(self, phrase: str, concept_id: str) -> None:
        """Keep a counsellor's correction: from now on the phrase means this concept."""
        if concept_id not in self.taxonomy:
            raise InvalidValue(f"concept_id: {concept_id!r} is not in the taxonomy")
        if key := canonical(phrase):
            self.aliases[key] = concept_id

    def link(self, phrases: Iterable[str], k: int = 5, kinds: Collection[str] = LINKED_KINDS) -> list[list[Link]]:
        """For each phrase at most k concepts of the given kinds, best first; none for a phrase without words.

        A title in several forms ("kuvar/kuvarica") is linked by its best form. A link's score is the chance that it is
        right among the concepts of its kind; 1 is a concept's first name, or a correction.
        """
        forms_of = [_forms(phrase) for phrase in phrases]
        keys = sorted({key for forms in forms_of for key in forms})
        scores = dict(zip(keys, self._chances(keys, frozenset(kinds), k), strict=True))
        best = [_best([scores[key] for key in forms], k) for forms in forms_of]
        return [[Link(self._ids[n], self._names[n], score) for n, score in some] for some in best]

    def alike(self, phrases: Iterable[str], k: int = 10, kind: str = "occupation") -> list[list[tuple[str, float]]]:
        """For each phrase the ids of at most k concepts of one kind with their likeness, 0 to 1, best first.

        Likeness says how near the words are, not how likely the concept is meant: several may be very near. First names
        and corrections are 1.
        """
        forms_of = [_forms(phrase) for phrase in phrases]
        keys = sorted({key for forms in forms_of for key in forms})
        found = {key: dict[int, float]() for key in keys}
        if kind in self._labels:
            near = self._labels[kind].near([key.split() for key in keys], max(k, CANDIDATES))
            for key, some in zip(keys, _by_number(near.concepts, np.minimum(near.scores, NEARLY)), strict=True):
                found[key] = some
                found[key] |= dict.fromkeys(self._of_kind(self._holders.get(key, ()), kind), OTHER_NAME)
                found[key] |= dict.fromkeys(self._of_kind(self._first_holders.get(key, ()), kind), 1.0)
        for key, concept_id in self.aliases.items():
            if key in found and self.taxonomy.concepts[concept_id].kind == kind:
                found[key][bisect_left(self._ids, concept_id)] = 1.0
        return [[(self._ids[n], score) for n, score in _best([found[key] for key in forms], k)] for forms in forms_of]

    def spot(self, text: str) -> list[Link]:
        """The concepts whose very label stands in a running text, longest first where labels overlap."""
        words = canonical_words(text)
        found: dict[int, None] = {}
        start = 0
        while start < len(words):
            for length in range(min(LONGEST_SPOTTED, len(words) - start), 0, -1):
                if numbers := self._holders.get(" ".join(words[start : start + length])):
                    found.update(dict.fromkeys(numbers))
                    start += length - 1
                    break
            start += 1
        return [Link(self._ids[n], self._names[n], 1.0) for n in found]

    def _chances(self, keys: Sequence[str], kinds: Collection[str], k: int) -> list[Chances]:
        """Concept number -> chance, for each canonical phrase."""
        found: list[dict[int, float]] = [{} for _ in keys]
        for kind in sorted(kinds & self._labels.keys()):
            certain = [self._of_kind(self._first_holders.get(key, ()), kind) for key in keys]
            doubtful = [i for i, numbers in enumerate(certain) if len(numbers) < k]
            for i, some in zip(doubtful, self._offered([keys[i] for i in doubtful], kind, k), strict=True):
                found[i].update(some)
            for into, sure in zip(found, certain, strict=True):
                into.update(dict.fromkeys(sure, 1.0))
        for key, into in zip(keys, found, strict=True):
            alias = self.aliases.get(key)
            if alias and self.taxonomy.concepts[alias].kind in kinds:
                # A correction also outranks the concepts that carry the very label.
                into.update((number, min(score, NEARLY)) for number, score in into.items())
                into[bisect_left(self._ids, alias)] = 1.0
        return list(found)

    def _of_kind(self, numbers: Iterable[int], kind: str) -> list[int]:
        return [number for number in numbers if self._kinds[number] == kind]

    def _offered(self, keys: Sequence[str], kind: str, k: int) -> list[dict[int, float]]:
        """Chances of the first k concepts of one kind, for each canonical phrase."""
        concepts, scores = self._labels[kind].near([key.split() for key in keys], max(k, CANDIDATES))
        held = [self._of_kind(self._holders.get(key, ()), kind) for key in keys]
        # Room for those who carry the very label and are not among the nearest.
        room = (0, 0), (0, max(map(len, held), default=0))
        concepts = np.pad(concepts, room, constant_values=-1)
        scores = np.pad(scores, room, constant_values=-np.inf)
        for numbers, of, key, holders in zip(concepts, scores, keys, held, strict=True):
            if holders:
                first = self._first_holders.get(key, ())
                place = {number: at for at, number in enumerate(numbers.tolist())}
                for free, number in enumerate(holders, start=1):
                    at = place.get(number, -free)
                    more = AS_FIRST_NAME if number in first else AS_OTHER_NAME
                    numbers[at], of[at] = number, max(of[at], 0.0) + more
                order = np.lexsort((numbers, -of))
                numbers[:], of[:] = numbers[order], of[order]
        offered = chances(scores, len(self._labels[kind].concepts))[:, :k]
        return _by_number(concepts[:, :k], np.minimum(offered, NEARLY))


def _by_number(concepts: NDArray[np.int32], values: NDArray[np.float64]) -> list[dict[int, float]]:
    """For each row the values by concept number; -1 is none."""
    return [
        {number: value for number, value in zip(*row, strict=True) if number >= 0}
        for row in zip(concepts.tolist(), values.tolist(), strict=True)
    ]


def _forms(phrase: str) -> list[str]:
    """The distinct keys under which a phrase is looked up: each title written in it, with and without its brackets."""
    phrase = phrase[:PHRASE_LIMIT]
    if not _SEVERAL_FORMS.search(phrase):
        return list(filter(None, [canonical(phrase)]))
    forms = [*title_forms(phrase), *title_forms(without_asides(phrase))]
    return list(dict.fromkeys(filter(None, map(canonical, forms))))


def _best(per_form: Sequence[Chances], k: int) -> list[tuple[int, float]]:
    """The first k concepts by their best form, equal ones in the order of their ids."""
    best = dict(per_form[0]) if per_form else {}
    for scores in per_form[1:]:
        for number, score in scores.items():
            best[number] = max(score, best.get(number, 0.0))
    return sorted(best.items(), key=lambda item: (-item[1], item[0]))[:k]
