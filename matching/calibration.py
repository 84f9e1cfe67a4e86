"""From raw scores to chances: of the links offered at 0.8 about 80% are right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Fitted by maximum likelihood on melo-slovene (10.6, 0.67), rounded towards the fit on four sets (12.9, 0.56). Of the
# first links offered between 0.80 and 0.99, as offered and as found right: melo-slovene .90 and .81; not fitted on:
# melo-slovene through ESCO 1.0.3 .87 and .84, skill-spans-dev .92 and .86, Croatian titles without Croatian labels .88
# and .91, jobbert-titles-dev .86 and .63 (its own labels are noisy: of exact first names .76 are right).
SLOPE, NONE = 11.0, 0.65
# The more concepts, the more likely a wrong one looks right by accident. On samples of melo-slovene the fitted NONE
# grew with the logarithm of their number (.27 at 60 concepts, .41 at 200, .50 at 700, .67 at 3,000): the weight of
# "none of them" is proportional to that number. Fewer or more count as these, so that a tiny taxonomy is not sure of
# everything.
FEWEST, MOST = 200, 3_000


def chances(scores: NDArray[np.float64], n_concepts: int) -> NDArray[np.float64]:
    """The chance of each candidate of a phrase to be what it means; the order of the raw scores is kept.

    A multinomial logit with "none of them" as one more choice (McFadden 1974): a score counts by itself and by its lead
    over the others, so two concepts with one name share the chance. scores: (phrases x) candidates, minus infinity for
    none; n_concepts: how many there were to choose from.
    """
    none = NONE + float(np.log(min(max(n_concepts, FEWEST), MOST) / MOST)) / SLOPE
    top = scores.max(axis=-1, keepdims=True, initial=none)
    weights = np.exp(SLOPE * (scores - top))
    return np.asarray(weights / (weights.sum(axis=-1, keepdims=True) + np.exp(SLOPE * (none - top))))
