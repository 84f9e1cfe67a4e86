"""Random walks of everybody over the introductions of one person, and what the employers see after each step."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from backend.accounts.models import User
from backend.beneficiaries.models import Consent
from backend.beneficiaries.services import lift_safety_rule, note_skill
from backend.employers.models import Employer, Opening
from backend.matches import services
from backend.matches.card import card
from backend.matches.models import AnswerLink, Introduction, Match
from backend.matches.policies import visible_introductions
from backend.matches.services.links import SpentLink, issue_link
from tests.conftest import _cast
from tests.factories import EmployerFactory, IdentityFactory, OpeningFactory, RequirementFactory, SkillFactory

START = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
NAMES = {"first_name": "Zorica", "last_name": "Tajnović", "phone": "+381641112223", "email": "zorica@example.org"}
GIVEN = {"method": "signed", "language": "sr"}


class Walker:
    """One person; a cleared employer with two openings, its sister company and an agency with one each.

    `step` does a random act.
    """

    def __init__(self, seed: int) -> None:
        self.random, self.now = Random(seed), START
        self.cast = _cast()
        self.person, self.counsellor = self.cast.beneficiary, self.cast.counsellor
        sister = EmployerFactory(
            programme=self.cast.programme, cleared=True, with_portal=True, parent=self.cast.employer
        )
        agency = EmployerFactory(programme=self.cast.programme, cleared=True, with_portal=True, is_agency=True)
        self.workplace = EmployerFactory(programme=self.cast.programme)
        self.employers = [self.cast.employer, sister, agency]
        self.users: list[User] = [employer.contacts.get().user for employer in self.employers]
        IdentityFactory(beneficiary=self.person, **NAMES)
        skill = SkillFactory()
        for employer in (*self.employers, self.cast.employer):
            opening = OpeningFactory(
                published=True, employer=employer, night=False, live_in=False, valid_through=dt.date(2028, 1, 1),
                end_client=self.workplace if employer == agency else None,
            )  # fmt: skip
            RequirementFactory(opening=opening, skill=skill)
        note_skill(**self.hers, skill=skill, level=3, evidence="trainer", on=self.now.date())
        services.rank_beneficiary(actor=self.counsellor, beneficiary=self.person, now=self.now)
        self.onward: dict[str, Callable[[], Any]] = {
            "proposed": self.agree, "agreed_by_her": self.share, "shared_blind": self.answer, "interested": self.name,
            "consented": self.disclose, "identified": self.interview, "interview": self.advance, "trial": self.advance,
            "offer": self.hire,
        }  # fmt: skip
        self.acts: list[Callable[[], Any]] = [
            self.propose, self.agree, self.share, self.answer, self.answer_by_link, self.answer_by_phone, self.reply,
            self.name, self.disclose, self.interview, self.advance, self.hire, self.end, self.withdraw_consent,
            self.date_ahead, self.let_time_pass, self.edit_opening, *[self.vet_anew] * 3, self.suspend,
            self.bar_workplace, *[self.clear] * 3, self.add_rule, *[self.lift_rules] * 3, self.nightly,
        ]  # fmt: skip
        self.chosen: Introduction | None = None
        self.tokens: list[str] = []

    @property
    def hers(self) -> dict[str, Any]:
        return {"actor": self.counsellor, "beneficiary": self.person}

    def step(self) -> bool:
        """Do one act, most often the one that takes an introduction on; whether it was accepted."""
        rows = Introduction.objects.filter(match__beneficiary=self.person).select_related("match__opening__employer")
        self.chosen = self.random.choice([*rows, None])
        onward = self.onward.get(self.chosen.state, self.propose) if self.chosen else self.propose
        try:
            with self.at_its_time():
                (onward if self.random.random() < 0.6 else self.random.choice(self.acts))()
        except (ValidationError, PermissionDenied, SpentLink, AnswerLink.DoesNotExist, IndexError):
            return False
        return True

    def seen(self) -> list[tuple[Introduction, dict[str, Any]]]:
        """All that the employers' users can read now, signed in or by a link, with the introduction it is about."""
        with self.at_its_time():
            found = [row for user in self.users for row in visible_introductions(User.objects.get(pk=user.pk))]
            for token in self.tokens:
                with suppress(SpentLink):
                    found.append(services.read_link(token=token, now=self.now).introduction)
        return [(row, card(row, on=self.now.date())) for row in found]

    @contextmanager
    def at_its_time(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(timezone, "now", lambda: self.now)
            yield

    # -- acts ---------------------------------------------------------------------------------------------------------

    def propose(self) -> None:
        match = self.random.choice(list(Match.objects.filter(beneficiary=self.person, introduction=None)))
        services.propose_introduction(actor=self.counsellor, match=match, now=self.now)

    def agree(self) -> None:
        services.record_agreement(**self._one(), **GIVEN)

    def share(self) -> None:
        services.share_introduction(**self._one())

    def answer(self) -> None:
        introduction = self._one()["introduction"]
        user = User.objects.get(pk=introduction.match.opening.employer.contacts.get().user_id)
        services.answer_introduction(actor=user, introduction=introduction, now=self.now, **self._said())

    def answer_by_link(self) -> None:
        introduction = self._one()["introduction"]
        contact = introduction.match.opening.employer.contacts.get()
        token = issue_link(introduction=introduction, contact=contact, now=self.now)
        self.tokens = [*self.tokens[-2:], token]
        if self.random.random() < 0.5:  # else it is kept, and read later
            return
        services.answer_by_link(token=token, now=self.now, **self._said())

    def answer_by_phone(self) -> None:
        services.record_answer(**self._one(), **self._said())

    def reply(self) -> None:
        services.reply_to_question(**self._one(), reply="Od ponedeljka.")

    def name(self) -> None:
        fields = self.random.sample(list(NAMES), self.random.randint(1, 4))
        services.record_identity_consent(**self._one(), **GIVEN, fields=fields)

    def disclose(self) -> None:
        services.disclose_identity(**self._one())

    def interview(self) -> None:
        services.set_interview(**self._one(), interview_at=self.now + dt.timedelta(days=2))

    def advance(self) -> None:
        services.advance_introduction(**self._one(), to_state=self.random.choice(["trial", "offer"]))

    def hire(self) -> None:
        services.mark_hired(**self._one())

    def end(self) -> None:
        act = self.random.choice([services.withdraw_introduction, services.decline_for_her])
        act(**self._one())

    def withdraw_consent(self) -> None:
        consent = self.random.choice(list(Consent.objects.filter(beneficiary=self.person)))
        services.withdraw_consent(actor=self.counsellor, consent=consent, now=self.now)

    def date_ahead(self) -> None:
        """A consent whose day has not come, as a counsellor may note it."""
        consent = self.random.choice(list(Consent.objects.filter(beneficiary=self.person)))
        given_on = self.now.date() + dt.timedelta(days=self.random.randint(1, 30))
        Consent.objects.filter(pk=consent.pk).update(given_on=given_on, expires_on=given_on + dt.timedelta(days=90))

    def let_time_pass(self) -> None:
        self.now += dt.timedelta(days=self.random.choice([1, 1, 3, 8, 25, 95, 200]))

    def edit_opening(self) -> None:
        Opening.objects.filter(pk=self._opening().pk).update(
            content_hash=f"{self.random.getrandbits(256):064x}", status="submitted"
        )

    def vet_anew(self) -> None:
        opening = self._opening()
        Opening.objects.filter(pk=opening.pk).update(vetted_hash=opening.content_hash, status="published")

    def suspend(self) -> None:
        Employer.objects.filter(pk=self.random.choice(self.employers).pk).update(status="suspended")

    def bar_workplace(self) -> None:
        status = self.random.choice(["refused", "suspended", "banned"])
        Employer.objects.filter(pk=self.workplace.pk).update(status=status)

    def clear(self) -> None:
        until = self.now.date() + dt.timedelta(days=self.random.choice([10, 365]))
        Employer.objects.filter(pk__in=[one.pk for one in self.employers]).update(status="cleared", cleared_until=until)
        Employer.objects.filter(pk=self.workplace.pk).update(status="registered")

    def add_rule(self) -> None:
        employer = self.random.choice(self.employers)
        services.keep_from_her(**self.hers, kind="employer", employer=employer, now=self.now)

    def lift_rules(self) -> None:
        for rule in self.person.safety_rules.filter(lifted_on=None):
            lift_safety_rule(actor=self.counsellor, rule=rule, reason="r", on=self.now.date())

    def nightly(self) -> None:
        services.lapse_introductions(now=self.now)
        services.nudge_employers(now=self.now)

    def _one(self) -> dict[str, Any]:
        if self.chosen is None:
            raise IndexError
        return {"actor": self.counsellor, "introduction": self.chosen, "now": self.now}

    def _opening(self) -> Opening:
        return self.random.choice(list(Opening.objects.filter(employer__in=self.employers)))

    def _said(self) -> dict[str, str]:
        answer = self.random.choice(["interested", "interested", "interested", "question", "declined"])
        return {"answer": answer, "question": "Od kada?" if answer == "question" else "", "reason": ""}
