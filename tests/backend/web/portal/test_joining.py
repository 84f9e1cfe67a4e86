"""How a company comes in by itself: the letter, the link, the registration, what is being checked."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from backend.audit.models import Event
from backend.employers.models import Acceptance, Employer, Invitation
from backend.employers.obligations import QUESTIONS, VERSION
from backend.employers.services import ban_employer, remind_employers
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast
from tests.factories import EmployerFactory, OrganisationFactory

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.usefixtures("clock")]

FORM = {
    "company": "Pekara Zrno d.o.o.",
    "tax_number": "RS 100 002 887",
    "registry_number": "17162543",
    "address": "Glavna 1",
    "name": "Nova Osoba",
    "phone": "+381641234567",
    "password": "sasvim-dugacka-lozinka-7",
    "agreed": "on",
    **{f"answer_{code}": "Odgovor." for code in QUESTIONS},
}
HINTS = re.compile(r"traffick|victim|survivor|beneficiar|shelter|vulnerab|žrtv|trgovin|korisnic|atina|programme", re.I)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def link(cast: Cast, sign_in: SignIn, django_capture_on_commit_callbacks) -> str:
    with django_capture_on_commit_callbacks(execute=True):
        page = sign_in(cast.lead).post(reverse("web:invite_employer"), {"email": "Zrno@Firma.example"}, follow=True)
    assert "on its way" in page.text
    return re.search(r"http://testserver(/portal/join/\S+)", mail.outbox[-1].body)[1]


def test_the_letter_is_neutral_and_its_token_is_not_kept(cast: Cast, link: str) -> None:
    letter = mail.outbox[-1]
    assert letter.to == ["zrno@firma.example"]
    assert not HINTS.search(letter.subject + letter.body)
    token = link.rstrip("/").rpartition("/")[2]
    invitation = Invitation.objects.get()
    assert token not in str(invitation.__dict__)
    assert len(invitation.digest) == 64
    assert invitation.programme == cast.programme


def test_a_company_registers_and_sees_what_is_being_checked(
    cast: Cast, link: str, visitor: Client, sign_in: SignIn
) -> None:
    page = visitor.get(link)
    assert "Identity documents stay with the worker" in page.text
    assert not HINTS.search(page.text)
    done = visitor.post(link, FORM)
    assert done.url == reverse("account_login")
    employer = Employer.objects.get(tax_number="100002887")
    assert (employer.status, employer.programme, employer.registry_number) == ("registered", cast.programme, "17162543")
    contact = employer.contacts.get()
    assert (contact.email, contact.user.is_employer) == ("zrno@firma.example", True)
    assert contact.user.check_password(FORM["password"])
    accepted = Acceptance.objects.get()
    assert (accepted.version, accepted.accepted_by, accepted.employer) == (VERSION, contact.user, employer)
    status = sign_in(contact.user).get(reverse("web:portal_company")).text
    assert "You have our answer by" in status
    assert "being checked" in status
    assert not HINTS.search(status)
    staff = sign_in(cast.counsellor).get(reverse("web:employer", args=[employer.pk])).text
    assert "Odgovor." in staff


def test_a_link_is_good_once_and_for_a_while(
    cast: Cast, link: str, visitor: Client, now: dt.datetime, sign_in: SignIn
) -> None:
    Invitation.objects.update(expires_at=now)
    assert visitor.get(link).status_code == 404
    Invitation.objects.update(expires_at=now + dt.timedelta(days=1))
    assert visitor.post(link, FORM).status_code == 302
    for answer in (visitor.get(link), visitor.post(link, FORM)):
        assert answer.status_code == 404
        assert "This link is closed" in answer.text
    assert Employer.objects.filter(tax_number="100002887").count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"tax_number": "123456789"}, "tax_number"),
        ({"tax_number": "x" * 41}, "tax_number"),
        ({"registry_number": "17162544"}, "registry_number"),
        ({"company": ""}, "company"),
        ({"company": "a\x00"}, "company"),
        ({"agreed": ""}, "agreed"),
        ({"password": "1234"}, "password"),
        ({"phone": "12"}, "phone"),
        ({"answer_lodging": ""}, "answer_lodging"),
        ({"municipality": "Atlantida"}, "municipality"),
    ],
)
def test_a_wrong_value_names_its_field(link: str, visitor: Client, wrong: dict[str, str], field: str) -> None:
    page = visitor.post(link, FORM | wrong)
    assert page.status_code == 200
    assert page.context["form"].errors[field]
    assert not Employer.objects.filter(name__startswith="Pekara").exists()
    assert Invitation.objects.get().used_at is None


def test_every_refusal_is_the_same_sentence(cast: Cast, link: str, visitor: Client, today: dt.date) -> None:
    """Banned, suspended, known already, address in use: the company learns no more than that it is turned away."""

    def reasons(**said: str) -> list[str]:
        form = visitor.post(link, FORM | said).context["form"]
        assert list(form.errors) == ["__all__"]
        return list(form.non_field_errors())

    known = EmployerFactory(programme=cast.programme, name="Poznata", name_folded="poznata")
    answers = [reasons(tax_number=known.tax_number)]
    banned = EmployerFactory(programme=cast.programme, name="Mamac", name_folded="mamac", tax_number="100002887")
    ban_employer(actor=cast.lead, employer=banned, reason="r", on=today)
    answers += [reasons(), reasons(tax_number="１００００２８８７"), reasons(tax_number="0100002887", company="Druga")]
    Employer.objects.filter(pk=known.pk).update(status="suspended")
    answers += [reasons(tax_number="101134702", company="POZNATA")]
    Invitation.objects.update(email=cast.employer_user.email)
    answers += [reasons(tax_number="101134702", company="Nova")]
    assert {tuple(answer) for answer in answers} == {
        ("We cannot take this registration. Write to us if you think that this is a mistake.",)
    }
    assert Event.objects.filter(act="refuse_registration").count() == len(answers)
    assert Employer.objects.filter(programme=cast.programme).count() == 3


def test_who_asks_gets_a_link_a_few_times_a_day(
    cast: Cast, visitor: Client, django_capture_on_commit_callbacks
) -> None:
    pages = []
    for number in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            pages.append(visitor.post(reverse("web:portal_register"), {"email": "a@firma.example"}).text)
        assert len(mail.outbox) == min(number + 1, 3)
    assert "it is on its way" in pages[0]
    assert not HINTS.search(visitor.get(reverse("web:portal_register")).text)
    assert "valid email" in visitor.post(reverse("web:portal_register"), {"email": "a"}).text


def test_nobody_registers_where_it_is_not_wanted_or_not_clear_with_whom(cast: Cast, visitor: Client, settings) -> None:
    url = reverse("web:portal_register")
    assert visitor.get(url).status_code == 200
    settings.EMPLOYERS_MAY_REGISTER = False
    assert visitor.get(url).status_code == visitor.post(url, {"email": "a@b.example"}).status_code == 404
    settings.EMPLOYERS_MAY_REGISTER = True
    OrganisationFactory()
    assert visitor.get(url).status_code == 404


def test_a_new_text_is_accepted_anew(cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    employer = sign_in(cast.employer_user)
    company, accept = reverse("web:portal_company"), reverse("web:portal_obligations")
    assert "We accept these obligations." in employer.get(company).text
    assert employer.post(accept, {"version": "2020-01"}).status_code == 409
    assert "was recorded" in employer.post(accept, {"version": VERSION}, follow=True).text
    assert "We accept these obligations." not in employer.get(company).text
    assert Acceptance.objects.get().accepted_by == cast.employer_user


@pytest.mark.parametrize("status", ["refused", "suspended", "banned"])
def test_a_barred_employer_reads_no_reason(cast: Cast, sign_in: SignIn, status: str) -> None:
    Employer.objects.filter(pk=cast.employer.pk).update(status=status)
    employer = sign_in(cast.employer_user)
    page = employer.get(reverse("web:portal_company")).text
    assert "not active" in page
    assert not re.search("banned|suspended|refused", page)
    assert employer.get(f"/portal/api/v1/employers/{cast.employer.pk}/").json()["status"] == "inactive"


def test_a_clearance_that_ends_is_told_once(cast: Cast, today: dt.date) -> None:
    Employer.objects.filter(pk=cast.employer.pk).update(cleared_until=today + dt.timedelta(days=30))
    assert remind_employers(on=today - dt.timedelta(days=1)) == 0
    assert [remind_employers(on=today) for _night in range(2)] == [1, 0]
    (letter,) = mail.outbox
    assert letter.to == [cast.employer_user.email]
    assert not HINTS.search(letter.subject + letter.body)
    Employer.objects.filter(pk=cast.employer.pk).update(cleared_until=today + dt.timedelta(days=395))
    assert remind_employers(on=today + dt.timedelta(days=370)) == 1
