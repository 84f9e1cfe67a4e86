"""The API refuses in the language asked for, in the words of the packages under it too."""

import json
import re
from typing import Any

from django.utils import translation
from rest_framework.test import APIClient

from backend.api.messages import FIELDS, OTHERS, REFUSALS, TITLES
from tests.conftest import Cast

from .world import As

API = "/api/v1/"


def told(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    return json.loads(answer.content)  # type: ignore[no-any-return]


def test_who_has_not_signed_in_is_told_in_serbian(db: None) -> None:
    answer = APIClient().get(API + "openings/", headers={"accept-language": "sr-latn"})
    assert told(answer, 401) == {
        "type": "about:blank",
        "title": "Potrebna je prijava",
        "status": 401,
        "detail": "Nedostaju podaci za prijavu.",
        "errors": [],
    }


def test_wrong_values_are_named_in_serbian(cast: Cast, client_of: As) -> None:
    body: dict[str, Any] = {
        "tax_number": None,
        "sector": "?",
        "parent": "1",
        "is_agency": "maybe",
        "registry_number": [],
    }
    answer = client_of(cast.counsellor).post(API + "employers/", body, "json", headers={"accept-language": "sr-latn"})
    refused = told(answer, 400)
    assert (refused["title"], refused["detail"]) == ("Neispravan zahtev", "Neke vrednosti nisu prihvaćene.")
    assert {error["field"]: error["detail"] for error in refused["errors"]} == {
        "name": "Ovo polje se mora popuniti.",
        "tax_number": "Ovo polje ne sme imati vrednost null.",
        "sector": "„?“ nije među ponuđenim vrednostima.",
        "parent": "Unesite ispravan UUID.",
        "is_agency": "Vrednost mora biti true ili false.",
        "registry_number": "Vrednost mora biti tekst.",
    }


def test_a_phone_number_is_refused_in_cyrillic(cast: Cast, client_of: As) -> None:
    body = {"employer": str(cast.employer.pk), "name": "A", "email": "a@example.org", "phone": "12"}
    answer = client_of(cast.counsellor).post(API + "contacts/", body, "json", headers={"accept-language": "sr-cyrl"})
    assert told(answer, 400)["errors"][0]["detail"] == "Унесите исправан број телефона."


def test_django_finds_every_message_of_theirs_in_our_catalogue() -> None:
    with translation.override("sr-cyrl"):
        said = [translation.gettext(str(message)) for message in (*TITLES, *REFUSALS, *FIELDS, *OTHERS)]
    assert [words for words in said if not re.search("[а-я]{2}", words)] == []
