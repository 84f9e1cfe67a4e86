"""The independence profile, scored with her at entry and then every three months, later every half year."""

import datetime as dt

from backend.outcomes.models import INDEPENDENCE_DOMAINS, Assessment

from .draws import Draws, days
from .person import Person
from .rows import Rows

SCHEDULE = (0, 90, 180, 270, 360, 540, 720)
TAKEN, ANSWERED = 0.85, 0.94
"""How often an assessment is made, and how often a domain is answered."""
MOVED_BY_WORK = ("employment", "income", "finances")


def assess(draws: Draws, rows: Rows, person: Person, on: dt.date) -> None:
    """Scores drift upwards, those that work moves do so while she works, and now and then one falls."""
    scores = {domain: draws.choice((1, 1, 2, 2, 3)) for domain in INDEPENDENCE_DOMAINS}
    for after in SCHEDULE:
        day = person.row.entered_on + days(after + (draws.randint(0, 12) if after else 0))
        if day >= on or not person.is_reachable(day) or (after and not draws.chance(TAKEN)):
            continue
        works = any(job.started_on <= day and (job.ended_on is None or job.ended_on >= day) for job in person.spells)
        if after:
            scores = {domain: _moved(draws, domain, score, works) for domain, score in scores.items()}
        rows.add(
            Assessment(
                id=draws.uuid(),
                beneficiary=person.row,
                assessed_on=day,
                assessed_by=person.row.counsellor,
                created_at=draws.instant(day),
                needs_met=scores["income"] > 1 and draws.chance(0.9),
                agrees=draws.weighted({True: 18, False: 1, None: 1}),
                **{domain: score if draws.chance(ANSWERED) else None for domain, score in scores.items()},
            )
        )


def _moved(draws: Draws, domain: str, score: int, works: bool) -> int:
    if domain == "employment" and not works:
        return 1 if draws.chance(0.6) else 2
    rises = 0.5 if works and domain in MOVED_BY_WORK else 0.27
    falls = 0.08 if works else 0.14
    step = draws.weighted({1: rises, -1: falls, 0: 1 - rises - falls})
    return min(4, max(1, score + step))
