"""Reads over outcomes."""

import datetime as dt
from statistics import mean

from .independence import ALWAYS_NEEDED, NEAR, NEEDED_DOMAINS
from .models import INDEPENDENCE_DOMAINS, Assessment

ASSESSED_AT = (0, 90, 180, 270, 365, 545, 730)
"""Days after entry at which the profile is scored with her: by quarters in the first year, then at 18 and 24 months."""


def assessment_due_on(entered_on: dt.date, last_on: dt.date | None, *, on: dt.date) -> dt.date | None:
    """The day since which an assessment is due, after the last one; None where none is.

    One within NEAR days of its day counts for it. A day that nothing counts for any more is not asked for: the next is.
    """
    passed = [day for days in ASSESSED_AT if (day := entered_on + dt.timedelta(days=days)) <= on]
    if not passed or (passed[-1] + dt.timedelta(days=NEAR) < on):
        return None
    is_done = last_on is not None and last_on >= passed[-1] - dt.timedelta(days=NEAR)
    return None if is_done else passed[-1]


def independence_index(assessment: Assessment) -> float | None:
    """100 x (mean - 1) / 3 over the scored domains; None below six domains or without the first four.

    Not psychometrically validated; whoever shows it shows the profile and its minimum beside it.
    """
    scores = {domain: getattr(assessment, domain) for domain in INDEPENDENCE_DOMAINS}
    known = [score for score in scores.values() if score is not None]
    if len(known) < NEEDED_DOMAINS or any(scores[domain] is None for domain in ALWAYS_NEEDED):
        return None
    return float(100 * (mean(known) - 1) / 3)
