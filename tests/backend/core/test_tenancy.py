"""The second line: rows of a programme are found inside that programme, or the query raises."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import Exists, OuterRef
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Organisation
from backend.beneficiaries.models import Beneficiary
from backend.core.tenancy import OfProgramme, OutsideProgramme, ProgrammeManager, in_every_programme, in_programme
from backend.employers.models import Acceptance, Check, Invitation, OpeningRevision
from backend.matches.models import AnswerLink, FrozenProfile, Introduction, IntroductionStep, Match, RankerVersion
from backend.outcomes.models import ContactAttempt, FollowUp, FollowUpDraft
from backend.reports.models import Grant
from backend.trainings.models import Attendance, GrantedSkill
from tests.backend.api.world import DAY, NOW, build
from tests.conftest import Cast

SCOPED = [model for model in apps.get_models() if issubclass(model, OfProgramme)]
SHARED = {"accounts", "audit", "places", "skills", "vault"}
"""Apps whose rows belong to no programme or to all: users and organisations have policies of their own."""


def found(model: Any) -> set[object]:
    return set(model.objects.values_list("pk", flat=True))


def astray(model: type[models.Model]) -> bool:
    """Whether rows of this model hang on a programme's rows, yet could be read outside of it."""
    leads_there = any(
        field.related_model in (Organisation, *SCOPED) for field in model._meta.get_fields() if field.many_to_one
    )
    is_scoped = issubclass(model, OfProgramme) and isinstance(model._default_manager, ProgrammeManager)
    return leads_there and not is_scoped


def test_every_model_of_a_programme_has_the_second_line() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith("backend.")]
    assert [model.__name__ for model in ours if model._meta.app_label not in SHARED and astray(model)] == []
    assert len(SCOPED) >= 30


def test_a_model_without_it_would_be_noticed() -> None:
    class Note(models.Model):
        beneficiary = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "outcomes"

        def __str__(self) -> str:
            return "note"

    try:
        assert astray(Note)
    finally:
        del apps.all_models["outcomes"]["note"]
        apps.clear_cache()


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_outside_of_a_programme_every_query_raises(model: Any, db: None) -> None:
    one = uuid4()
    with in_programme(None):
        for ask in (
            model.objects.exists,
            model.objects.count,
            model.objects.first,
            lambda: list(model.objects.all()),
            lambda: model.objects.filter(pk=one).update(id=one),
            lambda: model.objects.filter(pk=one).delete(),
            lambda: model.objects.select_for_update().filter(pk=one).first(),
        ):
            with pytest.raises(OutsideProgramme):
                ask()
        assert not model.objects.none()


def by_path(model: Any, cast: Cast) -> set[object]:
    """The rows of a programme, found with joins and without the second line."""
    return set(model._base_manager.filter(**{model.within: cast.programme}).values_list("pk", flat=True))


def build_all(cast: Cast, suffix: str) -> None:
    """A row of every model."""
    world = build(cast, suffix)
    GrantedSkill.objects.create(course=world["courses"], skill=world["skills"])
    Attendance.objects.create(enrolment=world["enrolments"], on=DAY, present=True)
    Grant.objects.create(programme=cast.programme, name="G", donor="D", starts_on=DAY, ends_on=DAY)
    Acceptance.objects.create(employer=cast.employer, version="9", accepted_by=cast.employer_user, accepted_at=NOW)
    Check.objects.create(
        employer=cast.employer, item="visit", result="passed", evidence="E", checked_by=cast.lead, checked_on=DAY
    )
    Invitation.objects.create(
        programme=cast.programme, email=f"{suffix}x@example.org", expires_at=NOW, invited_by=cast.lead
    )
    OpeningRevision.objects.create(opening=world["openings"], number=9, content_hash="a" * 64, content={})
    RankerVersion.objects.create(programme=cast.programme, trained_at=NOW, outcomes=1, ranker={})
    IntroductionStep.objects.create(
        introduction=world["introductions"], from_state="agreed_by_her", to_state="shared_blind", at=NOW
    )
    FrozenProfile.objects.create(beneficiary=cast.beneficiary, employer=cast.employer, profile={})
    AnswerLink.objects.create(
        introduction=world["introductions"], contact=world["contacts"], state="shared_blind", expires_at=NOW
    )
    ContactAttempt.objects.create(
        follow_up=world["follow-ups"], attempted_by=cast.counsellor, attempted_at=NOW, result="unreachable"
    )
    FollowUpDraft.objects.create(follow_up=world["follow-ups"], answers={}, saved_at=NOW, saved_by=cast.counsellor)


def test_inside_only_its_own_rows_are_found(cast: Cast, other_cast: Cast) -> None:
    build_all(cast, ""), build_all(other_cast, "2")
    for model in SCOPED:
        for one in (cast, other_cast):
            with in_programme(one.programme.pk):
                assert found(model) == by_path(model, one)
        with in_every_programme():
            assert found(model) == by_path(model, cast) | by_path(model, other_cast)
    # A model without a row would prove nothing.
    assert [model.__name__ for model in SCOPED if not by_path(model, cast)] == []


def test_scopes_nest_and_close(cast: Cast, other_cast: Cast) -> None:
    with in_programme(cast.programme.pk):
        with in_programme(other_cast.programme.pk):
            assert found(Beneficiary) == {other_cast.beneficiary.pk}
        assert found(Beneficiary) == {cast.beneficiary.pk}
        with in_every_programme():
            assert found(Beneficiary) == {cast.beneficiary.pk, other_cast.beneficiary.pk}
        with pytest.raises(KeyError), in_programme(None):
            raise KeyError
        assert found(Beneficiary) == {cast.beneficiary.pk}


def test_a_queryset_belongs_to_the_programme_it_runs_in(cast: Cast, other_cast: Cast) -> None:
    """Forms and views make theirs once, for everybody."""
    with in_programme(None):
        everybody = Beneficiary.objects.all()
    for one in (cast, other_cast):
        with in_programme(one.programme.pk):
            assert [row.pk for row in everybody.all()] == [one.beneficiary.pk]


def test_related_rows_and_subqueries_stay_inside(cast: Cast, other_cast: Cast) -> None:
    build(cast)
    with in_programme(other_cast.programme.pk):
        assert not cast.beneficiary.matches.exists()
        assert not Beneficiary.objects.filter(Exists(Match.objects.filter(opening__employer=cast.employer))).exists()
        planned = FollowUp.objects.filter(spell__beneficiary=OuterRef("pk"))
        assert not Beneficiary.objects.annotate(planned=Exists(planned)).filter(planned=True).exists()


def test_a_thread_of_its_own_opens_a_programme_of_its_own(cast: Cast) -> None:
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            Beneficiary.objects.exists()
        except OutsideProgramme as error:
            raised.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert len(raised) == 1


def test_a_conditional_update_reads_its_condition_from_the_row_it_locks(cast: Cast) -> None:
    """With a join the state would be read from a snapshot on PostgreSQL, and two racers would both win."""
    build(cast)
    with in_programme(cast.programme.pk), CaptureQueriesContext(connection) as asked:
        assert Introduction.objects.filter(state="shared_blind").update(state="interested") == 1
    (statement,) = (query["sql"] for query in asked if query["sql"].startswith("UPDATE"))
    assert """"matches_introduction"."state" = 'shared_blind'""" in statement
    assert 'FROM "matches_introduction"' not in statement
