"""The synthetic programme: the same from the same seed, consistent as the services would have left it, kept apart."""

import datetime as dt
import hashlib
import itertools
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Exists, F, JSONField, Max, Min, Model, OuterRef, Q
from django.db.models.functions import TruncDate
from django.test import Client

from backend.accounts.models import Organisation, User
from backend.beneficiaries.models import Beneficiary, Consent, Identity
from backend.employers.content import content_hash
from backend.employers.models import Employer, Opening, OpeningReview, Vetting
from backend.matches.models import Decision, Introduction, IntroductionStep, Match, MatchRun
from backend.matches.states import TRANSITIONS
from backend.outcomes.models import Assessment, EmploymentSpell, FollowUp, WarningFlag
from backend.reports.demo import programme, rows
from backend.reports.demo.careers import employed_for
from backend.reports.demo.draws import Draws
from backend.reports.demo.firms import _tax_number
from backend.reports.demo.reference import read_reference
from backend.reports.demo.staff import COUNSELLOR, EMPLOYER, LEAD, PASSWORD
from backend.reports.management.commands.load_demo import plans
from backend.trainings.models import Attendance, Credential, Enrolment, Session

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 2)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A fifth of the demonstration, loaded once for this module; what the command printed."""
    from django.conf import settings

    printed = StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        was, settings.LOCAL = settings.LOCAL, True
        call_command("load_reference", stdout=StringIO())
        call_command("load_demo", scale=0.2, on=ON, stdout=printed)
        settings.LOCAL = was
        yield printed.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def debug(settings: Any) -> None:
    settings.LOCAL = True


def digest(made: rows.Rows) -> str:
    """Of every column of every row; the salt of the password alone is new each time."""
    whole = hashlib.sha256()
    for model in rows.ORDER:
        columns = [field.attname for field in model._meta.concrete_fields if field.attname not in ("password", "id")]
        columns += ["id"] * (model._meta.pk.get_internal_type() == "UUIDField")
        for row in made.of(model):
            line = [model.__name__, *(getattr(row, column) for column in columns)]
            whole.update(json.dumps(line, default=str, sort_keys=True).encode())
    return whole.hexdigest()


def test_the_same_seed_makes_the_same_rows_and_another_one_others(demo: str) -> None:
    plan, _second = plans(0.1)
    reference = read_reference()
    first = digest(programme.build(plan, reference, seed=7, on=ON)[1])
    assert digest(programme.build(plan, read_reference(), seed=7, on=ON)[1]) == first
    assert digest(programme.build(plan, reference, seed=8, on=ON)[1]) != first
    assert digest(programme.build(plan, reference, seed=7, on=ON + dt.timedelta(days=1))[1]) != first


def test_every_field_holds_a_value_that_its_form_would_take(demo: str) -> None:
    for plan in plans(0.2):
        _organisation, made = programme.build(plan, read_reference(), seed=3, on=ON)
        for model in rows.ORDER:
            relations = [field.name for field in model._meta.fields if field.is_relation]
            empty_lists = [field.name for field in model._meta.fields if isinstance(field, JSONField)]
            for row in made.of(model):
                row.clean_fields(exclude={*relations, *empty_lists, "id"})


def test_the_full_size_and_every_state_of_an_introduction(demo: str) -> None:
    plan, second = plans(1)
    _organisation, made = programme.build(plan, read_reference(), seed=7, on=ON)
    assert len(made.of(Beneficiary)) == 120
    assert len(made.of(Employer)) == 40
    assert len(made.of(Opening)) == 300
    assert {introduction.state for introduction in made.of(Introduction)} == set(Introduction.State)
    is_open = [
        opening
        for opening in made.of(Opening)
        if opening.status == "published" and opening.valid_through >= ON and opening.employer.status == "cleared"
    ]
    assert 50 <= len(is_open) <= 70
    # Nobody is banned: the numbers of invented companies are deliberately invalid, and a ban holds a number.
    assert {employer.status for employer in made.of(Employer)} == set(Employer.Status) - {Employer.Status.BANNED}
    assert {opening.status for opening in made.of(Opening)} == set(Opening.Status)
    assert second.people == 5


def test_most_keep_their_job_for_three_months_and_fewer_than_half_for_a_year() -> None:
    draws = Draws("retention")
    kept = [employed_for(draws) for _person in range(4000)]
    for day, low, high in ((90, 0.72, 0.78), (180, 0.57, 0.65), (365, 0.44, 0.52)):
        assert low < sum(days >= day for days in kept) / len(kept) < high


def test_a_tax_number_is_no_real_one() -> None:
    taken: set[str] = set()
    for number in (_tax_number(Draws("tax"), taken) for _employer in range(50)):
        rest = 10
        for digit in number[:8]:
            rest = (((rest + int(digit)) % 10 or 10) * 2) % 11
        assert len(number) == 9
        assert (11 - rest) % 10 != int(number[8])


# -- the command ---------------------------------------------------------------------------------------------------


def test_it_says_that_it_is_synthetic_and_how_to_sign_in(demo: str, client: Client) -> None:
    assert "synthetic" in demo
    for email in (COUNSELLOR, LEAD, EMPLOYER):
        assert email in demo
        assert User.objects.get(email=email).check_password(PASSWORD)
    assert User.objects.get(email=COUNSELLOR).is_counsellor
    assert User.objects.get(email=LEAD).is_lead
    assert User.objects.get(email=EMPLOYER).is_employer
    assert all("(sintetički podaci)" in name for name in programmes().values_list("name", flat=True))
    assert not User.objects.exclude(email__endswith=".example").exists()


def test_it_refuses_outside_debug(demo: str, settings: Any) -> None:
    settings.LOCAL = False
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("load_demo", if_empty=True)


def test_it_never_mixes_with_people_who_are_there(demo: str, debug: None) -> None:
    before = Beneficiary.objects.count()
    with pytest.raises(CommandError, match="people"):
        call_command("load_demo")
    printed = StringIO()
    call_command("load_demo", if_empty=True, stdout=printed)
    assert "no demonstration" in printed.getvalue()
    assert Beneficiary.objects.count() == before


# -- employers and openings ----------------------------------------------------------------------------------------


def programmes() -> Any:
    return Organisation.objects.filter(kind=Organisation.Kind.PROGRAMME)


def test_a_published_opening_is_vetted_as_it_stands_by_a_lead_of_a_cleared_employer(demo: str) -> None:
    published = Opening.objects.exclude(vetted_hash="")
    assert published.count() > 30
    for opening in published.prefetch_related("requirements", "reviews__decided_by", "employer__vettings"):
        assert opening.vetted_hash == opening.content_hash == content_hash(opening, opening.requirements.all())
        (review,) = opening.reviews.all()
        assert review.outcome == OpeningReview.Outcome.PUBLISHED
        assert review.content_hash == opening.content_hash
        assert review.decided_by.is_lead
        assert not any(sign["hard_stop"] for sign in review.red_flags)
        assert opening.posted_on <= review.decided_on <= min(ON, opening.valid_through)
        assert any(
            vetting.outcome == Vetting.Outcome.CLEARED
            and vetting.decided_on <= review.decided_on <= (vetting.expires_on or ON)
            for vetting in opening.employer.vettings.all()
        )
    assert set(Opening.objects.filter(vetted_hash="").values_list("status", flat=True)) <= {
        "draft", "submitted", "refused",
    }  # fmt: skip
    assert Opening.objects.open(on=ON).count() >= 10


def test_an_employer_is_what_its_last_vetting_says(demo: str) -> None:
    for employer in Employer.objects.prefetch_related("vettings"):
        last = max(employer.vettings.all(), key=lambda vetting: (vetting.decided_on, vetting.created_at), default=None)
        assert employer.status == (last.outcome if last else Employer.Status.REGISTERED)
        if employer.status == Employer.Status.CLEARED and last:
            assert employer.cleared_until == last.expires_on


def test_openings_are_as_untidy_as_real_ones(demo: str) -> None:
    openings = Opening.objects.all()
    assert openings.filter(pay_from__isnull=True).exists()
    assert openings.filter(Q(municipality=None) | Q(occupation=None)).exists()
    assert openings.filter(valid_through__lt=ON).exists()
    assert openings.exclude(source="portal").exists()
    assert openings.filter(requirements__skill=None).exists()


# -- people --------------------------------------------------------------------------------------------------------


def test_people_are_invented_and_belong_to_their_counsellors_programme(demo: str) -> None:
    assert Beneficiary.objects.filter(code="D-0001").exists()
    for person in Beneficiary.objects.select_related("counsellor", "identity"):
        assert person.counsellor.organisation == person.organisation
    surnames = {identity.last_name for identity in Identity.objects.all()}
    assert surnames <= set(read_reference().words["surnames"])


def test_the_programmes_share_nothing(demo: str) -> None:
    assert sorted(programmes().annotate(n=Count("beneficiaries")).values_list("n", flat=True)) == [5, 24]
    hers = F("beneficiary__organisation")
    assert not Match.objects.exclude(opening__employer__programme=hers).exists()
    assert not Enrolment.objects.exclude(session__course__programme=hers).exists()
    assert not EmploymentSpell.objects.filter(employer__isnull=False).exclude(employer__programme=hers).exists()
    assert not Consent.objects.filter(recipient__isnull=False).exclude(recipient__programme=hers).exists()


def test_nothing_happens_before_she_entered_or_after_today(demo: str) -> None:
    entered = F("beneficiary__entered_on")
    for model, column in (
        (Consent, "given_on"), (Enrolment, "enrolled_on"), (Assessment, "assessed_on"), (WarningFlag, "raised_on"),
        (EmploymentSpell, "started_on"),
    ):  # fmt: skip
        assert not model.objects.filter(**{f"{column}__lt": entered}).exists()
        assert not model.objects.filter(**{f"{column}__gt": ON}).exists()
    assert not MatchRun.objects.filter(ran_at__date__lt=entered).exists()
    assert not Decision.objects.filter(decided_at__date__lt=F("match__beneficiary__entered_on")).exists()
    assert not IntroductionStep.objects.filter(at__date__gte=ON).exists()


# -- trainings -----------------------------------------------------------------------------------------------------


def test_a_credential_follows_a_completed_training_and_its_skills_are_held(demo: str) -> None:
    assert Credential.objects.exists()
    for credential in Credential.objects.select_related("enrolment__session__course", "enrolment__beneficiary"):
        enrolment = credential.enrolment
        assert enrolment.status == Enrolment.Status.COMPLETED
        assert enrolment.session.ends_on <= credential.awarded_on <= ON
        held = enrolment.beneficiary.skills.filter(evidence="certificate")
        granted = set(enrolment.session.course.grants.values_list("skill", flat=True))
        assert granted <= set(held.values_list("skill", flat=True))
    assert not Enrolment.objects.filter(status="completed", credential__isnull=True).exists()


def test_sessions_are_not_overbooked_and_nobody_is_present_before_or_after(demo: str) -> None:
    taken = Session.objects.annotate(taken=Count("enrolments"))
    assert not taken.filter(taken__gt=F("capacity")).exists()
    assert not Attendance.objects.filter(
        Q(on__lt=F("enrolment__session__starts_on")) | Q(on__gt=F("enrolment__session__ends_on")) | Q(on__gte=ON)
    ).exists()


# -- matches and introductions -------------------------------------------------------------------------------------


def test_reasons_add_up_to_the_score(demo: str) -> None:
    for match in Match.objects.all():
        assert sum(reason["contribution"] for reason in match.reasons) == pytest.approx(match.score, abs=1e-6)
        assert all(reason.keys() == {"code", "contribution", "detail"} for reason in match.reasons)


def test_steps_follow_the_transitions_one_after_another(demo: str) -> None:
    assert Introduction.objects.count() > 5
    for introduction in Introduction.objects.prefetch_related("steps"):
        state, at = str(Introduction.State.PROPOSED), introduction.created_at
        for step in introduction.steps.all():
            assert step.from_state == state
            assert step.to_state in TRANSITIONS[state]
            assert step.at > at
            state, at = step.to_state, step.at
        assert introduction.state == state


def test_decisions_come_before_the_introduction(demo: str) -> None:
    yes = Decision.objects.filter(match=OuterRef("match"), kind="she_says_yes", decided_at__lt=OuterRef("created_at"))
    assert not Introduction.objects.exclude(Exists(yes)).exists()


def test_nobody_is_shown_or_named_without_consent_for_the_opening_as_it_was(demo: str) -> None:
    for introduction in Introduction.objects.select_related("match__opening", "blind_consent", "identity_consent"):
        opening = introduction.match.opening
        for consent, reached, purpose in (
            (introduction.blind_consent, "shared_blind", "blind_introduction"),
            (introduction.identity_consent, "identified", "identity_disclosure"),
        ):
            step = introduction.steps.filter(to_state=reached).first()
            if consent is None:
                assert step is None
                continue
            assert consent.purpose == purpose
            assert consent.beneficiary_id == introduction.match.beneficiary_id
            assert consent.opening_id == opening.pk
            assert consent.recipient_id == opening.employer_id
            assert consent.opening_hash == introduction.opening_hash == opening.vetted_hash
            if step:
                assert consent.given_on <= step.at.date() <= consent.expires_on
        if introduction.shared_at:
            review = opening.reviews.get()
            assert review.decided_on <= introduction.shared_at.date() <= opening.valid_through
        keeps = introduction.state in Introduction.SHARED
        assert bool(introduction.shared_profile) == keeps


def test_nobody_is_introduced_against_her_limits(demo: str) -> None:
    assert not Introduction.objects.filter(match__beneficiary__permit__in=["none", "unknown"]).exists()
    pending = Introduction.objects.pending().filter(match__opening__in=Opening.objects.open(on=ON))
    assert pending.exists()
    active = pending.filter(match__beneficiary__status="active")
    assert not active.filter(match__is_eligible=False).exists()


def test_active_people_are_ranked_by_the_engine(demo: str) -> None:
    ranked = MatchRun.objects.filter(beneficiary=OuterRef("pk"), ran_at__date=ON)
    assert not Beneficiary.objects.active().exclude(Exists(ranked)).exists()
    assert Match.objects.current(on=ON).filter(state="proposed").exists()


# -- work and after ------------------------------------------------------------------------------------------------


def test_nobody_works_before_she_is_placed(demo: str) -> None:
    placed = EmploymentSpell.objects.filter(introduction__isnull=False)
    assert placed.exists()
    for spell in placed.select_related("introduction__match__opening"):
        hired = spell.introduction.steps.get(to_state="hired")
        assert hired.at.date() == spell.started_on
        assert spell.introduction.match.beneficiary_id == spell.beneficiary_id
        assert spell.introduction.match.opening.employer_id == spell.employer_id
    assert not Introduction.objects.filter(state="hired", spell__isnull=True).exists()
    hires = Count("matches__introduction", filter=Q(matches__introduction__state="hired"))
    assert not Opening.objects.annotate(hires=hires).filter(hires__gt=F("positions")).exists()


def test_work_never_overlaps(demo: str) -> None:
    spells = list(EmploymentSpell.objects.order_by("beneficiary", "started_on"))
    for before, after in itertools.pairwise(spells):
        if before.beneficiary_id == after.beneficiary_id:
            assert before.ended_on is not None
            assert before.ended_on < after.started_on


def test_follow_ups_are_made_on_their_day_or_later_and_say_what_the_spells_say(demo: str) -> None:
    done = FollowUp.objects.exclude(result="")
    assert done.filter(status="").exists()  # some are not reached
    assert not done.filter(Q(contacted_on__lt=F("due_on")) | Q(contacted_on__gte=ON)).exists()
    same = done.filter(status="same_employer")
    assert not same.filter(contacted_on__gt=F("spell__ended_on")).exists()
    assert not same.filter(contacted_on__gt=F("spell__verified_on")).exists()
    for contact in FollowUp.objects.select_related("spell"):
        assert contact.due_on == contact.spell.started_on + dt.timedelta(days=contact.day)
    assert not done.filter(attempts__attempted_at__date__gt=F("contacted_on")).exists()


def test_what_waits_on_every_counsellors_page(demo: str) -> None:
    soon = ON + dt.timedelta(days=30)
    assert FollowUp.objects.filter(result="", due_on=ON).exists()
    assert FollowUp.objects.filter(result="", due_on__lt=ON).exists()
    hers = Q(beneficiary__counsellor__email=COUNSELLOR)
    assert Consent.objects.filter(hers, purpose="support", expires_on__range=(ON, soon)).exists()
    assert Enrolment.objects.filter(session__starts_on__lte=ON, session__ends_on__gte=ON, status="enrolled").exists()
    assert Opening.objects.open(on=ON).filter(valid_through__lte=ON + dt.timedelta(days=7)).exists()
    assert WarningFlag.objects.filter(resolved_on=None).exists()
    assert Introduction.objects.filter(Q(state="interested") | Q(state="declined_by_employer")).exists()


def test_the_years_before_are_filled(demo: str) -> None:
    span = Beneficiary.objects.aggregate(first=Min("entered_on"), last=Max("entered_on"))
    assert (span["last"] - span["first"]).days > 500
    seen = FollowUp.objects.exclude(result="").annotate(day_seen=TruncDate("contacted_on")).count()
    assert seen > 20


def every_row(model: type[Model]) -> int:
    return model._default_manager.count()


def test_no_table_of_the_programme_is_empty(demo: str) -> None:
    assert [model.__name__ for model in rows.ORDER if not every_row(model)] == []
