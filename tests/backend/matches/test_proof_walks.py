"""P4: whatever everybody does, identity that an employer sees is carried by a consent that holds at that instant."""

import datetime as dt
from collections import Counter

import pytest
from django.db import transaction

from backend.beneficiaries.models import Consent
from backend.beneficiaries.models.consent import ConsentQuerySet
from backend.matches.models import Introduction
from tests.backend.matches.walker import NAMES, Walker
from tests.proofs import PARTS, cases, report

STEPS = 40


def carried(introduction: Introduction, purpose: str, field: str, on: dt.date) -> bool:
    """Written apart from the code under test: one row of hers that covers this, read column by column."""
    for consent in Consent.objects.filter(beneficiary_id=introduction.match.beneficiary_id):
        if (
            consent.purpose == purpose
            and consent.recipient_id == introduction.match.opening.employer_id
            and consent.opening_id == introduction.match.opening_id
            and consent.withdrawn_at is None
            and consent.given_on <= on
            and (consent.expires_on is None or on <= consent.expires_on)
            and field in consent.fields
        ):
            return True
    return False


def violations(seed: int, steps: int, reached: Counter[str]) -> list[str]:
    """Steps of one walk after which an employer reads what no consent carries; the walk is undone."""
    found: list[str] = []
    with transaction.atomic():
        walker = Walker(seed)
        for number in range(steps):
            reached["accepted"] += walker.step()
            on = walker.now.date()
            for introduction, view in walker.seen():
                reached[view["stage"]] += 1
                told = [(name, "identity_disclosure") for name in view["identity"]]
                told += [(name, "blind_introduction") for name in view["profile"]]
                found += [
                    f"seed {seed}, step {number}: {name}"
                    for name, purpose in told
                    if not carried(introduction, purpose, name, on)
                ]
                is_cleared = introduction.match.opening.employer.status == "cleared"
                if told and not is_cleared:
                    found.append(f"seed {seed}, step {number}: not cleared")
                if not told and any(secret in str(view) for secret in NAMES.values()):
                    found.append(f"seed {seed}, step {number}: a secret in plain words")
        transaction.set_rollback(True)
    return found


def walk(seeds: range) -> tuple[list[str], Counter[str]]:
    reached: Counter[str] = Counter()
    return [line for seed in seeds for line in violations(seed, STEPS, reached)], reached


@pytest.mark.django_db
def test_no_walk_shows_what_no_consent_carries() -> None:
    found, reached = walk(range(3))
    assert found == []
    assert reached["accepted"] > 30
    assert reached["new"] > 5


@pytest.mark.django_db
def test_without_the_reading_through_consents_walks_would_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: consents count whether or not they hold."""
    monkeypatch.setattr(ConsentQuerySet, "valid", lambda self, *, on: self.all())
    assert any(violations(seed, STEPS, Counter()) for seed in range(30))


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_p4(part: int) -> None:
    seeds = range(part, cases(500), PARTS)
    found, reached = walk(seeds)
    assert reached["named"] + reached["interview"] > len(seeds) / 10, reached
    report("P4", tried=f"walks of {STEPS} steps", count=len(seeds), failed=len(found))
