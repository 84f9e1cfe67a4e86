"""The lead's desk: figures, the curve, employers and their vetting."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse

from backend.employers.models import Ban, Check, Contact, Employer
from backend.reports.models import Snapshot
from backend.web.programme.urls import urlpatterns
from tests.backend.api.world import frozen
from tests.backend.web.conftest import SignIn
from tests.backend.web.programme.placements import place
from tests.conftest import Cast
from tests.factories import ContactFactory, EmployerFactory, IdentityFactory, MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

POSTED = {
    "vet_employer", "ban_employer", "lift_ban", "check_employer", "propose_clearance", "correct_employer",
    "add_contact", "invite_contact", "end_contact", "invite_employer", "review_opened_file", "freeze_quarter",
    "add_grant", "share_out",
}  # fmt: skip
LEADS_ONLY = {"vet_employer", "ban_employer", "lift_ban"}


def url(pattern: URLPattern, cast: Cast) -> str:
    if pattern.name == "figures":
        return reverse("web:figures", args=["contact-work"])
    if "uuid" not in str(pattern.pattern):
        return reverse(f"web:{pattern.name}")
    if pattern.name == "report_file":
        ready = Snapshot.objects.filter(programme=cast.programme).first() or frozen(cast.programme)
        return reverse("web:report_file", args=[ready.pk, "xlsx"])
    noun = cast.employer.contacts.get() if pattern.name in ("invite_contact", "end_contact") else cast.employer
    if pattern.name == "share_out":
        noun = cast.counsellor
    if pattern.name == "lift_ban":
        noun, _new = Ban.objects.get_or_create(
            programme=cast.programme, name="Z", banned_by=cast.lead, banned_on=dt.date(2026, 1, 1)
        )
    return reverse(f"web:{pattern.name}", args=[noun.pk])


def test_the_desk_is_the_leads(cast: Cast, other_cast: Cast, sign_in: SignIn) -> None:
    for pattern in urlpatterns:
        if pattern.name == "review_opened_file":  # of a row that no test here makes; the page matrix holds it
            continue
        path, ask = url(pattern, cast), "post" if pattern.name in POSTED else "get"
        assert getattr(sign_in(cast.lead), ask)(path).status_code != 404
        for user in (cast.employer_user, cast.administrator):
            assert getattr(sign_in(user), ask)(path).status_code == 404
        is_shared = str(pattern.pattern).startswith(("employers", "contacts")) and pattern.name not in LEADS_ONLY
        assert (getattr(sign_in(cast.counsellor), ask)(path).status_code == 404) is not is_shared
        if "uuid" in str(pattern.pattern):
            assert getattr(sign_in(other_cast.lead), ask)(path).status_code == 404


def test_no_page_of_the_lead_names_a_person(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    place(cast, 12, today)
    IdentityFactory(beneficiary=cast.beneficiary, first_name="Kanarinka")
    lead = sign_in(cast.lead)
    for pattern in urlpatterns:
        if pattern.name not in POSTED:
            page = lead.get(url(pattern, cast)).content.decode(errors="replace")
            assert not re.search(r"Kanarinka|K-\d{4}", page)
            assert str(cast.beneficiary.pk) not in page


def test_two_people_clear_an_employer(cast: Cast, sign_in: SignIn) -> None:
    waiting = EmployerFactory(programme=cast.programme)
    counsellor, lead = sign_in(cast.counsellor), sign_in(cast.lead)
    check, propose, vet = (
        reverse(f"web:{name}", args=[waiting.pk]) for name in ("check_employer", "propose_clearance", "vet_employer")
    )
    said = {"outcome": "cleared", "note": "Saglasna."}
    assert "propose it first" in lead.post(vet, said).text
    assert "Not in order yet" in counsellor.post(propose, {"note": "Dobri su."}).text
    for item in Check.Item.values:
        page = counsellor.post(
            check, {"item": item, "result": "passed", "evidence": "Registar pregledan."}, follow=True
        )
    assert "Registar pregledan." in page.text
    assert "A lead has to confirm it." in counsellor.post(propose, {"note": "Dobri su."}, follow=True).text
    assert "Saglasna." in lead.post(vet, said, follow=True).text
    waiting.refresh_from_db()
    assert (waiting.status, waiting.cleared_until) == ("cleared", dt.date(2027, 11, 2))


@pytest.mark.parametrize(
    ("said", "reason"),
    [({"outcome": "cleared"}, "required"), ({"outcome": "?", "note": "x"}, "valid choice"), ({}, "required")],
)
def test_vetting_without_evidence_is_refused(cast: Cast, sign_in: SignIn, said: dict[str, str], reason: str) -> None:
    page = sign_in(cast.lead).post(reverse("web:vet_employer", args=[cast.employer.pk]), said)
    assert reason in page.text
    assert not cast.employer.vettings.exists()


def test_a_lead_bans_and_another_lifts(cast: Cast, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)
    page = lead.post(
        reverse("web:ban_employer", args=[cast.employer.pk]), {"reason": "Uzimali su pasoše."}, follow=True
    )
    assert "The company is banned." in page.text
    assert "Uzimali su pasoše." in lead.get(reverse("web:employers")).text
    lift = reverse("web:lift_ban", args=[Ban.objects.get().pk])
    assert "Another lead has to lift it." in lead.post(lift, follow=True).text
    other = MembershipFactory(organisation=cast.programme, role="lead").user
    assert "The ban was lifted." in sign_in(other).post(lift, follow=True).text
    cast.employer.refresh_from_db()
    assert cast.employer.status == "registered"


def test_a_clearance_that_ends_soon_is_on_the_list(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)
    assert "Clearance ends soon" not in lead.get(reverse("web:employers")).text
    Employer.objects.filter(pk=cast.employer.pk).update(cleared_until=today + dt.timedelta(days=30))
    assert "Clearance ends soon" in lead.get(reverse("web:employers")).text


def test_numbers_are_corrected(cast: Cast, sign_in: SignIn) -> None:
    waiting = EmployerFactory(programme=cast.programme, tax_number="123456789")
    url = reverse("web:employer", args=[waiting.pk])
    assert "control digit does not fit" in sign_in(cast.counsellor).get(url).text
    said = {"tax_number": "RS 100 002 887", "registry_number": "17162543", "address": "Takovska 2"}
    page = sign_in(cast.counsellor).post(reverse("web:correct_employer", args=[waiting.pk]), said, follow=True)
    assert "control digit does not fit" not in page.text
    assert "Takovska 2" in page.text


def test_an_employer_is_registered(cast: Cast, sign_in: SignIn) -> None:
    said = {"name": "Pekara Zlatni klas", "tax_number": "123456789", "municipality": "RS-06-novi-sad"}
    assert "waits for vetting" in sign_in(cast.lead).post(reverse("web:register_employer"), said, follow=True).text
    employer = Employer.objects.get(tax_number="123456789")
    assert (employer.status, employer.programme) == ("registered", cast.programme)
    again = sign_in(cast.lead).post(reverse("web:register_employer"), said)
    assert "registered already" in str(again.context["form"].errors["tax_number"])


def test_a_counsellor_goes_on_to_the_opening(cast: Cast, sign_in: SignIn) -> None:
    counsellor = sign_in(cast.counsellor)
    page = counsellor.post(reverse("web:register_employer"), {"name": "Pekara"}, follow=True)
    assert page.context["form"]["employer"].value() == str(Employer.objects.get(name="Pekara").pk)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"tax_number": "12"}, "tax_number"),
        ({"registry_number": "x"}, "registry_number"),
        ({"municipality": "Atlantida"}, "municipality"),
        ({"sector": "?"}, "sector"),
        ({"parent": "00000000-0000-0000-0000-000000000000"}, "parent"),
        ({"name": "a\x00"}, "name"),
    ],
)
def test_a_wrong_value_names_its_field(cast: Cast, sign_in: SignIn, wrong: dict[str, str], field: str) -> None:
    page = sign_in(cast.lead).post(reverse("web:register_employer"), {"name": "Pekara"} | wrong)
    assert page.context["form"].errors[field]
    assert not Employer.objects.filter(name="Pekara").exists()


def test_a_contact_is_added_and_invited(cast: Cast, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)
    employer = EmployerFactory(programme=cast.programme)
    add = reverse("web:add_contact", args=[employer.pk])
    assert "Give an e-mail address or a phone number." in lead.post(add, {"name": "Mira"}).text
    assert "valid phone number" in lead.post(add, {"name": "Mira", "phone": "12"}).text
    lead.post(add, {"name": "Mira", "email": "mira@example.org"})
    contact = Contact.objects.get(name="Mira")
    assert "was invited by mail" in lead.post(reverse("web:invite_contact", args=[contact.pk]), follow=True).text
    contact.refresh_from_db()
    assert contact.user.is_employer
    assert lead.post(reverse("web:invite_contact", args=[contact.pk])).status_code == 409


def test_an_invitation_needs_an_address(cast: Cast, sign_in: SignIn) -> None:
    contact = ContactFactory(employer=cast.employer, email="", phone="+381601234567")
    page = sign_in(cast.lead).post(reverse("web:invite_contact", args=[contact.pk]), follow=True)
    assert "An account needs an e-mail address." in page.text


def test_the_list_can_be_narrowed(cast: Cast, sign_in: SignIn) -> None:
    EmployerFactory(programme=cast.programme, name="Čarobna pekara", name_folded="carobna pekara")
    lead = sign_in(cast.lead)
    found = lead.get(reverse("web:employers"), {"q": "ČAROB"}).text
    assert "Čarobna pekara" in found
    assert cast.employer.name not in found
    assert lead.get(reverse("web:employers"), {"status": "?", "page": "-3", "q": "\x00"}).status_code == 200


def test_thirty_employers_cost_no_more_queries_than_three(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)

    def queries(name: str, *args: object) -> int:
        with CaptureQueriesContext(connection) as captured:
            lead.get(reverse(name, args=args))
        return len(captured)

    pages = [("web:employers",), ("web:employer", cast.employer.pk), ("web:overview",), ("web:retention",)]
    EmployerFactory.create_batch(2, programme=cast.programme)
    ContactFactory.create_batch(2, employer=cast.employer)
    place(cast, 10, today)
    few = [queries(*page) for page in pages]
    EmployerFactory.create_batch(20, programme=cast.programme)
    ContactFactory.create_batch(20, employer=cast.employer)
    place(cast, 20, today)
    assert [queries(*page) for page in pages] == few
