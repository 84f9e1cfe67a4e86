"""What others do without a taxonomy: each rival is one function from the texts to be ranked to a scorer of queries.

A scorer maps queries to scores, queries x texts, larger is better. No rival is tuned on the sets it is measured on:
parameters are those of its source or the most common ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

Scores = NDArray[np.float32]
Scorer = Callable[[Sequence[str]], Scores]

_WORDS = re.compile(r"[^\W_]+")
# Robertson & Zaragoza 2009: k1 between 1.2 and 2, b between .5 and .8 do well across collections.
K1, B = 1.2, 0.75


def token_set_ratio(texts: Sequence[str]) -> Scorer:
    """Edit similarity of the sets of words, 0 to 100. Source: rapidfuzz `fuzz.token_set_ratio`."""
    known = [text.lower() for text in texts]

    def score(queries: Sequence[str]) -> Scores:
        lowered = [query.lower() for query in queries]
        return np.asarray(process.cdist(lowered, known, scorer=fuzz.token_set_ratio, dtype=np.float32))

    return score


def char_tfidf(texts: Sequence[str]) -> Scorer:
    """Cosine of TF-IDF vectors of 2 to 4 letters within words. Source: scikit-learn `TfidfVectorizer`."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), dtype=np.float32)
    by_text = vectorizer.fit_transform(texts).T.tocsr()
    return lambda queries: _dense(vectorizer.transform(queries) @ by_text)


def bm25(texts: Sequence[str]) -> Scorer:
    """Okapi BM25 of words. Source: Robertson & Zaragoza 2009, with the never negative idf of Lucene."""
    vectorizer = CountVectorizer(analyzer=_words, dtype=np.float32)
    counts = vectorizer.fit_transform(texts).tocsr()
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((len(texts) - seen + 0.5) / (seen + 0.5))
    norm = np.repeat(K1 * (1 - B + B * lengths / (lengths.mean() or 1.0)), np.diff(counts.indptr))
    counts.data = (idf[counts.indices] * counts.data * (K1 + 1) / (counts.data + norm)).astype(np.float32)
    by_text = counts.T.tocsr()
    return lambda queries: _dense(vectorizer.transform(queries) @ by_text)


def lexical_hybrid(texts: Sequence[str]) -> Scorer:
    """The sum of letters and words, each over its best score for the query (CombSUM, Fox & Shaw 1994)."""
    scorers = [char_tfidf(texts), bm25(texts)]
    return lambda queries: np.sum([_over_best(scorer(queries)) for scorer in scorers], axis=0, dtype=np.float32)


BASELINES: Mapping[str, Callable[[Sequence[str]], Scorer]] = {
    "rapidfuzz token_set_ratio": token_set_ratio,
    "character n-gram TF-IDF": char_tfidf,
    "BM25": bm25,
    "lexical hybrid": lexical_hybrid,
}


def _words(text: str) -> list[str]:
    return _WORDS.findall(text.lower())


def _dense(product: sparse.csr_matrix) -> Scores:
    return np.asarray(product.toarray(), dtype=np.float32)


def _over_best(scores: Scores) -> Scores:
    best = scores.max(axis=1, keepdims=True, initial=0.0)
    return np.asarray(np.divide(scores, best, out=np.zeros_like(scores), where=best > 0))
