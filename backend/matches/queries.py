"""Reads over matches and introductions."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.beneficiaries.models import Beneficiary, Consent, Identity
from backend.employers.models import Opening
from backend.skills.models import Occupation, Skill

from . import adapter, candidate
from .models import Introduction, Match

NAMED_FIELDS = ("first_name", "last_name", "phone", "email")
"""What of her identity an employer can ever be told; her consent says which of these."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """An opening that is not shown to her, with every rule that keeps it: (code, detail)."""

    opening: Opening
    rules: list[tuple[str, dict[str, Any]]]


def hidden_openings(beneficiary: Beneficiary, *, on: dt.date) -> list[Hidden]:
    """The open openings that are kept from her, each with its rules, by title."""
    rules: dict[UUID, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for exclusion in adapter.rank(beneficiary, on, k=0).exclusions:
        rules[UUID(exclusion.opening_id)].append((str(exclusion.code), dict(exclusion.detail)))
    openings = Opening.objects.filter(pk__in=rules).select_related("employer", "municipality")
    return [Hidden(opening, rules[opening.pk]) for opening in openings.order_by("title", "pk")]


def concept_labels(matches: Iterable[Match]) -> dict[str, str]:
    """Label by URI, in the active language, of every skill and occupation that reasons and gaps mention."""
    uris: set[str] = set()
    for match in matches:
        uris |= {gap["skill"] for gap in match.gaps if gap["skill"]}
        for reason in match.reasons:
            detail = reason["detail"]
            uris |= {line["skill"] for line in detail.get("skills", ()) if line["skill"]}
            uris |= {detail[key] for key in ("hers", "asked") if isinstance(detail.get(key), str)}
    labels = {skill.uri: skill.label for skill in Skill.objects.filter(uri__in=uris)}
    return labels | {occupation.uri: occupation.label for occupation in Occupation.objects.filter(uri__in=uris)}


def profile_to_share(match: Match) -> dict[str, Any]:
    """The frozen profile that sharing this match would show.

    Frozen per person and employer: an employer who gets her profile twice learns nothing from the difference.
    """
    earlier = (
        Introduction.objects.filter(
            match__beneficiary=match.beneficiary, match__opening__employer=match.opening.employer
        )
        .exclude(shared_profile={})
        .order_by("shared_at")
        .first()
    )
    return earlier.shared_profile if earlier else candidate.freeze(match.beneficiary)


def preview_profile(shown: Introduction | Match) -> dict[str, Any]:
    """Exactly what the employer sees, or would see if it were shared now."""
    if isinstance(shown, Match):
        return candidate.show(profile_to_share(shown))
    return candidate.show(shown.shared_profile or profile_to_share(shown.match))


def employer_view(introduction: Introduction, *, on: dt.date) -> dict[str, Any]:
    """All that the employer may read of an introduction on a day, by its stage.

    Keys: candidate, state, opening, shared_at, answered_at, question, interview_at, profile; the consented ones of
    NAMED_FIELDS once she is named. Nothing of her stands there when a consent has run out or was withdrawn.
    """
    valid = set(
        Consent.objects.valid(on=on)
        .filter(pk__in=[introduction.blind_consent_id, introduction.identity_consent_id])
        .values_list("pk", flat=True)
    )
    may_see = introduction.state in Introduction.SHARED and introduction.blind_consent_id in valid
    view: dict[str, Any] = {
        "candidate": introduction.pseudonym,
        "state": introduction.state,
        "opening": introduction.match.opening.title,
        "shared_at": introduction.shared_at,
        "answered_at": introduction.answered_at,
        "question": introduction.question,
        "interview_at": introduction.interview_at,
        "profile": candidate.show(introduction.shared_profile) if may_see else {},
    }
    consent = introduction.identity_consent
    if may_see and introduction.is_named and consent is not None and consent.pk in valid:
        identity = Identity.objects.filter(beneficiary=introduction.match.beneficiary_id).first()
        if identity is not None:
            view |= {name: str(getattr(identity, name)) for name in NAMED_FIELDS if name in consent.fields}
    return view
