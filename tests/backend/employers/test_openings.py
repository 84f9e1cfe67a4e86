import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from backend.core.exceptions import Conflict
from backend.employers.content import content_hash
from backend.employers.models import Opening, Requirement
from backend.employers.services import (
    RequirementInput,
    close_opening,
    draft_opening,
    pause_opening,
    renew_opening,
    resume_opening,
    review_opening,
    revise_opening,
    submit_opening,
    vet_employer,
)
from tests.conftest import Cast
from tests.factories import EmployerFactory, MunicipalityFactory, SkillFactory

from .conftest import Publish

Status = Opening.Status


def draft(cast: Cast, today: dt.date, **fields: Any) -> Opening:
    return draft_opening(actor=cast.employer_user, employer=cast.employer, on=today, **{"title": "Krojačica", **fields})


def test_a_draft_has_dates_and_a_hash(cast: Cast, today: dt.date):
    opening = draft(cast, today, requirements=[RequirementInput(skill=SkillFactory()), RequirementInput(phrase="red")])
    assert (opening.status, opening.posted_on) == (Status.DRAFT, today)
    assert opening.valid_through == today + dt.timedelta(days=60)
    opening.refresh_from_db()
    assert opening.content_hash == content_hash(opening, opening.requirements.all())
    assert opening.requirements.count() == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"description": "x" * 20_001}, "description"),
        ({"positions": 0}, "positions"),
        ({"positions": 501}, "positions"),
        ({"positions": "many"}, "positions"),
        ({"contract": "handshake"}, "contract"),
        ({"hours_per_week": 81}, "hours_per_week"),
        ({"hours_per_week": "nan"}, "hours_per_week"),
        ({"hours_per_week": "lots"}, "hours_per_week"),
        ({"pay_from": -1}, "pay_from"),
        ({"pay_from": 10**12}, "pay_from"),
        ({"pay_from": 2, "pay_to": 1}, "pay_to"),
        ({"pay_period": "week"}, "pay_period"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"shifts": ["dawn"]}, "shifts"),
        ({"shifts": "night"}, "shifts"),
        ({"shifts": [["night"]]}, "shifts"),
        ({"licences": None}, "licences"),
        ({"licences": ["pilot"]}, "licences"),
        ({"languages": {"en": "C3"}}, "languages"),
        ({"languages": {"xx": "A1"}}, "languages"),
        ({"languages": ["en"]}, "languages"),
        ({"languages": {"en": ["A1"]}}, "languages"),
        ({"posted_on": dt.date(2026, 11, 2), "valid_through": dt.date(2026, 11, 1)}, "valid_through"),
        ({"requirements": [RequirementInput(phrase="x" * 201)]}, "requirements"),
        ({"requirements": [RequirementInput(phrase="x", level=5)]}, "requirements"),
        ({"requirements": [RequirementInput(phrase="x", importance="vital")]}, "requirements"),
    ],
)
def test_an_opening_is_refused_with_the_field(cast: Cast, today: dt.date, fields: dict[str, Any], field: str):
    with pytest.raises(ValidationError) as refusal:
        draft(cast, today, **fields)
    assert field in refusal.value.message_dict
    assert not Opening.objects.exists()
    assert not Requirement.objects.exists()


def test_what_the_system_keeps_cannot_be_given(cast: Cast, today: dt.date):
    for field in ("status", "vetted_hash", "content_hash", "employer", "source_key", "id"):
        with pytest.raises(TypeError):
            draft(cast, today, **{field: "published"}) if field != "employer" else revise_opening(
                actor=cast.employer_user, opening=draft(cast, today), on=today, employer=EmployerFactory()
            )


def test_an_end_client_of_another_programme_is_unknown(cast: Cast, other_cast: Cast, today: dt.date):
    with pytest.raises(ValidationError) as refusal:
        draft(cast, today, end_client=other_cast.employer)
    assert list(refusal.value.message_dict) == ["end_client"]
    assert draft(cast, today, end_client=EmployerFactory(programme=cast.programme)).end_client


def test_only_the_employer_and_its_counsellors_draft_and_revise(cast: Cast, other_cast: Cast, today: dt.date):
    opening = draft(cast, today)
    for actor in (cast.lead, cast.administrator, other_cast.counsellor, other_cast.employer_user):
        with pytest.raises(PermissionDenied):
            draft_opening(actor=actor, employer=cast.employer, on=today, title="Zamka")
        with pytest.raises(PermissionDenied):
            revise_opening(actor=actor, opening=opening, on=today, title="Zamka")
        with pytest.raises(PermissionDenied):
            submit_opening(actor=actor, opening=opening, on=today)
    assert draft_opening(actor=cast.counsellor, employer=cast.employer, on=today, title="Kuvarica")


def test_repeated_requirements_count_once(cast: Cast, today: dt.date):
    skill = SkillFactory()
    opening = draft(
        cast,
        today,
        requirements=[
            RequirementInput(skill=skill, level=2),
            RequirementInput(skill=skill, phrase="again"),
            RequirementInput(phrase=" red  i mir "),
            RequirementInput(phrase="Red i mir"),
            RequirementInput(),
        ],
    )
    assert sorted((asked.skill, asked.phrase, asked.level) for asked in opening.requirements.all() if asked.skill) == [
        (skill, "", 2)
    ]
    assert opening.requirements.get(skill=None).phrase == "red i mir"


def test_the_hash_does_not_depend_on_order_or_spelling_of_numbers(cast: Cast, today: dt.date):
    one, other = RequirementInput(phrase="a"), RequirementInput(phrase="b")
    first = draft(cast, today, hours_per_week="40.0", shifts=["night", "morning"], requirements=[one, other])
    second = draft(cast, today, hours_per_week=40, shifts=["morning", "night"], requirements=[other, one])
    assert first.content_hash == second.content_hash


@pytest.mark.parametrize(
    ("fields", "is_material"),
    [
        ({"title": "Kuvarica"}, True),
        ({"description": "Smeštaj kod poslodavca."}, True),
        ({"pay_from": 1}, True),
        ({"live_in": False}, True),
        ({"languages": {"en": "A1"}}, True),
        ({"requirements": [RequirementInput(phrase="novo")]}, True),
        ({"positions": 3}, False),
        ({"valid_through": dt.date(2027, 1, 1)}, False),
        ({"pay_from": "80000.00"}, False),
        ({}, False),
    ],
)
def test_a_material_edit_reopens_vetting(
    cast: Cast, publish: Publish, today: dt.date, fields: dict[str, Any], is_material: bool
):
    opening = publish()
    revised = revise_opening(actor=cast.employer_user, opening=opening, on=today, **fields)
    revised.refresh_from_db()
    assert revised.status == (Status.SUBMITTED if is_material else Status.PUBLISHED)
    assert revised.is_vetted is not is_material
    assert Opening.objects.open(on=today).filter(pk=opening.pk).exists() is not is_material


def test_a_place_that_moves_reopens_vetting(cast: Cast, publish: Publish, today: dt.date):
    opening = publish()
    elsewhere = MunicipalityFactory(code="RS-20-nis", name="Niš")
    revised = revise_opening(actor=cast.counsellor, opening=opening, on=today, municipality=elsewhere)
    assert revised.status == Status.SUBMITTED


def test_a_paused_opening_that_was_edited_cannot_be_resumed(cast: Cast, publish: Publish, today: dt.date):
    opening = pause_opening(actor=cast.employer_user, opening=publish(), on=today)
    assert not Opening.objects.open(on=today).filter(pk=opening.pk).exists()
    revise_opening(actor=cast.employer_user, opening=opening, on=today, title="Nešto drugo")
    with pytest.raises(Conflict):
        resume_opening(actor=cast.employer_user, opening=opening, on=today)


def test_the_states_of_an_opening(cast: Cast, publish: Publish, today: dt.date):
    opening = publish()
    opening = pause_opening(actor=cast.lead, opening=opening, on=today)
    with pytest.raises(Conflict):
        pause_opening(actor=cast.employer_user, opening=opening, on=today)
    opening = resume_opening(actor=cast.employer_user, opening=opening, on=today)
    assert opening.status == Status.PUBLISHED
    later = today + dt.timedelta(days=30)
    assert renew_opening(actor=cast.counsellor, opening=opening, on=later).valid_through == later + dt.timedelta(60)
    assert opening.status == Status.PUBLISHED
    opening = close_opening(actor=cast.employer_user, opening=opening, on=today)
    for act in (pause_opening, resume_opening, close_opening, renew_opening, submit_opening):
        with pytest.raises(Conflict):
            act(actor=cast.employer_user, opening=opening, on=today)
    with pytest.raises(Conflict):
        revise_opening(actor=cast.employer_user, opening=opening, on=today, title="Ponovo")


def test_strangers_move_nothing(cast: Cast, other_cast: Cast, publish: Publish, today: dt.date):
    opening = publish()
    for actor in (cast.administrator, other_cast.lead, other_cast.employer_user):
        for act in (pause_opening, resume_opening, close_opening, renew_opening):
            with pytest.raises(PermissionDenied):
                act(actor=actor, opening=opening, on=today)


def review(cast: Cast, opening: Opening, today: dt.date, outcome: str = "published", **given: Any) -> Any:
    wanted = {"actor": cast.lead, "content_hash": opening.content_hash, "on": today, **given}
    return review_opening(opening=opening, outcome=outcome, **wanted)


def test_approval_binds_to_what_was_read(cast: Cast, today: dt.date):
    opening = submit_opening(actor=cast.employer_user, opening=draft(cast, today), on=today)
    read = opening.content_hash
    revise_opening(actor=cast.employer_user, opening=opening, on=today, description="Pasoš ostaje kod poslodavca.")
    with pytest.raises(Conflict):
        review(cast, opening, today, content_hash=read)
    opening.refresh_from_db()
    assert (opening.status, opening.vetted_hash) == (Status.SUBMITTED, "")


def test_an_opening_is_decided_on_once(cast: Cast, today: dt.date):
    opening = submit_opening(actor=cast.employer_user, opening=draft(cast, today), on=today)
    review(cast, opening, today)
    with pytest.raises(Conflict):
        review(cast, opening, today, outcome="refused", note="late")
    opening.refresh_from_db()
    assert opening.status == Status.PUBLISHED


def test_only_the_programmes_lead_reviews(cast: Cast, other_cast: Cast, today: dt.date):
    opening = submit_opening(actor=cast.employer_user, opening=draft(cast, today), on=today)
    for actor in (cast.counsellor, cast.employer_user, cast.administrator, other_cast.lead):
        with pytest.raises(PermissionDenied):
            review(cast, opening, today, actor=actor)


@pytest.mark.parametrize(
    ("outcome", "note", "field"),
    [
        ("refused", " ", "note"),
        ("refused", "Naše korisnice su žrtve.", "note"),
        ("maybe", "n", "outcome"),
        ("", "n", "outcome"),
    ],
)
def test_a_review_is_refused_with_the_field(cast: Cast, today: dt.date, outcome: str, note: str, field: str):
    opening = submit_opening(actor=cast.employer_user, opening=draft(cast, today), on=today)
    with pytest.raises(ValidationError) as refusal:
        review(cast, opening, today, outcome=outcome, note=note)
    assert list(refusal.value.message_dict) == [field]


def test_a_hard_stop_cannot_be_published_but_refused(cast: Cast, today: dt.date):
    opening = draft(cast, today, description="Депозит 100 евра пре почетка.")
    opening = submit_opening(actor=cast.employer_user, opening=opening, on=today)
    with pytest.raises(ValidationError) as refusal:
        review(cast, opening, today)
    assert list(refusal.value.message_dict) == ["outcome"]
    decided = review(cast, opening, today, outcome="refused", note="Deposit.")
    assert "fee" in {sign["code"] for sign in decided.red_flags}


def test_an_employer_that_is_not_cleared_cannot_publish(cast: Cast, today: dt.date):
    opening = submit_opening(actor=cast.employer_user, opening=draft(cast, today), on=today)
    vet_employer(actor=cast.lead, employer=cast.employer, outcome="suspended", note="n", on=today)
    with pytest.raises(ValidationError, match="cleared"):
        review(cast, opening, today)


def test_an_opening_that_has_run_out_cannot_be_published(cast: Cast, today: dt.date):
    opening = submit_opening(actor=cast.employer_user, opening=draft(cast, today), on=today)
    with pytest.raises(ValidationError, match="Renew"):
        review(cast, opening, opening.valid_through + dt.timedelta(days=1))


def test_a_refused_opening_may_be_handed_in_again(cast: Cast, today: dt.date):
    opening = submit_opening(actor=cast.employer_user, opening=draft(cast, today), on=today)
    review(cast, opening, today, outcome="refused", note="Too vague.")
    revise_opening(actor=cast.employer_user, opening=opening, on=today, description="Šivenje zavesa.")
    opening = submit_opening(actor=cast.employer_user, opening=opening, on=today)
    assert opening.status == Status.SUBMITTED
    with pytest.raises(Conflict):
        submit_opening(actor=cast.employer_user, opening=opening, on=today)
