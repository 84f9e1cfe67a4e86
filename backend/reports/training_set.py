"""What the ranker learns from: the matches that somebody decided about, with what became of them.

Only people who consent to anonymous statistics count. A row holds the contributions as they stood when the decision was
taken, never a name, a history or anything protected; people and openings stand under keyed pseudonyms.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from backend.accounts.models import Organisation
from backend.beneficiaries.models import Beneficiary, Consent
from backend.beneficiaries.models.beneficiary import BeneficiaryQuerySet
from backend.matches.models import Decision, Introduction, IntroductionStep, Match, RankerVersion
from backend.matches.services import adopt_ranker
from backend.outcomes.retention import HEADLINE, WINDOW_AFTER, outcomes_at
from backend.outcomes.spells import facts_after_introduction
from matching import Ranker
from matching.model import COLUMNS, Outcome

RETAINED_DAYS = 90
LOOKED_AT = dt.timedelta(days=RETAINED_DAYS + WINDOW_AFTER)
"""How long after the first day worked it is settled whether she was still at work."""
TRAINED_EVERY = dt.timedelta(days=28)
FEWEST_NEW = 10
"""Fewer new outcomes than this are not worth training for."""

NO_PLACEMENT = "no_placement"

KEYS = ("person", "opening", "run")
FRAME = (*KEYS, "score", *COLUMNS, "outcome", "shown_on", "known_on", "place")

Settled = tuple[Outcome, dt.date]
_S = Introduction.State


def shown_matches(programme: Organisation, on: dt.date) -> pd.DataFrame:
    """One row per match that somebody decided about and whose outcome is settled by `on`, in order of `known_on`.

    Columns: person, opening and run (pseudonyms); score as it was shown and the contributions it had without learning;
    outcome (see `matching.model.Outcome`); shown_on, the day of the first decision; known_on; the place of the opening.
    What is under way is left out, and so is what nobody is known to have looked at.
    """
    people = consenting(programme, on)
    retained, started = _retained(people, on)
    rows = []
    for match in _decided(people):
        decisions = list(match.decisions.all())
        introduction = getattr(match, "introduction", None)
        looked = [_day(decision.decided_at) for decision in decisions]
        looked += [_day(introduction.created_at)] if introduction else []
        settled = _introduced(introduction, retained, started) if introduction else _decision(match, decisions)
        if settled is None or max(settled[1], shown_on := min(looked)) > on:
            continue
        rows.append(_row(match, settled[0], shown_on, max(settled[1], shown_on)))
    frame = pd.DataFrame(rows, columns=list(FRAME))
    return frame.sort_values(["known_on", "person", "opening"], ignore_index=True)


def train_ranker(programme: Organisation, now: dt.datetime) -> RankerVersion:
    """Train on what is known by now and take the result up; its card says whether it is used."""
    shown = shown_matches(programme, timezone.localdate(now))
    ranker = Ranker().fit(
        shown[list(COLUMNS)],
        shown["outcome"],
        shown_on=shown["shown_on"],
        known_on=shown["known_on"],
        groups=shown["person"],
        beside=shown[["place"]],
    )
    return adopt_ranker(programme=programme, ranker=ranker.to_dict(), outcomes=len(shown), now=now)


def is_due(programme: Organisation, now: dt.datetime) -> bool:
    """Whether four weeks have passed since the last training, and enough has become known since."""
    last = RankerVersion.objects.filter(programme=programme).first()
    if last is not None and now - last.trained_at < TRAINED_EVERY:
        return False
    known = len(shown_matches(programme, timezone.localdate(now)))
    return known - (last.outcomes if last else 0) >= FEWEST_NEW


def card_text(version: RankerVersion) -> str:
    """The model card of a version, to read."""
    return Ranker.from_dict(version.ranker).card.markdown()


def consenting(programme: Organisation, on: dt.date) -> BeneficiaryQuerySet:
    """People whose consent to anonymous statistics is valid on a day; of who was erased nothing is left to learn."""
    consents = Consent.objects.valid(on=on).filter(purpose=Consent.Purpose.RESEARCH)
    wanted = Beneficiary.objects.filter(organisation=programme, erased_at__isnull=True)
    return wanted.filter(pk__in=consents.values("beneficiary"))


def _retained(people: BeneficiaryQuerySet, on: dt.date) -> tuple[dict[str, str], dict[str, dt.date]]:
    """By introduction that led to work whether it lasted, and its first day; NO_PLACEMENT where it does not qualify."""
    work = facts_after_introduction(people)
    led = work.spells[work.spells["introduction"] == work.spells["person"]]
    started = dict(zip(led["person"], led["started_on"].dt.date, strict=True))
    firsts = work.episodes[work.episodes["number"] == 0]
    # What she did after work that does not qualify is not what the introduction led to.
    placed = dict(zip(firsts["person"], firsts["started_on"].dt.date, strict=True))
    codes = outcomes_at(work, RETAINED_DAYS, on)
    return {key: str(codes[key]) if placed.get(key) == day else NO_PLACEMENT for key, day in started.items()}, started


def _decided(people: BeneficiaryQuerySet) -> Iterable[Match]:
    decided = Q(pk__in=Decision.objects.values("match")) | Q(introduction__isnull=False)
    return (
        Match.objects.filter(decided, beneficiary__in=people)
        .select_related("introduction", "opening__municipality")
        .prefetch_related(
            "decisions", Prefetch("introduction__steps", IntroductionStep.objects.order_by("at", "created_at"))
        )
        .order_by("pk")
    )


def _decision(match: Match, decisions: list[Decision]) -> Settled | None:
    """What a match without an introduction came to; None while it is only on the shortlist or put aside."""
    known_on = max(_day(decision.decided_at) for decision in decisions)
    if match.state == Match.State.ACCEPTED:
        return Outcome.ACCEPTED, known_on
    return (Outcome.SHOWN, known_on) if match.state in (Match.State.DISMISSED, Match.State.DECLINED) else None


def _introduced(
    introduction: Introduction, retained: Mapping[str, str], started: Mapping[str, dt.date]
) -> Settled | None:
    """What an introduction came to; None while it is under way, or where nobody knows whether work lasted."""
    if introduction.state not in Introduction.ENDED:
        return None
    steps = list(introduction.steps.all())
    ended_on = _day(steps[-1].at) if steps else _day(introduction.created_at)
    key = str(introduction.pk)
    if introduction.state == _S.HIRED:
        code = retained.get(key, "not_due")
        if code == NO_PLACEMENT:
            return Outcome.HIRED, ended_on
        # That she was hired is no outcome yet: read as one it would say that the work was lost.
        if code in ("not_due", "unknown"):
            return None
        # Known on one day whatever it was: else work that was lost would be known before work that was kept.
        return Outcome.RETAINED if code in HEADLINE else Outcome.HIRED, started[key] + LOOKED_AT
    if introduction.shared_at is not None:
        return Outcome.INTRODUCED, ended_on
    return (Outcome.SHOWN if introduction.state == _S.DECLINED_BY_HER else Outcome.ACCEPTED), ended_on


def _row(match: Match, outcome: Outcome, shown_on: dt.date, known_on: dt.date) -> dict[str, Any]:
    shares = {reason["code"]: reason["contribution"] for reason in match.reasons}
    town = match.opening.municipality
    return {
        **{
            key: pseudonym(pk)
            for key, pk in zip(KEYS, (match.beneficiary_id, match.opening_id, match.run_id), strict=True)
        },
        "score": match.score,
        **{code: float(shares.get(code, 0.0)) for code in COLUMNS},
        "outcome": str(outcome),
        "shown_on": shown_on,
        "known_on": known_on,
        "place": town.name if town else "",
    }


def pseudonym(pk: object) -> str:
    """A name for a row that stays the same while the site's key does, and leads back to nobody without it."""
    return salted_hmac("backend.reports.training_set", str(pk), algorithm="sha256").hexdigest()[:16]


def _day(at: dt.datetime) -> dt.date:
    return timezone.localdate(at)
