"""What the acts on a person's file do, and the rules they keep."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError

from backend.audit.models import Event
from backend.beneficiaries import services
from backend.beneficiaries.models import Beneficiary, Consent, HeldSkill, Identity, SafetyRule
from backend.beneficiaries.policies import visible_beneficiaries
from backend.beneficiaries.queries import completeness
from backend.core.exceptions import Conflict
from backend.matches.services import withdraw_consent
from tests.conftest import Cast
from tests.factories import MunicipalityFactory, OccupationFactory, OpeningFactory, SkillFactory


@pytest.fixture
def who(cast: Cast) -> dict[str, Any]:
    return {"actor": cast.counsellor, "beneficiary": cast.beneficiary}


def test_register_writes_person_identity_consent_and_trail(cast: Cast, today: dt.date) -> None:
    person = services.register_beneficiary(
        actor=cast.counsellor,
        code="NEW-1",
        entered_on=today,
        on=today,
        licences=["sanitary", "driving_b", "sanitary"],
        identity={"first_name": "Synthetic", "last_name": "Person", "phone": "+381601234567"},
        support_consent={"method": "signed", "language": "sr", "given_on": today},
    )
    person.refresh_from_db()
    assert person.counsellor == cast.counsellor
    assert person.organisation == cast.programme
    assert person.licences == ["driving_b", "sanitary"]
    assert person.identity.first_name == "Synthetic"
    assert person.consents.valid(on=today).get().purpose == Consent.Purpose.SUPPORT
    acts = set(Event.objects.filter(actor=cast.counsellor).values_list("act", flat=True))
    assert acts == {"register_beneficiary", "save_identity", "give_consent"}
    assert "Synthetic" not in str([event.detail for event in Event.objects.all()])


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("code", {"code": "lower"}),
        ("code", {"code": "TAKEN-1"}),
        ("entered_on", {"entered_on": dt.date(2027, 1, 1)}),
        ("licences", {"licences": ["pilot"]}),
        ("permit", {"permit": "maybe"}),
        ("phone", {"identity": {"first_name": "S", "last_name": "P", "phone": "12"}}),
        ("expires_on", {"support_consent": {"expires_on": dt.date(2020, 1, 1)}}),
    ],
)
def test_register_refuses_with_the_field_and_writes_nothing(
    field: str, change: dict[str, Any], cast: Cast, today: dt.date
) -> None:
    Beneficiary.objects.filter(pk=cast.beneficiary.pk).update(code="TAKEN-1")
    if "support_consent" in change:
        filled = {"method": "signed", "language": "sr", "given_on": today}
        change = {"support_consent": filled | change["support_consent"]}
    arguments = {"code": "NEW-1", "entered_on": today} | change
    with pytest.raises(ValidationError) as refusal:
        services.register_beneficiary(actor=cast.counsellor, on=today, **arguments)
    assert field in refusal.value.message_dict
    assert Beneficiary.objects.filter(organisation=cast.programme).count() == 1
    assert not Identity.objects.exists()


def test_update_refuses_fields_that_are_not_its_own(who: dict[str, Any], today: dt.date) -> None:
    with pytest.raises(TypeError):
        services.update_beneficiary(**who, on=today, counsellor=None)
    assert services.update_beneficiary(**who, on=today, status="paused").status == "paused"


def test_no_day_of_her_file_lies_ahead(who: dict[str, Any], today: dt.date) -> None:
    tomorrow = today + dt.timedelta(days=1)
    for act, field in ((services.update_beneficiary, "entered_on"), (services.save_identity, "birth_date")):
        with pytest.raises(ValidationError) as refusal:
            act(**who, on=today, **{field: tomorrow})
        assert field in refusal.value.message_dict


def test_reading_an_identity_leaves_a_trace(who: dict[str, Any], today: dt.date) -> None:
    services.save_identity(**who, on=today, first_name="Synthetic", last_name="Person")
    services.save_identity(**who, on=today, code_word="plum")
    identity = services.read_identity(**who)
    assert (identity.first_name, identity.code_word) == ("Synthetic", "plum")
    assert Event.objects.filter(act="read_identity", object_id=str(who["beneficiary"].pk)).count() == 1


def test_hand_over(cast: Cast, other_cast: Cast, who: dict[str, Any], django_capture_on_commit_callbacks: Any) -> None:
    for wrong in (cast.counsellor, cast.lead, other_cast.counsellor):
        with pytest.raises(ValidationError):
            services.hand_over(**who, to=wrong, reason="leave")
    stale = Beneficiary.objects.get(pk=cast.beneficiary.pk)
    with pytest.raises(ValidationError):
        services.hand_over(**who, to=cast.colleague, reason="because")
    with django_capture_on_commit_callbacks(execute=True):
        services.hand_over(**who, to=cast.colleague, reason="leave")
    assert [letter.to for letter in mail.outbox] == [[cast.colleague.email]]
    assert cast.beneficiary.code not in mail.outbox[0].subject + mail.outbox[0].body
    assert cast.beneficiary in visible_beneficiaries(cast.colleague)
    assert cast.beneficiary not in visible_beneficiaries(cast.counsellor)
    with pytest.raises(Conflict):
        services.hand_over(actor=cast.counsellor, beneficiary=stale, to=cast.colleague, reason="leave")


def test_a_disclosure_names_recipient_and_opening(
    cast: Cast, other_cast: Cast, who: dict[str, Any], today: dt.date
) -> None:
    opening = OpeningFactory(employer=cast.employer, content_hash="c" * 64)
    given = {"method": "spoken", "language": "sr", "given_on": today}
    purpose = Consent.Purpose.IDENTITY_DISCLOSURE
    with pytest.raises(ValidationError, match="opening"):
        services.give_consent(**who, purpose=purpose, **given)
    with pytest.raises(ValidationError, match="opening"):  # another employer's
        services.give_consent(**who, purpose=purpose, **given, recipient=cast.employer, opening=OpeningFactory())
    with pytest.raises(PermissionDenied):
        services.give_consent(**who, purpose=purpose, **given, recipient=other_cast.employer)
    consent = services.give_consent(
        **who, purpose=purpose, **given, recipient=cast.employer, opening=opening, fields=["first_name"]
    )
    assert consent.opening_hash == opening.content_hash


def test_a_consent_is_withdrawn_once(who: dict[str, Any], today: dt.date, now: dt.datetime) -> None:
    consent = services.give_consent(**who, purpose="research", method="signed", language="sr", given_on=today)
    withdraw_consent(actor=who["actor"], consent=consent, now=now)
    assert not who["beneficiary"].consents.valid(on=today).exists()
    with pytest.raises(Conflict):
        withdraw_consent(actor=who["actor"], consent=consent, now=now)


def test_weaker_evidence_never_replaces_stronger(who: dict[str, Any], today: dt.date) -> None:
    skill = SkillFactory()
    services.note_skill(**who, skill=skill, level=2, evidence="self", on=today, phrase="šijem")
    services.note_skill(**who, skill=skill, level=3, evidence="certificate", on=today)
    with pytest.raises(ValidationError) as refusal:
        services.note_skill(**who, skill=skill, level=1, evidence="self", on=today)
    assert "evidence" in refusal.value.message_dict
    held = HeldSkill.objects.get()
    assert (held.level, held.evidence, held.phrase) == (3, "certificate", "šijem")


@pytest.mark.parametrize(("level", "evidence"), [(5, "self"), (-1, "self"), (2, "rumour")])
def test_impossible_skills_are_refused(level: int, evidence: str, who: dict[str, Any], today: dt.date) -> None:
    with pytest.raises(ValidationError):
        services.note_skill(**who, skill=SkillFactory(), level=level, evidence=evidence, on=today)
    assert not HeldSkill.objects.exists()


def test_wishes_keep_what_is_not_given(who: dict[str, Any]) -> None:
    occupation = OccupationFactory()
    services.save_wishes(**who, occupations=[occupation], min_hours=20, max_hours=30, shifts=["night", "morning"])
    wishes = services.save_wishes(**who, occupations=[occupation], max_travel_km=10)
    wishes.refresh_from_db()
    assert (wishes.min_hours, wishes.max_travel_km, wishes.shifts) == (20, 10, ["morning", "night"])
    assert wishes.occupations.get() == occupation
    for field, wrong in (("max_hours", {"max_hours": 10}), ("shifts", {"shifts": ["noon"]})):
        with pytest.raises(ValidationError) as refusal:
            services.save_wishes(**who, **wrong)
        assert field in refusal.value.message_dict


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("municipality", {"kind": "place", "radius_km": 10}),
        ("radius_km", {"kind": "place", "municipality": True}),
        ("employer", {"kind": "employer"}),
        ("sector", {"kind": "sector"}),
        ("sector", {"kind": "sector", "sector": "Z"}),
        ("condition", {"kind": "condition", "condition": "cold"}),
        ("condition", {"kind": "sector", "sector": "A", "condition": "night"}),
        ("kind", {"kind": "weather"}),
    ],
)
def test_a_rule_says_exactly_what_its_kind_needs(
    field: str, arguments: dict[str, Any], who: dict[str, Any], today: dt.date
) -> None:
    if "municipality" in arguments:
        arguments = arguments | {"municipality": MunicipalityFactory()}
    with pytest.raises(ValidationError) as refusal:
        services.add_safety_rule(**who, on=today, **arguments)
    assert field in refusal.value.message_dict
    assert not SafetyRule.objects.exists()


def test_another_programmes_employer_cannot_be_named(other_cast: Cast, who: dict[str, Any], today: dt.date) -> None:
    with pytest.raises(PermissionDenied):
        services.add_safety_rule(**who, kind="employer", employer=other_cast.employer, on=today)


def test_a_rule_is_lifted_once_and_with_a_reason(who: dict[str, Any], today: dt.date) -> None:
    rule = services.add_safety_rule(**who, kind="condition", condition="night", on=today)
    for reason in ("  ", "x" * 401):
        with pytest.raises(ValidationError):
            services.lift_safety_rule(actor=who["actor"], rule=rule, reason=reason, on=today)
    rule.refresh_from_db()
    services.lift_safety_rule(actor=who["actor"], rule=rule, reason="moved", on=today)
    with pytest.raises(Conflict):
        services.lift_safety_rule(actor=who["actor"], rule=rule, reason="moved", on=today)


def test_goals_are_reached_once(who: dict[str, Any], today: dt.date) -> None:
    with pytest.raises(ValidationError):
        services.set_goal(**who, domain="legal", text="t", owner="o", on=today, due_on=dt.date(2020, 1, 1))
    goal = services.set_goal(**who, domain="legal", text="t", owner="o", on=today)
    assert services.achieve_goal(actor=who["actor"], goal=goal, on=today).achieved_on == today
    with pytest.raises(Conflict):
        services.achieve_goal(actor=who["actor"], goal=goal, on=today)


def test_completeness_names_what_is_missing(who: dict[str, Any], today: dt.date) -> None:
    beneficiary = who["beneficiary"]
    assert completeness(beneficiary)[:2] == ["skills", "occupations"]
    services.note_skill(**who, skill=SkillFactory(), level=2, evidence="self", on=today)
    services.save_wishes(**who, occupations=[OccupationFactory()], shifts=[], min_hours=10)
    assert completeness(beneficiary) == ["experience", "languages", "max_travel_km", "min_pay_per_hour"]
