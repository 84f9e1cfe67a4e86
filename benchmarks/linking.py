"""Row 8: linking noisy phrases to 14,000 concepts with 61,000 labels, beside exhaustive and recalled edit similarity.

The labels are synthetic (or ESCO's, with `--esco FOLDER`): one to five words with Zipf's weights, further names of a
concept with a word changed, dropped or added. A phrase is a label, in a fifth of the cases as it is, else with a
typing error, another ending, a word less or more, or the words in another order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.harness import Contestant, Task, note, race, report, report_race
from benchmarks.kept import Kept
from benchmarks.world import SYLLABLES, word, zipf
from matching import Linker, Taxonomy
from matching.labels import CANDIDATES, LabelIndex
from matching.text import canonical, fold

CONCEPTS, LABELS, VOCABULARY = 14_000, 61_000, 8_000
BATCH, BATCHES = 200, 10
COMPARED = 500  # phrases that are compared with every label
AS_IT_IS = 0.22
LETTERS = "abcdefghijklmnoprstuvz"
ENDINGS = ("a", "e", "i", "om", "ima", "nje")


def run(kept: Kept) -> None:
    """Race on batches of phrases; then compare what is found."""
    shape = (kept.esco,)
    timed = race(
        [
            Contestant("matching", ours, shape),
            Contestant("rapidfuzz cdist(workers=-1)", exhaustive, shape),
            Contestant("TF-IDF + sparse_dot_topn + re-rank", recalled, shape),
        ],
        turns=BATCHES,
    )
    for name, one in timed.items():
        note(f"{name}: {BATCH / one.median:,.0f} phrases/s")
    goals = {"rapidfuzz cdist(workers=-1)": 15.0, "TF-IDF + sparse_dot_topn + re-rank": 4.0}
    report_race("8", "linking", timed, "matching", goals)
    meant = [concept for _, concept in phrases(labels(kept.esco))]
    for name, one in timed.items():
        found = [concept for turn in sorted(one.answer) for concept in one.answer[turn]]
        right = float(np.mean([a == b for a, b in zip(found, meant, strict=False)]))
        note(f"{name}: {right:.1%} of the concepts meant come first")
    report("8", "first concepts equal to the linker's own exhaustive answer", same_as_in_full(kept.esco), 0.98)


def labels(esco: Path | None) -> list[tuple[str, str]]:
    """Labels with their concepts."""
    if esco:
        concepts = Taxonomy.from_esco(esco, ("en",)).concepts.values()
        linked = [one for one in concepts if one.kind != "group"]
        return [(name, one.id) for one in linked for names in one.labels.values() for name in names]
    rng = np.random.default_rng(8)
    vocabulary = _vocabulary(rng)
    found: dict[str, str] = {}
    names: list[list[str]] = []
    for number in range(CONCEPTS):
        names.append(list(islice(vocabulary, int(rng.integers(1, 6)))))
        found.setdefault(" ".join(names[-1]), f"concept/{number}")
    while len(found) < LABELS:
        number = int(rng.integers(CONCEPTS))
        found.setdefault(" ".join(_varied(rng, names[number], vocabulary)), f"concept/{number}")
    return list(found.items())


def phrases(named: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Phrases with the concepts meant, BATCHES times BATCH."""
    rng = np.random.default_rng(9)
    vocabulary = _vocabulary(rng)
    return [
        (label if rng.random() < AS_IT_IS else _noisy(rng, label, vocabulary), concept)
        for label, concept in (named[i] for i in rng.integers(len(named), size=BATCH * BATCHES).tolist())
    ]


def same_as_in_full(esco: Path | None) -> float:
    """The share of phrases whose first concept is that of the same score compared with every label."""
    named = labels(esco)
    number = {concept: i for i, concept in enumerate(dict.fromkeys(concept for _, concept in named))}
    keys = ((number[concept], canonical(label).split()) for label, concept in named)
    index = LabelIndex(sorted((concept, words) for concept, words in keys if words))
    asked = [words for phrase, _ in phrases(named)[:COMPARED] if (words := canonical(phrase).split())]
    fast, full = index.near(asked, CANDIDATES), index.near_in_full(asked, CANDIDATES)
    return float(np.mean(fast.concepts[:, 0] == full.concepts[:, 0]))


def ours(esco: Path | None) -> Task:
    """`Linker.link`, the first concept of each phrase."""
    named = labels(esco)
    of: dict[str, list[str]] = {}
    for label, concept in named:
        of.setdefault(concept, []).append(label)
    linker = Linker(Taxonomy.from_concepts([{"id": concept, "labels": names} for concept, names in of.items()]))
    return _answering(named, lambda asked: [links[0].concept_id if links else "" for links in linker.link(asked, k=5)])


def exhaustive(esco: Path | None) -> Task:
    """Every phrase against every label."""
    from rapidfuzz import fuzz, process

    named = labels(esco)
    keys, concepts = [fold(label) for label, _ in named], [concept for _, concept in named]

    def link(phrases: list[str]) -> list[str]:
        asked = [fold(phrase) for phrase in phrases]
        alike = process.cdist(asked, keys, scorer=fuzz.ratio, dtype=np.uint8, workers=-1)
        return [concepts[best] for best in alike.argmax(axis=1).tolist()]

    return _answering(named, link)


def recalled(esco: Path | None) -> Task:
    """The twenty labels of most trigrams in common, the most alike of them by edit similarity."""
    from rapidfuzz import fuzz
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sparse_dot_topn import sp_matmul_topn

    named = labels(esco)
    keys, concepts = [fold(label) for label, _ in named], [concept for _, concept in named]
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), dtype=np.float32)
    vectors = vectorizer.fit_transform(keys).T.tocsr()

    def best(phrase: str, candidates: list[int]) -> str:
        if not candidates:
            return ""
        return concepts[max(candidates, key=lambda number: fuzz.token_sort_ratio(phrase, keys[number]))]

    def link(phrases: list[str]) -> list[str]:
        asked = [fold(phrase) for phrase in phrases]
        found = sp_matmul_topn(vectorizer.transform(asked), vectors, top_n=20, n_threads=2)
        spans = zip(found.indptr[:-1].tolist(), found.indptr[1:].tolist(), strict=True)
        return [best(p, found.indices[a:b].tolist()) for p, (a, b) in zip(asked, spans, strict=True)]

    return _answering(named, link)


def _answering(named: list[tuple[str, str]], link: Callable[[list[str]], list[str]]) -> Task:
    """A task that links the batch of its turn and answers with all that was linked until then."""
    asked = [phrase for phrase, _ in phrases(named)]
    found: dict[int, list[str]] = {}

    def task(turn: int) -> object:
        found[turn] = link(asked[turn * BATCH : (turn + 1) * BATCH])
        return found

    return task


def _vocabulary(rng: np.random.Generator) -> Iterator[str]:
    """Words without end, by Zipf's law, each of two syllables or more."""
    while True:
        yield from (word(number + len(SYLLABLES)) for number in zipf(rng, VOCABULARY, 10_000).tolist())


def _varied(rng: np.random.Generator, words: list[str], vocabulary: Iterator[str]) -> list[str]:
    kind, at = rng.integers(3), int(rng.integers(len(words)))
    if kind == 0 or len(words) == 1:
        return [*words, next(vocabulary)]
    return [*words[:at], *([next(vocabulary)] if kind == 1 else []), *words[at + 1 :]]


def _noisy(rng: np.random.Generator, label: str, vocabulary: Iterator[str]) -> str:
    words = label.split()
    at = int(rng.integers(len(words)))
    for kind in rng.permutation(["typing", "ending", "less", "more", "order"]).tolist():
        if kind == "typing":
            letter = int(rng.integers(len(words[at])))
            typed = rng.choice(list(LETTERS)) if rng.random() < 0.5 else ""
            words[at] = words[at][:letter] + typed + words[at][letter + 1 :]
        elif kind == "ending":
            words[at] = words[at][:-1] + str(rng.choice(ENDINGS))
        elif kind == "more":
            words.append(next(vocabulary))
        elif len(words) == 1:
            continue  # one word has neither order nor one to spare
        elif kind == "less":
            del words[at]
        else:
            words = [*words[at:], *words[:at]]
        break
    return " ".join(filter(None, words)) or label
