"""Clearing takes a checklist and two people; a ban holds whatever the company calls itself and whoever asks."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import override

from backend.core.exceptions import Conflict
from backend.employers import queries
from backend.employers.models import Ban, Check, Employer, Opening, Vetting
from backend.employers.numbers import is_registry_number, is_tax_number, normal_registry_number, normal_tax_number
from backend.employers.services import (
    ban_employer,
    correct_employer,
    draft_opening,
    import_openings,
    invite_contact,
    lift_ban,
    propose_clearance,
    record_check,
    register_employer,
    review_opening,
    submit_opening,
    vet_employer,
)
from backend.employers.services import employers as registering
from tests.conftest import Cast
from tests.factories import ContactFactory, EmployerFactory, MembershipFactory, clear

from .conftest import Publish

NUMBER = "100002887"
SPELLINGS = (
    NUMBER,
    " 100 002 887 ",
    "RS100002887",
    "rs 100-002-887",
    "РС 100002887",
    "PIB: 100002887",
    "0100002887",
    "１００００２８８７",
    "١٠٠٠٠٢٨٨٧",
    "100\u200b002887",
)


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_tax_number_is_one_however_it_is_written(text: str):
    assert normal_tax_number(text) == NUMBER


@pytest.mark.parametrize(
    ("number", "is_valid"),
    [(NUMBER, True), ("101134702", True), ("100002888", False), ("123456789", False), ("10000288", False), ("", False)],
)
def test_the_control_digit_of_a_tax_number(number: str, is_valid: bool):
    assert is_tax_number(number) is is_valid


@pytest.mark.parametrize(
    ("number", "is_valid"), [("17162543", True), ("20084693", True), ("17162544", False), ("1716254", False)]
)
def test_the_control_digit_of_a_registry_number(number: str, is_valid: bool):
    assert is_registry_number(number) is is_valid


def test_a_registry_number_gets_its_zeros_back():
    assert (normal_registry_number("7006888"), normal_registry_number("")) == ("07006888", "")
    assert is_registry_number("07006888")


# -- two people


@pytest.fixture
def waiting(cast: Cast) -> Employer:
    return EmployerFactory(programme=cast.programme)


@pytest.fixture
def checked(cast: Cast, waiting: Employer, today: dt.date) -> Employer:
    for item in Check.Item:
        record_check(actor=cast.counsellor, employer=waiting, item=item, result="passed", evidence="APR", on=today)
    return waiting


def test_who_proposed_does_not_confirm(cast: Cast, checked: Employer, today: dt.date):
    propose_clearance(actor=cast.lead, employer=checked, note="n", on=today)
    with pytest.raises(ValidationError, match="second person"):
        vet_employer(actor=cast.lead, employer=checked, outcome="cleared", note="n", on=today)
    second = MembershipFactory(organisation=cast.programme, role="lead").user
    vet_employer(actor=second, employer=checked, outcome="cleared", note="n", on=today)
    assert Employer.objects.cleared(on=today).filter(pk=checked.pk).exists()
    with pytest.raises(Conflict, match="already"):  # a proposal is used up
        vet_employer(actor=second, employer=checked, outcome="cleared", note="n", on=today)


@pytest.mark.parametrize("alone", [True, False])
def test_the_database_holds_the_second_person(cast: Cast, waiting: Employer, today: dt.date, alone: bool):
    said = {"employer": waiting, "outcome": "cleared", "note": "n", "decided_on": today, "decided_by": cast.lead}
    with pytest.raises(IntegrityError), transaction.atomic():
        Vetting.objects.create(**said, proposed_by=cast.lead if alone else None)
    assert Vetting.objects.create(**said, proposed_by=cast.counsellor)


def test_every_item_has_to_be_in_order(cast: Cast, checked: Employer, today: dt.date):
    record_check(actor=cast.lead, employer=checked, item="visit", result="failed", evidence="Zaključano.", on=today)
    with pytest.raises(ValidationError, match="workplace was visited"):
        propose_clearance(actor=cast.counsellor, employer=checked, note="n", on=today)
    record_check(actor=cast.lead, employer=checked, item="visit", result="passed", evidence="Drugi put.", on=today)
    propose_clearance(actor=cast.counsellor, employer=checked, note="n", on=today)
    late = today + queries.CHECK_HOLDS
    with pytest.raises(ValidationError, match="Not in order yet"):  # what was checked a year ago says nothing
        vet_employer(actor=cast.lead, employer=checked, outcome="cleared", note="n", on=late)


def test_an_agency_needs_its_licence(cast: Cast, today: dt.date):
    agency = EmployerFactory(programme=cast.programme, is_agency=True)
    for item in set(Check.Item) - {Check.Item.LICENCE}:
        record_check(actor=cast.counsellor, employer=agency, item=item, result="passed", evidence="e", on=today)
    with pytest.raises(ValidationError, match="licensed"):
        propose_clearance(actor=cast.counsellor, employer=agency, note="n", on=today)


@pytest.mark.parametrize("wrong", [{"tax_number": "123456789"}, {"registry_number": ""}, {"tax_number": ""}])
def test_a_mistyped_number_is_in_no_register(cast: Cast, checked: Employer, today: dt.date, wrong: dict[str, str]):
    Employer.objects.filter(pk=checked.pk).update(**wrong)
    checked.refresh_from_db()
    with pytest.raises(ValidationError, match="mistyped"):
        record_check(actor=cast.counsellor, employer=checked, item="register", result="passed", evidence="e", on=today)
    with pytest.raises(ValidationError, match="mistyped"):
        propose_clearance(actor=cast.counsellor, employer=checked, note="n", on=today)


def test_a_check_needs_evidence_and_a_programme(cast: Cast, other_cast: Cast, waiting: Employer, today: dt.date):
    given = {"employer": waiting, "item": "visit", "result": "passed", "on": today}
    for evidence in ("", "  "):
        with pytest.raises(ValidationError, match="blank"):
            record_check(actor=cast.counsellor, evidence=evidence, **given)
    for actor in (other_cast.lead, cast.employer_user, cast.administrator):
        with pytest.raises(PermissionDenied):
            record_check(actor=actor, evidence="e", **given)
        with pytest.raises(PermissionDenied):
            propose_clearance(actor=actor, employer=waiting, note="n", on=today)
    assert not Check.objects.exists()


# -- bans, through every door


@pytest.fixture
def banned(cast: Cast, today: dt.date) -> Employer:
    employer = EmployerFactory(
        programme=cast.programme, cleared=True, with_portal=True, name="Mamac", tax_number=NUMBER
    )
    Employer.objects.filter(pk=employer.pk).update(name_folded="mamac")
    employer.refresh_from_db()
    ban_employer(actor=cast.lead, employer=employer, reason="Uzimali su pasoše.", on=today)
    employer.refresh_from_db()
    return employer


def _under_another_name(cast: Cast, number: str, today: dt.date) -> object:
    return register_employer(actor=cast.lead, name="Sasvim druga firma", tax_number=number)


def _as_an_agency(cast: Cast, number: str, today: dt.date) -> object:
    return register_employer(actor=cast.counsellor, name="Agencija Nova", tax_number=number, is_agency=True)


def _by_correction(cast: Cast, number: str, today: dt.date) -> object:
    plain = register_employer(actor=cast.lead, name="Bez broja")
    return correct_employer(actor=cast.lead, employer=plain, tax_number=number)


DOORS: tuple[Callable[[Cast, str, dt.date], object], ...] = (_under_another_name, _as_an_agency, _by_correction)


@pytest.mark.usefixtures("banned")
@pytest.mark.parametrize("number", SPELLINGS)
@pytest.mark.parametrize("door", DOORS)
def test_a_ban_is_on_the_number(cast: Cast, today: dt.date, number: str, door: Callable[[Cast, str, dt.date], object]):
    with pytest.raises(ValidationError) as refusal:
        door(cast, number, today)
    assert list(refusal.value.message_dict) == ["tax_number"]
    assert Employer.objects.filter(tax_number=NUMBER).count() == 1


@pytest.mark.parametrize("number", SPELLINGS)
def test_a_ban_outlives_the_employer_row(cast: Cast, banned: Employer, today: dt.date, number: str):
    """Even where the row is gone, or never was."""
    Employer.objects.filter(pk=banned.pk).update(tax_number="", name_folded="x")
    for door in DOORS:
        with pytest.raises(ValidationError, match="banned"), transaction.atomic():
            door(cast, number, today)


def test_without_the_look_at_bans_it_would_come_back(
    cast: Cast, banned: Employer, today: dt.date, monkeypatch: pytest.MonkeyPatch
):
    """The negative control."""
    Employer.objects.filter(pk=banned.pk).update(tax_number="", name_folded="x")
    monkeypatch.setattr(registering, "is_banned", lambda *_given, **_named: False)
    assert _under_another_name(cast, "RS 100002887", today)


@pytest.mark.parametrize("number", SPELLINGS)
def test_a_file_does_not_bring_it_back(cast: Cast, banned: Employer, today: dt.date, number: str):
    EmployerFactory(programme=cast.programme, name="Bez broja", name_folded="bez broja", tax_number="")
    rows = [f"A;Nova;{number}", f"B;Bez broja;{number}", "C;Mamac;", "D;Poštena;"]
    content = "\n".join(["title;employer;pib", *rows]).encode()
    report = import_openings(actor=cast.lead, name="f.csv", content=content, on=today)
    assert [row.outcome for row in report.rows] == ["refused", "refused", "refused", "added"]
    assert [opening.title for opening in Opening.objects.all()] == ["D"]


def test_a_banned_company_is_no_end_client(cast: Cast, banned: Employer, publish: Publish, today: dt.date):
    with pytest.raises(ValidationError) as refusal:
        draft_opening(actor=cast.employer_user, employer=cast.employer, on=today, title="T", end_client=banned)
    assert list(refusal.value.message_dict) == ["end_client"]


def test_its_openings_and_those_an_agency_has_for_it_freeze_at_once(cast: Cast, publish: Publish, today: dt.date):
    client = EmployerFactory(programme=cast.programme, cleared=True)
    own, for_client = publish(), publish(end_client=client)
    assert set(Opening.objects.open(on=today)) == {own, for_client}
    ban_employer(actor=cast.lead, employer=client, reason="r", on=today)
    assert set(Opening.objects.open(on=today)) == {own}
    vet_employer(actor=cast.lead, employer=cast.employer, outcome="suspended", note="n", on=today)
    assert not Opening.objects.open(on=today).exists()


def test_its_user_can_do_nothing_and_is_not_told_why(cast: Cast, publish: Publish, today: dt.date):
    user, employer = cast.employer_user, cast.employer
    opening = draft_opening(actor=user, employer=employer, on=today, title="T")
    ban_employer(actor=cast.lead, employer=employer, reason="r", on=today)
    employer.refresh_from_db()
    opening.refresh_from_db()
    with pytest.raises(ValidationError) as refusal:
        submit_opening(actor=user, opening=opening, on=today)
    report = import_openings(actor=user, name="f.csv", content=b"title\nA", on=today)
    for reason in (*refusal.value.messages, report.rows[0].errors[0][1]):
        assert reason == "No opening can be taken for this company."


def test_nobody_is_invited_to_a_banned_company(cast: Cast, banned: Employer, today: dt.date):
    with pytest.raises(ValidationError, match="banned"):
        invite_contact(actor=cast.lead, contact=ContactFactory(employer=banned), on=today, origin="/")


def test_a_banned_owner_owns_nothing_cleared(cast: Cast, banned: Employer, checked: Employer, today: dt.date):
    with pytest.raises(ValidationError) as refusal:
        register_employer(actor=cast.lead, name="Ćerka", parent=banned)
    assert list(refusal.value.message_dict) == ["parent"]
    Employer.objects.filter(pk=checked.pk).update(parent=banned)
    with pytest.raises(ValidationError, match="owner"):
        propose_clearance(actor=cast.counsellor, employer=checked, note="n", on=today)


def test_a_ban_is_lifted_by_another_lead(cast: Cast, other_cast: Cast, banned: Employer, today: dt.date):
    ban = Ban.objects.get()
    for actor in (cast.counsellor, other_cast.lead, cast.employer_user):
        with pytest.raises(PermissionDenied):
            lift_ban(actor=actor, ban=ban, on=today)
    with pytest.raises(ValidationError, match="yourself"):
        lift_ban(actor=cast.lead, ban=ban, on=today)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ban.objects.update(lifted_by=cast.lead, lifted_on=today)
    second = MembershipFactory(organisation=cast.programme, role="lead").user
    lift_ban(actor=second, ban=ban, on=today)
    banned.refresh_from_db()
    assert banned.status == "registered"
    with pytest.raises(Conflict):
        lift_ban(actor=second, ban=ban, on=today)


def test_a_ban_is_given_once_and_is_no_decision_like_others(cast: Cast, banned: Employer, today: dt.date):
    with pytest.raises(Conflict):
        ban_employer(actor=cast.lead, employer=banned, reason="r", on=today)
    with pytest.raises(ValidationError, match="Lift the ban first"):
        vet_employer(actor=cast.lead, employer=banned, outcome="suspended", note="n", on=today)
    with pytest.raises(ValidationError, match="blank"):
        ban_employer(actor=cast.lead, employer=cast.employer, reason=" ", on=today)


def test_a_ban_is_the_programmes_own(cast: Cast, other_cast: Cast, banned: Employer):
    assert register_employer(actor=other_cast.lead, name="Mamac", tax_number=NUMBER)


def test_the_database_knows_one_spelling(cast: Cast):
    for number in ("１００００２８８７", "RS1000028", "10000288"):
        with pytest.raises(IntegrityError), transaction.atomic():
            EmployerFactory(programme=cast.programme, tax_number=number)


def test_another_number_is_another_company(cast: Cast, today: dt.date):
    waiting = EmployerFactory(programme=cast.programme)
    clear(waiting, by=cast.counsellor, and_by=cast.lead, on=today)
    changed = correct_employer(actor=cast.counsellor, employer=waiting, tax_number=NUMBER)
    assert (changed.status, changed.cleared_until) == ("registered", None)
    with pytest.raises(ValidationError, match="registered already"):
        correct_employer(actor=cast.lead, employer=cast.employer, tax_number=f"RS {NUMBER}")
    with pytest.raises(ValidationError, match="not taken away"):
        correct_employer(actor=cast.lead, employer=changed, tax_number=" ")


# -- held openings


def test_a_held_opening_is_published_once_somebody_asked(cast: Cast, today: dt.date):
    text = "Smeštaj kod poslodavca, isplata na ruke."
    opening = draft_opening(
        actor=cast.employer_user, employer=cast.employer, on=today, title="Kuvarica", description=text
    )
    opening = submit_opening(actor=cast.employer_user, opening=opening, on=today)
    said = {"actor": cast.lead, "opening": opening, "outcome": "published", "on": today}
    with override("en"), pytest.raises(ValidationError) as refusal:
        review_opening(**said, content_hash=opening.content_hash)
    assert list(refusal.value.message_dict) == ["enquiry"]
    review = review_opening(**said, content_hash=opening.content_hash, enquiry="Pitala za isplatu: ide na račun.")
    assert review.enquiry
    assert {sign["code"] for sign in review.red_flags} >= {"undeclared", "live_in"}


def test_an_agencys_opening_needs_a_cleared_end_client(cast: Cast, waiting: Employer, today: dt.date):
    opening = draft_opening(
        actor=cast.employer_user, employer=cast.employer, on=today, title="T", pay_from=90_000, end_client=waiting
    )
    opening = submit_opening(actor=cast.employer_user, opening=opening, on=today)
    with pytest.raises(ValidationError, match="end client"):
        review_opening(
            actor=cast.lead, opening=opening, outcome="published", content_hash=opening.content_hash, on=today
        )
