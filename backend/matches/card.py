"""The candidate's card: all that an employer may read of an introduction, growing by stage.

Skills come first, availability once the employer is interested, the name once she consents, her contact from the
interview until she is hired. Pages, mails and the API show this card and nothing beside it; the counsellor's preview is
this card too.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from backend.beneficiaries.models import Beneficiary, Consent, Identity
from backend.employers.models import Employer

from . import adapter, candidate
from .models import FrozenProfile, Introduction, Match

_S = Introduction.State

SKILLS = ("skills", "languages", "licences", "experience")
AVAILABILITY = ("hours", "shifts")
NAME = ("first_name", "last_name")
CONTACT = ("phone", "email")
NAMED_FIELDS = (*NAME, *CONTACT)
"""What of her identity an employer can ever be told; her consent says which of these."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a candidate has come in the employer's words, and what the card says then."""

    name: str
    profile: tuple[str, ...] = (*SKILLS, *AVAILABILITY)
    identity: tuple[str, ...] = ()


STAGES: dict[str, Stage] = {
    _S.SHARED_BLIND: Stage("new", SKILLS),
    _S.INTERESTED: Stage("interested"),
    _S.CONSENTED: Stage("agreed"),
    _S.IDENTIFIED: Stage("named", identity=NAME),
    _S.INTERVIEW: Stage("interview", identity=NAMED_FIELDS),
    _S.TRIAL: Stage("trial", identity=NAMED_FIELDS),
    _S.OFFER: Stage("offer", identity=NAMED_FIELDS),
    # Work can begin without an interview, and then on no check but the one for her name.
    _S.HIRED: Stage("hired", identity=NAME),
}
CLOSED = Stage("closed", ())
"""However it ended, and whatever consent is gone: the employer learns that the candidate is no longer available."""


def card(introduction: Introduction, *, on: dt.date) -> dict[str, Any]:
    """What the employer may read on a day.

    Keys: candidate, stage, opening, shared_at, answered_at, question, reply, interview_at, profile and identity, the
    last two with the keys of the stage only. Once closed, all but the first three are empty.
    """
    valid = Consent.objects.valid(on=on).in_bulk(
        [pk for pk in (introduction.blind_consent_id, introduction.identity_consent_id) if pk]
    )
    stage = STAGES.get(introduction.state, CLOSED) if introduction.blind_consent_id in valid else CLOSED
    is_open = stage is not CLOSED
    consent = valid.get(introduction.identity_consent_id) if introduction.identity_consent_id else None
    return {
        "candidate": introduction.pseudonym,
        "stage": stage.name,
        "opening": introduction.match.opening.title,
        "shared_at": introduction.shared_at if is_open else None,
        "answered_at": introduction.answered_at if is_open else None,
        "question": introduction.question if is_open else "",
        "reply": introduction.reply if is_open else "",
        "interview_at": introduction.interview_at if is_open else None,
        "profile": _profile(introduction.shared_profile, stage),
        "identity": _identity(introduction.match.beneficiary, consent, stage),
    }


def preview(introduction: Introduction, *, on: dt.date) -> dict[str, Any]:
    """Exactly what the employer reads; before sharing, exactly what it would read if it were shared now."""
    if introduction.state in Introduction.SHARED:
        return card(introduction, on=on)
    stage = STAGES[_S.SHARED_BLIND]
    profile = introduction.shared_profile or profile_to_share(introduction.match)
    return card(introduction, on=on) | {"stage": stage.name, "profile": _profile(profile, stage)}


def profile_to_share(match: Match) -> dict[str, Any]:
    """The profile that an introduction for this match would show, in its stored form.

    The one that the employer or anybody in its group has been shown before, if there is one: from the difference of two
    profiles it could learn what a single one hides.
    """
    shown = shown_before(match.beneficiary, match.opening.employer)
    return dict(shown.profile) if shown else candidate.freeze(match.beneficiary)


def shown_before(beneficiary: Beneficiary, employer: Employer) -> FrozenProfile | None:
    """The frozen profile that the employer's group knows already."""
    return FrozenProfile.objects.filter(beneficiary=beneficiary, employer__in=adapter.group_of(employer)).first()


def _profile(frozen: dict[str, Any], stage: Stage) -> dict[str, Any]:
    words = candidate.show(frozen)
    return {name: words[name] for name in stage.profile if name in words}


def _identity(beneficiary: Beneficiary, consent: Consent | None, stage: Stage) -> dict[str, str]:
    told = [name for name in stage.identity if consent is not None and name in consent.fields]
    if not told:
        return {}
    identity = Identity.objects.filter(beneficiary=beneficiary).first()
    said = {name: str(getattr(identity, name)) for name in told} if identity else {}
    return {name: value for name, value in said.items() if value}
