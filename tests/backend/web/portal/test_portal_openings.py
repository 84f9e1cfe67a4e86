"""The employer's own openings: list, page, posting form, adverts and files."""

import datetime as dt
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backend.audit.models import Event
from backend.employers.models import Opening
from backend.employers.services import draft_opening, review_opening, submit_opening
from backend.skills.models import Skill
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast
from tests.factories import OpeningFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

FORM = {
    "title": "Krojačica",
    "description": "Šivenje radne odeće.",
    "municipality": "RS-06-novi-sad",
    "positions": "2",
    "contract": "permanent",
    "hours_per_week": "40",
    "shifts": ["morning", "afternoon"],
    "pay_from": "90000",
    "pay_to": "100000",
    "pay_period": "month",
    "currency": "RSD",
    "night": "false",
    "licences": ["driving_b"],
    "language_sr": "A2",
    "valid_through": "2026-12-20",
    "skills-TOTAL_FORMS": "2",
    "skills-INITIAL_FORMS": "0",
    "skills-0-phrase": "šivenje",
    "skills-0-importance": "essential",
    "skills-0-level": "2",
    "skills-1-phrase": "rad na našoj posebnoj mašini",
    "skills-1-importance": "optional",
}


def test_an_opening_is_posted_and_handed_in(cast: Cast, sewing: Skill, sign_in: SignIn) -> None:
    answer = sign_in(cast.employer_user).post(reverse("web:portal_new_opening"), FORM | {"do": "submit"}, follow=True)
    assert "We are checking it" in answer.text
    opening = Opening.objects.get()
    assert (opening.status, opening.employer, opening.positions) == ("submitted", cast.employer, 2)
    assert opening.shifts == ["afternoon", "morning"]
    assert (opening.night, opening.cash) == (False, None)
    assert opening.languages == {"sr": "A2"}
    asked = {(asked.skill, asked.phrase, asked.importance, asked.level) for asked in opening.requirements.all()}
    assert asked == {
        (sewing, "šivenje", "essential", 2),
        (None, "rad na našoj posebnoj mašini", "optional", None),
    }


LURE = {"description": "Pasoš ostaje kod poslodavca, javiti se samo na Viber.", "pay_from": "10000", "pay_to": ""}


def test_a_check_tells_the_law_and_not_the_signs(cast: Cast, sewing: Skill, sign_in: SignIn) -> None:
    """Who writes a lure learns nothing of what gives it away; who pays too little learns that."""
    url = reverse("web:portal_new_opening")
    page = sign_in(cast.employer_user).post(url, FORM | LURE | {"do": "check"})
    check = page.text[page.text.index('id="check"') : page.text.index("</section>")]
    assert "Pay below the legal minimum" in check
    assert not re.search("pasoš|passport|document|viber|messenger|not allowed|cannot be published", check, re.I)
    assert f'<option value="{sewing.pk}"' in page.text  # what the words were understood as
    assert not Opening.objects.exists()
    assert not Event.objects.exists()


def test_a_check_answers_a_lure_as_it_answers_honest_words(cast: Cast, sign_in: SignIn) -> None:
    employer, url = sign_in(cast.employer_user), reverse("web:portal_new_opening")

    def check(**said: str) -> str:
        text = employer.post(url, FORM | said | {"do": "check"}).text
        return text[text.index('id="check"') : text.index("</section>")]

    assert check(description=LURE["description"]) == check(description="Šivenje radne odeće u dve smene.")


def test_a_check_names_what_is_unsaid(cast: Cast, sign_in: SignIn) -> None:
    bare = {"title": "Pekarka", "positions": "1", "pay_period": "month", "currency": "RSD", "do": "check"}
    bare |= {"skills-TOTAL_FORMS": "0", "skills-INITIAL_FORMS": "0"}
    page = sign_in(cast.employer_user).post(reverse("web:portal_new_opening"), bare)
    assert page.context["form"].unsaid == [
        "Tasks",
        "Place of work",
        "Net pay from",
        "Hours per week",
        "Shifts",
        "Contract",
    ]


def test_words_can_be_kept_or_another_skill_chosen(cast: Cast, sewing: Skill, sign_in: SignIn) -> None:
    employer = sign_in(cast.employer_user)
    employer.post(reverse("web:portal_new_opening"), FORM | {"skills-0-skill": "words", "do": "save"})
    assert {asked.skill for asked in Opening.objects.get().requirements.all()} == {None}


def test_a_suggested_skill_joins_the_list_when_ticked(cast: Cast, sewing: Skill, sign_in: SignIn) -> None:
    employer = sign_in(cast.employer_user)
    bare = FORM | {"description": "šivenje, pakovanje", "skills-TOTAL_FORMS": "0"}
    url = reverse("web:portal_new_opening")
    page = employer.post(url, bare | {"do": "check"})
    assert str(sewing.pk) in page.text
    employer.post(url, bare | {"suggested": [str(sewing.pk)], "do": "save"})
    assert [asked.skill for asked in Opening.objects.get().requirements.all()] == [sewing]


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ({"title": ""}, "title", "required"),
        ({"municipality": "Atlantida"}, "municipality", "valid choice"),
        ({"hours_per_week": "200"}, "hours_per_week", "less than or equal to 80"),
        ({"hours_per_week": "NaN"}, "hours_per_week", "Enter a number"),
        ({"pay_to": "5"}, "pay_to", "less than the pay from"),
        ({"positions": "0"}, "positions", "greater than or equal to 1"),
        ({"valid_through": "2020-01-01"}, "valid_through", "ends before it was posted"),
        ({"valid_through": "9999-12-31"}, "valid_through", "too far"),
        ({"valid_through": "soon"}, "valid_through", "valid date"),
        ({"shifts": ["noon"]}, "shifts", "valid choice"),
        ({"language_sr": "Z9"}, "language_sr", "valid choice"),
        ({"occupation": "qwertzuiop"}, "occupation", "do not know this occupation"),
        ({"suggested": ["no-uuid"]}, "suggested", "not a valid"),
        ({"title": "a\x00b"}, "title", "Null characters"),
    ],
)
def test_a_wrong_value_is_answered_with_field_and_reason(
    cast: Cast, sign_in: SignIn, wrong: dict[str, object], field: str, reason: str
) -> None:
    for act in ("save", "check"):
        page = sign_in(cast.employer_user).post(reverse("web:portal_new_opening"), FORM | wrong | {"do": act})
        assert page.status_code == 200
        assert reason in str(page.context["form"].errors[field])
    assert not Opening.objects.exists()


def test_wrong_skill_rows_are_answered_too(cast: Cast, sign_in: SignIn) -> None:
    employer = sign_in(cast.employer_user)
    url = reverse("web:portal_new_opening")
    page = employer.post(url, FORM | {"skills-0-level": "9", "do": "save"})
    assert "9 is not one of the available choices" in page.text
    assert employer.post(url, {"title": "x", "do": "save"}).status_code == 200  # no rows at all
    assert employer.post(url, FORM | {"skills-TOTAL_FORMS": "9999", "do": "save"}).status_code == 200
    assert not Opening.objects.exists()


def test_a_changed_offer_goes_back_to_vetting(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    employer = sign_in(cast.employer_user)
    employer.post(reverse("web:portal_new_opening"), FORM | {"do": "submit"})
    opening = Opening.objects.get()
    review_opening(actor=cast.lead, opening=opening, outcome="published", content_hash=opening.content_hash, on=today)
    url = reverse("web:portal_edit_opening", args=[opening.pk])
    assert "taken off the list" in employer.get(url).text
    employer.post(url, FORM | {"pay_from": "95000", "do": "save"})
    opening.refresh_from_db()
    assert (opening.status, opening.pay_from) == ("submitted", 95_000)


def test_the_reason_of_a_refusal_is_read_by_the_employer(cast: Cast, today: dt.date, sign_in: SignIn) -> None:
    opening = draft_opening(actor=cast.employer_user, employer=cast.employer, on=today, title="Pekarka")
    submit_opening(actor=cast.employer_user, opening=opening, on=today)
    review_opening(
        actor=cast.lead,
        opening=opening,
        outcome="refused",
        content_hash=opening.content_hash,
        note="Recite platu.",
        on=today,
    )
    assert "Recite platu." in sign_in(cast.employer_user).get(reverse("web:portal_opening", args=[opening.pk])).text


def test_pause_resume_renew_close(cast: Cast, opening: Opening, sign_in: SignIn) -> None:
    employer = sign_in(cast.employer_user)

    def move(act: str) -> str:
        employer.post(reverse("web:portal_move_opening", args=[opening.pk, act]))
        opening.refresh_from_db()
        return opening.status

    assert [move(act) for act in ("pause", "resume", "renew", "close")] == [
        "paused",
        "published",
        "published",
        "closed",
    ]
    assert opening.valid_through == dt.date(2027, 1, 1)


def test_an_advert_fills_the_form(cast: Cast, sewing: Skill, sign_in: SignIn) -> None:
    employer = sign_in(cast.employer_user)
    url = reverse("web:portal_paste")
    page = employer.post(url, {"text": "Krojačica u Novom Sadu\n\nTražimo: šivenje, peglanje"})
    assert page.context["form"]["title"].value() == "Krojačica u Novom Sadu"
    assert str(sewing.pk) in page.text
    posting = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": "Krojačica",
        "description": "<p>Šivenje.</p>",
        "skills": "šivenje",
        "jobLocation": {"address": {"addressLocality": "Novi Sad", "addressCountry": "RS"}},
    }
    form = employer.post(url, {"text": json.dumps(posting)}).context
    assert form["form"]["municipality"].value() == "RS-06-novi-sad"
    assert form["skills"].forms[0]["phrase"].value() == "šivenje"
    assert not Opening.objects.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"@type": "Person"}', "[" * 5000, "x" * 20_001, "\x00"])
def test_an_advert_that_cannot_be_read_says_why(cast: Cast, sign_in: SignIn, text: str) -> None:
    page = sign_in(cast.employer_user).post(reverse("web:portal_paste"), {"text": text})
    assert page.status_code == 200
    assert page.context["form"].errors


def test_a_file_is_imported_for_the_own_company_only(cast: Cast, other_cast: Cast, sign_in: SignIn) -> None:
    file = f"title,employer\nPekarka,\nPekarka,{other_cast.employer.name}\n".encode()
    page = sign_in(cast.employer_user).post(
        reverse("web:portal_import"), {"file": SimpleUploadedFile("openings.csv", file)}
    )
    assert "added: 1" in page.text
    assert "only for your own company" in page.text
    assert Opening.objects.get().employer == cast.employer


def test_thirty_openings_cost_no_more_queries_than_three(cast: Cast, sign_in: SignIn) -> None:
    employer = sign_in(cast.employer_user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            employer.get(reverse("web:portal_openings"))
        return len(captured)

    OpeningFactory.create_batch(3, employer=cast.employer)
    few = queries()
    OpeningFactory.create_batch(27, employer=cast.employer)
    assert queries() == few
