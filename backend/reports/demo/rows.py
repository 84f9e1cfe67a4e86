"""Rows that wait to be written."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar, cast

from django.db import transaction
from django.db.models import Model

from backend.accounts.models import Membership, Organisation, User
from backend.beneficiaries.models import (
    Beneficiary,
    Consent,
    Experience,
    Goal,
    HeldSkill,
    Identity,
    LanguageSkill,
    SafetyRule,
    Wishes,
)
from backend.employers.models import Contact, Employer, Opening, OpeningReview, Requirement, Vetting
from backend.matches.models import Decision, Introduction, IntroductionStep, Match, MatchRun
from backend.outcomes.models import Assessment, ContactAttempt, EmploymentSpell, FollowUp, WarningFlag
from backend.trainings.models import Attendance, Course, Credential, Enrolment, GrantedSkill, Session

M = TypeVar("M", bound=Model)

# Parents before children.
ORDER: tuple[type[Model], ...] = (
    Organisation, User, Membership,
    Employer, Contact, Vetting, Opening, Requirement, OpeningReview,
    Beneficiary, Identity, Consent, Goal, HeldSkill, LanguageSkill, Experience,
    Wishes, Wishes.occupations.through, SafetyRule,
    Course, GrantedSkill, Session, Enrolment, Attendance, Credential,
    MatchRun, Match, Decision, Introduction, IntroductionStep,
    EmploymentSpell, FollowUp, ContactAttempt, Assessment, WarningFlag,
)  # fmt: skip
BATCH = 500


class Rows:
    """Unsaved model instances by model, in the order in which they were made."""

    def __init__(self) -> None:
        self._by_model: defaultdict[type[Model], list[Model]] = defaultdict(list)

    def add(self, row: M) -> M:
        self._by_model[type(row)].append(row)
        return row

    def extend(self, rows: Iterable[Model]) -> None:
        for row in rows:
            self.add(row)

    def of(self, model: type[M]) -> list[M]:
        return cast("list[M]", self._by_model[model])

    @transaction.atomic
    def save(self) -> None:
        """Write all rows or none; the database holds them to its constraints."""
        for model in ORDER:
            model._default_manager.bulk_create(self._by_model[model], batch_size=BATCH)
