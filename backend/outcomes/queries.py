"""Reads over outcomes."""

from statistics import mean

from .independence import ALWAYS_NEEDED, NEEDED_DOMAINS
from .models import INDEPENDENCE_DOMAINS, Assessment


def independence_index(assessment: Assessment) -> float | None:
    """100 x (mean - 1) / 3 over the scored domains; None below six domains or without the first four.

    Not psychometrically validated; whoever shows it shows the profile and its minimum beside it.
    """
    scores = {domain: getattr(assessment, domain) for domain in INDEPENDENCE_DOMAINS}
    known = [score for score in scores.values() if score is not None]
    if len(known) < NEEDED_DOMAINS or any(scores[domain] is None for domain in ALWAYS_NEEDED):
        return None
    return float(100 * (mean(known) - 1) / 3)
