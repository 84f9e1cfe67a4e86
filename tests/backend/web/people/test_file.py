"""Intake, identity, plan, safety rules and consents, through the pages."""

import datetime as dt

from django.test import Client
from django.urls import reverse

from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary, Consent
from tests.backend.web.people.conftest import World
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, MunicipalityFactory

INTAKE = {"code": "k-7001", "entered_on": "2026-11-01", "permit": "citizen", "method": "spoken", "language": "sr"}


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


def test_intake_takes_a_person_in(client: Client, cast: Cast) -> None:
    place = MunicipalityFactory()
    intake = INTAKE | {
        "municipality": place.pk, "licences": ["driving_b"], "consents": "on",
        "first_name": "Sintetička", "last_name": "Osoba", "phone": "064 123 4567",
        "safe_channel": "call", "safe_hours": "posle 17", "code_word": "lala",
    }  # fmt: skip
    response = client.post(url("register_person"), intake, follow=True)
    person = Beneficiary.objects.get(code="K-7001")
    assert response.redirect_chain[-1][0] == url("person", person.pk)
    assert person.counsellor == cast.counsellor
    assert person.identity.code_word == "lala"
    assert person.consents.get().purpose == Consent.Purpose.SUPPORT


def test_intake_needs_no_name_and_no_consent(client: Client) -> None:
    client.post(url("register_person"), INTAKE)
    person = Beneficiary.objects.get(code="K-7001")
    assert not hasattr(person, "identity")
    assert not person.consents.exists()


def test_a_taken_code_says_nothing_about_whose_it_is(client: Client, cast: Cast) -> None:
    BeneficiaryFactory(organisation=cast.programme, counsellor=cast.colleague, code="K-7001")
    response = client.post(url("register_person"), INTAKE)
    assert list(response.context["form"].errors) == ["code"]
    assert cast.colleague.name not in response.content.decode()
    assert Beneficiary.objects.filter(code="K-7001").count() == 1


def test_intake_names_each_wrong_field_and_writes_nothing(client: Client, db: None) -> None:
    before = Beneficiary.objects.count()
    wrong = {
        "code": {"code": "?"}, "entered_on": {"entered_on": "2027-01-01"}, "municipality": {"municipality": "Mars"},
        "permit": {"permit": "x"}, "licences": {"licences": ["rocket"]}, "phone": {"phone": "12"},
        "last_name": {"first_name": "Sintetička"}, "email": {"email": "x"}, "safe_channel": {"safe_channel": "pigeon"},
    }  # fmt: skip
    for field, change in wrong.items():
        response = client.post(url("register_person"), INTAKE | change)
        assert response.status_code == 200
        assert field in response.context["form"].errors, field
    assert Beneficiary.objects.count() == before


def test_her_file_can_be_changed(client: Client, world: World) -> None:
    change = {"status": "light_touch", "entered_on": "2026-06-02", "permit": "permit", "licences": ["sanitary"]}
    assert client.post(url("person_edit", world.person.pk), change).status_code == 302
    world.person.refresh_from_db()
    assert (world.person.status, world.person.licences) == ("light_touch", ["sanitary"])
    response = client.post(url("person_edit", world.person.pk), change | {"status": "dead"})
    assert "status" in response.context["form"].errors


def test_each_reading_of_her_identity_is_noted(client: Client, world: World) -> None:
    page = client.get(url("person_identity", world.person.pk)).content.decode()
    assert "Sintetička" in page
    assert Event.objects.filter(act="read_identity", object_id=str(world.person.pk)).count() == 1
    changed = {"first_name": "Sintetička", "last_name": "Osoba", "phone": "+381641234567", "code_word": "ruža"}
    assert client.post(url("person_identity", world.person.pk), changed).status_code == 302
    response = client.post(url("person_identity", world.person.pk), changed | {"birth_date": "32.13.1990"})
    assert "birth_date" in response.context["form"].errors
    world.person.identity.refresh_from_db()
    assert world.person.identity.code_word == "ruža"


def test_a_person_is_handed_over(client: Client, cast: Cast, world: World) -> None:
    wrong = client.post(url("hand_over", world.person.pk), {"to": cast.lead.pk, "reason": "leave"})
    assert "to" in wrong.context["hand_over"].errors
    client.post(url("hand_over", world.person.pk), {"to": cast.colleague.pk, "reason": "leave"})
    assert client.get(url("person", world.person.pk)).status_code == 404


def test_rules_are_set_and_lifted_with_a_reason(client: Client, world: World) -> None:
    her, place = world.person, MunicipalityFactory()
    rule = {"kind": "place", "municipality": place.pk, "radius_km": "20"}
    assert client.post(url("add_rule", her.pk), rule).status_code == 302
    added = her.safety_rules.latest("created_at")
    refused = client.post(url("lift_rule", her.pk, added.pk), {"reason": "  "})
    assert refused.status_code == 200
    assert any("reason" in form.errors for row, form in refused.context["rules"] if row == added)
    assert client.post(url("lift_rule", her.pk, added.pk), {"reason": "preselila se"}).status_code == 302
    added.refresh_from_db()
    assert added.lifted_because == "preselila se"
    assert client.post(url("lift_rule", her.pk, added.pk), {"reason": "opet"}).status_code == 409


def test_a_rule_without_what_its_kind_needs_is_refused(client: Client, world: World, other_cast: Cast) -> None:
    her, before = world.person, world.person.safety_rules.count()
    for data, field in [
        ({"kind": "place", "radius_km": "5"}, "municipality"),
        ({"kind": "place", "radius_km": "9999"}, "radius_km"),
        ({"kind": "sector"}, "sector"),
        ({"kind": "sector", "sector": "C", "condition": "cash"}, "condition"),
        ({"kind": "employer", "employer": other_cast.employer.pk}, "employer"),
        ({"kind": "moon"}, "kind"),
        ({}, "kind"),
    ]:
        response = client.post(url("add_rule", her.pk), data)
        assert response.status_code == 200
        assert field in response.context["rule_form"].errors, data
    assert her.safety_rules.count() == before


def test_goals_are_set_and_reached(client: Client, world: World) -> None:
    her = world.person
    goal = {"domain": "education", "text": "Kurs srpskog", "owner": "savetnica", "due_on": "2026-12-01"}
    assert client.post(url("set_goal", her.pk), goal).status_code == 302
    added = her.goals.latest("created_at")
    assert client.post(url("achieve_goal", her.pk, added.pk)).status_code == 302
    assert client.post(url("achieve_goal", her.pk, added.pk)).status_code == 409
    late = client.post(url("set_goal", her.pk), goal | {"due_on": "2026-10-01"})
    assert "due_on" in late.context["goal_form"].errors


def test_consents_are_given_and_withdrawn(client: Client, world: World) -> None:
    her = world.person
    consent = {"purpose": "research", "method": "signed", "language": "sr", "given_on": "2026-11-01"}
    assert client.post(url("give_consent", her.pk), consent).status_code == 302
    given = her.consents.get(purpose="research")
    assert client.post(url("withdraw_consent", her.pk, given.pk)).status_code == 302
    given.refresh_from_db()
    assert given.withdrawn_at is not None
    assert client.post(url("withdraw_consent", her.pk, given.pk)).status_code == 409


def test_wrong_consents_name_the_field(client: Client, world: World) -> None:
    her = world.person
    consent = {"purpose": "research", "method": "signed", "language": "sr", "given_on": "2026-11-01"}
    for change, field in [
        ({"purpose": "identity_disclosure"}, "purpose"),
        ({"expires_on": "2026-10-01"}, "expires_on"),
        ({"given_on": "soon"}, "given_on"),
        ({"language": "xx"}, "language"),
    ]:
        response = client.post(url("give_consent", her.pk), consent | change)
        assert field in response.context["form"].errors, change
    assert not her.consents.filter(purpose="research").exists()


def test_today_shows_a_consent_that_runs_out(client: Client, world: World, today: dt.date) -> None:
    assert world.person.consents.filter(expires_on__lte=today + dt.timedelta(days=30)).exists()
    assert list(client.get(url("today")).context["consents"]) == list(world.person.consents.all())
