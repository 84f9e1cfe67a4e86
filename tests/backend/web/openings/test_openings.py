"""The staff's openings: list, page, review, entering one, importing a file."""

import datetime as dt
import io
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backend.employers.content import content_hash
from backend.employers.models import Employer, Opening
from backend.employers.services import draft_opening, submit_opening
from backend.skills.models import SkillLabel
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast
from tests.factories import EmployerFactory, OpeningFactory, SkillFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

FORM = {
    "title": "Krojačica",
    "description": "Šivenje radne odeće.",
    "positions": "1",
    "pay_period": "month",
    "currency": "RSD",
    "skills-TOTAL_FORMS": "0",
    "skills-INITIAL_FORMS": "0",
}


@pytest.fixture
def submitted(cast: Cast, today: dt.date) -> Opening:
    opening = draft_opening(
        actor=cast.employer_user,
        employer=cast.employer,
        on=today,
        title="Krojačica",
        description="Šivenje.",
        pay_from=90_000,
    )
    return submit_opening(actor=cast.employer_user, opening=opening, on=today)


def test_pages_are_the_staffs_alone(cast: Cast, other_cast: Cast, submitted: Opening, sign_in: SignIn) -> None:
    pages = [
        reverse("web:openings"),
        reverse("web:opening", args=[submitted.pk]),
        reverse("web:import_openings"),
    ]
    for page in pages:
        assert sign_in(cast.lead).get(page).status_code == 200
        assert sign_in(cast.counsellor).get(page).status_code == 200
        assert sign_in(cast.employer_user).get(page).status_code == 404
        assert sign_in(cast.administrator).get(page).status_code == 404
    assert sign_in(other_cast.lead).get(pages[1]).status_code == 404
    assert sign_in(cast.lead).get(reverse("web:opening", args=[uuid.uuid4()])).status_code == 404
    assert sign_in(cast.lead).get(reverse("web:new_opening")).status_code == 404


def test_another_programmes_openings_are_not_listed(cast: Cast, other_cast: Cast, sign_in: SignIn) -> None:
    OpeningFactory(employer=other_cast.employer, title="Tuđi oglas")
    assert "Tuđi oglas" not in sign_in(cast.lead).get(reverse("web:openings")).text


def test_the_list_can_be_narrowed(cast: Cast, submitted: Opening, sign_in: SignIn) -> None:
    OpeningFactory(employer=cast.employer, title="Pekar")
    lead = sign_in(cast.lead)
    url = reverse("web:openings")
    assert "Pekar" not in lead.get(url, {"q": "kroja"}).text
    assert "Pekar" not in lead.get(url, {"status": "submitted"}).text
    assert "Pekar" in lead.get(url, {"place": "RS-06-novi-sad"}).text
    wrong = lead.get(url, {"place": "nowhere", "status": "what", "page": "x", "q": "a\x00b"})
    assert wrong.status_code == 200
    assert "Select a valid choice" in wrong.text


def test_a_list_of_thirty_costs_no_more_queries_than_one_of_three(cast: Cast, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            lead.get(reverse("web:openings"))
        return len(captured)

    OpeningFactory.create_batch(3, employer=cast.employer)
    few = queries()
    for _number in range(27):
        OpeningFactory(employer=EmployerFactory(programme=cast.programme))
    assert queries() == few


def test_signs_stand_with_the_words_that_show_them(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    opening = draft_opening(
        actor=cast.counsellor,
        employer=cast.employer,
        on=today,
        title="Radnica",
        description="Pasoš ostaje kod poslodavca.",
    )
    page = sign_in(cast.lead).get(reverse("web:opening", args=[opening.pk])).text
    assert "not allowed" in page
    assert "Pasoš ostaje kod poslodavca" in page


def test_a_lead_publishes_what_she_read(cast: Cast, submitted: Opening, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)
    page = lead.get(reverse("web:opening", args=[submitted.pk]))
    assert f'value="{submitted.content_hash}"' in page.text
    answer = lead.post(
        reverse("web:review_opening", args=[submitted.pk]),
        {"content_hash": submitted.content_hash, "outcome": "published"},
        follow=True,
    )
    assert "The opening was published." in answer.text
    submitted.refresh_from_db()
    assert submitted.status == "published"


def test_a_stale_review_answers_409_and_publishes_nothing(cast: Cast, submitted: Opening, sign_in: SignIn) -> None:
    read = submitted.content_hash
    submitted.title = "Nešto drugo"
    submitted.content_hash = content_hash(submitted, [])
    submitted.save()
    answer = sign_in(cast.lead).post(
        reverse("web:review_opening", args=[submitted.pk]), {"content_hash": read, "outcome": "published"}
    )
    assert answer.status_code == 409
    submitted.refresh_from_db()
    assert submitted.status == "submitted"
    assert not submitted.reviews.exists()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"outcome": "refused"}, "Say why it is refused."),
        ({"outcome": "maybe"}, "Select a valid choice"),
        ({}, "This field is required"),
    ],
)
def test_a_review_without_sense_says_why(
    cast: Cast, submitted: Opening, sign_in: SignIn, said: dict[str, str], reason: str
) -> None:
    url = reverse("web:review_opening", args=[submitted.pk])
    answer = sign_in(cast.lead).post(url, {"content_hash": submitted.content_hash} | said)
    assert reason in answer.text
    submitted.refresh_from_db()
    assert submitted.status == "submitted"


def test_an_uncleared_employer_is_not_published(cast: Cast, submitted: Opening, sign_in: SignIn) -> None:
    Employer.objects.update(status="registered", cleared_until=None)
    answer = sign_in(cast.lead).post(
        reverse("web:review_opening", args=[submitted.pk]),
        {"content_hash": submitted.content_hash, "outcome": "published"},
    )
    assert "The employer has to be cleared first." in answer.text


def test_a_counsellor_cannot_review(cast: Cast, submitted: Opening, sign_in: SignIn) -> None:
    url = reverse("web:review_opening", args=[submitted.pk])
    assert sign_in(cast.counsellor).post(url, {}).status_code == 404
    assert "Your decision" not in sign_in(cast.counsellor).get(reverse("web:opening", args=[submitted.pk])).text


def test_a_counsellor_enters_an_opening_for_an_employer(cast: Cast, other_cast: Cast, sign_in: SignIn) -> None:
    counsellor = sign_in(cast.counsellor)
    url = reverse("web:new_opening")
    answer = counsellor.post(url, FORM | {"employer": cast.employer.pk, "do": "submit"}, follow=True)
    opening = Opening.objects.get()
    assert answer.redirect_chain == [(reverse("web:opening", args=[opening.pk]), 302)]
    assert (opening.title, opening.status, opening.employer) == ("Krojačica", "submitted", cast.employer)
    foreign = counsellor.post(url, FORM | {"employer": other_cast.employer.pk, "do": "save"})
    assert "Select a valid choice" in foreign.text
    assert Opening.objects.count() == 1


def test_saving_an_unchanged_opening_keeps_its_approval(
    cast: Cast, submitted: Opening, today: dt.date, sign_in: SignIn
) -> None:
    skill = SkillFactory()
    SkillLabel.objects.create(skill=skill, language="en", text=skill.label, folded=skill.label, kind="preferred")
    opening = draft_opening(
        actor=cast.counsellor,
        employer=cast.employer,
        on=today,
        title="Krojačica",
        description="Prvi red.\nDrugi red.",
        hours_per_week=40,
        shifts=["morning"],
        languages={"sr": "A2"},
    )
    opening.requirements.create(skill=skill)
    opening.content_hash = content_hash(opening, opening.requirements.all())
    opening.save()
    counsellor = sign_in(cast.counsellor)
    url = reverse("web:edit_opening", args=[opening.pk])
    context = counsellor.get(url).context
    said = {bound.html_name: bound.value() for bound in context["form"]} | {
        bound.html_name: bound.value() for row in context["skills"] for bound in row
    }
    said |= {bound.html_name: bound.value() for bound in context["skills"].management_form}
    said = {name: value for name, value in said.items() if value is not None} | {"do": "save"}
    said["description"] = said["description"].replace("\n", "\r\n")
    answer = counsellor.post(url, said)
    assert answer.status_code == 302, answer.context["form"].errors
    before = opening.content_hash
    opening.refresh_from_db()
    assert opening.content_hash == before


def test_acts_on_an_opening(cast: Cast, submitted: Opening, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)

    def move(act: str) -> int:
        return lead.post(reverse("web:move_opening", args=[submitted.pk, act])).status_code

    assert move("pause") == 409  # nothing is published yet
    assert move("explode") == 404
    assert move("close") == 302
    submitted.refresh_from_db()
    assert submitted.status == "closed"
    assert move("renew") == 409


def upload(content: bytes, name: str = "openings.json") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content)}


def test_a_file_is_reported_row_by_row(cast: Cast, sign_in: SignIn) -> None:
    posting = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "hiringOrganization": {"name": cast.employer.name},
    }
    rows = [posting | {"title": "Pekarka", "identifier": "1"}, posting | {"identifier": "2"}]
    counsellor = sign_in(cast.counsellor)
    url = reverse("web:import_openings")
    page = counsellor.post(url, upload(json.dumps(rows).encode())).text
    assert "added: 1" in page
    assert "refused: 1" in page
    assert "The title is missing." in page
    again = counsellor.post(url, upload(json.dumps(rows).encode())).text
    assert "known already: 1" in again
    assert Opening.objects.get().status == "submitted"


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b"PK\x03\x04broken", b"a;b\n1;2\n", b"[]"])
def test_a_file_that_cannot_be_read_says_why(cast: Cast, sign_in: SignIn, content: bytes) -> None:
    answer = sign_in(cast.counsellor).post(reverse("web:import_openings"), upload(content))
    assert answer.status_code == 200
    assert answer.context["form"].errors or answer.context["report"].refused
    assert not Opening.objects.exists()


def test_a_huge_file_is_refused_unread(cast: Cast, sign_in: SignIn, settings: object) -> None:
    settings.IMPORT_MAX_BYTES = 1000  # type: ignore[attr-defined]
    answer = sign_in(cast.counsellor).post(reverse("web:import_openings"), {"file": io.BytesIO(b"x" * 2000)})
    assert "can be read" in str(answer.context["form"].errors["file"])
