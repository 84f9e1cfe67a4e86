"""P4: whatever everybody does, identity that an employer sees is carried by a consent that holds at that instant."""

import datetime as dt
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import transaction
from django.db.models import Q

from backend.beneficiaries.models import Consent
from backend.beneficiaries.models.consent import ConsentQuerySet
from backend.employers.models import Employer
from backend.matches import policies
from backend.matches.models import Introduction
from backend.matches.services import consents, safety
from tests.backend.matches.walker import NAMES, Walker
from tests.proofs import PARTS, cases, report

STEPS = 40


def carried(introduction: Introduction, purpose: str, field: str, on: dt.date) -> bool:
    """Written apart from the code under test: one row of hers that covers this, read column by column.

    Once she has taken back an answer to the same question, none before it counts.
    """
    asked = [
        consent
        for consent in Consent.objects.filter(beneficiary_id=introduction.match.beneficiary_id)
        if consent.purpose == purpose
        and consent.recipient_id == introduction.match.opening.employer_id
        and consent.opening_id == introduction.match.opening_id
    ]
    return all(consent.withdrawn_at is None for consent in asked) and any(
        consent.given_on <= on and (consent.expires_on is None or on <= consent.expires_on) and field in consent.fields
        for consent in asked
    )


def barred(introduction: Introduction, on: dt.date) -> bool:
    """Whether this employer may see nobody, or not her, read column by column."""
    opening = introduction.match.opening
    employer, rules = opening.employer, introduction.match.beneficiary.safety_rules.filter(lifted_on=None)
    group = {pk for pk in (employer.pk, employer.parent_id, opening.end_client_id) if pk}
    group |= set(
        type(employer).objects.filter(parent_id=employer.parent_id or employer.pk).values_list("pk", flat=True)
    )
    return (
        employer.status != "cleared"
        or employer.cleared_until is None
        or employer.cleared_until < on
        or (opening.end_client is not None and opening.end_client.status in ("refused", "suspended", "banned"))
        or any(rule.employer_id in group for rule in rules if rule.kind == "employer")
    )


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
                if told and barred(introduction, on):
                    found.append(f"seed {seed}, step {number}: barred")
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


def _reads_past_consents(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ConsentQuerySet, "valid", lambda self, *, on: self.all())


def _forgets_clearance(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(policies, "_cleared", Q)


def _forgets_the_workplace(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Employer, "BARRED", ())


def _forgets_rules_once_shared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(safety, "_is_barred", lambda introduction, on: False)


def _takes_back_one_answer_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consents, "CARRIES", {})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "weaken",
    [
        _reads_past_consents, _forgets_clearance, _forgets_the_workplace, _forgets_rules_once_shared,
        _takes_back_one_answer_only,
    ],
)  # fmt: skip
def test_with_a_weaker_guard_walks_would_show_it(
    weaken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative controls."""
    weaken(monkeypatch)
    assert any(violations(seed, STEPS, Counter()) for seed in range(60))


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_p4(part: int) -> None:
    seeds = range(part, cases(500), PARTS)
    found, reached = walk(seeds)
    assert reached["named"] + reached["interview"] > len(seeds) / 10, reached
    report("P4", tried=f"walks of {STEPS} steps", count=len(seeds), failed=len(found))
