"""The lead's page of who looked at what: counted, with colleagues and without people."""

import ast
import datetime as dt
import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.audit.models import Event
from backend.audit.services import record
from backend.beneficiaries.services import find_people, read_identity
from backend.web.programme import trail
from backend.web.programme.acts import ACTS
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast
from tests.factories import IdentityFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
URL = "web:trail"
BACKEND = Path(__file__).parents[4] / "backend"


def lines(page: str) -> list[list[str]]:
    cells = [re.findall(r"<td.*?>(.*?)</td>", row, re.S) for row in re.findall(r"<tr>.*?</tr>", page, re.S)]
    return [[" ".join(re.sub(r"<.*?>", "", cell).split()) for cell in row] for row in cells if row]


def test_looks_are_counted_by_day_and_colleague_and_name_nobody(
    cast: Cast, other_cast: Cast, sign_in: SignIn, now: dt.datetime
) -> None:
    identity = IdentityFactory(beneficiary=cast.beneficiary, last_name="Unutkač")
    counsellor = sign_in(cast.counsellor)
    for _ in range(3):
        assert counsellor.get(reverse("web:person_identity", args=[cast.beneficiary.pk])).status_code == 200
    find_people(actor=cast.counsellor, words="unutkac")
    record(actor=cast.lead, act="vet_employer", obj=cast.employer)
    record(actor=None, act="adopt_ranker", obj=cast.programme)
    IdentityFactory(beneficiary=other_cast.beneficiary)
    read_identity(actor=other_cast.counsellor, beneficiary=other_cast.beneficiary)

    Event.objects.update(created_at=now)

    page = sign_in(cast.lead).get(reverse(URL)).text
    day = "2 Nov 2026"
    assert sorted(lines(page)) == sorted(
        [
            [day, f"{cast.counsellor.name} counsellor", "looked at who somebody is", "3"],
            [day, f"{cast.counsellor.name} counsellor", "searched by name", "1"],
            [day, f"{cast.counsellor.name} counsellor", "saw a name in a search", "1"],
            [day, f"{cast.lead.name} programme lead", "decided on an employer", "1"],
            [day, "the system", "learned from outcomes", "1"],
        ]
    )
    main = page[page.index("<main") :]
    for told in (cast.beneficiary.code, str(cast.beneficiary.pk), str(identity.pk), "Unutkač"):
        assert told not in main

    only = sign_in(cast.lead).get(reverse(URL), {"only": "looks"}).text
    assert sorted(line[2] for line in lines(only)) == [
        "looked at who somebody is",
        "saw a name in a search",
        "searched by name",
    ]


def test_a_period_is_from_a_day_to_a_day(
    cast: Cast, sign_in: SignIn, today: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = sign_in(cast.lead)
    for days in (0, 6, 7, 30):
        event = record(actor=cast.lead, act="vet_employer", obj=cast.employer)
        at = timezone.now() - dt.timedelta(days=days)
        type(event).objects.filter(pk=event.pk).update(created_at=at)

    def seen(**asked: str) -> int:
        return len(lines(lead.get(reverse(URL), asked).text))

    assert seen() == 2  # seven days
    assert seen(first="2026-10-26", last="2026-10-27") == 2
    assert seen(first="2026-10-01") == 4
    assert seen(last="2026-10-03") == 1
    assert seen(first="2027-01-01") == 0
    monkeypatch.setattr(trail, "PAGE_SIZE", 3)
    assert seen(first="2026-10-01") == 3
    assert seen(first="2026-10-01", page="2") == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"first": "zzz"}, {"first": "2026-11-31"}, {"first": "9999-12-31"}, {"last": "9999-12-31"},
        {"first": "0001-01-01"}, {"last": "0001-01-01"},
        {"first": "2026-11-02", "last": "2026-11-01"}, {"only": "everyone"},
    ],
)  # fmt: skip
def test_a_period_that_cannot_be_is_named(cast: Cast, sign_in: SignIn, asked: dict[str, str]) -> None:
    page = sign_in(cast.lead).get(reverse(URL), asked)
    assert page.status_code == 200
    assert 'class="errorlist' in page.text


@pytest.mark.parametrize("asked", [{"last": "2000-01-01"}, {"first": "2100-01-01"}, {"page": "-1"}, {"page": "zzz"}])
def test_an_odd_period_does_no_harm(cast: Cast, sign_in: SignIn, asked: dict[str, str]) -> None:
    assert sign_in(cast.lead).get(reverse(URL), asked).status_code == 200


def _acts(source: str) -> set[str]:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    given = [word.value for call in calls for word in call.keywords if word.arg == "act"]
    return {value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)}


def test_every_act_has_words() -> None:
    acts = {act for path in BACKEND.rglob("*.py") for act in _acts(path.read_text("utf-8"))}
    assert len(acts) > 50
    assert sorted(acts - ACTS.keys()) == []


def test_an_act_without_words_would_be_noticed() -> None:
    assert _acts('record(actor=None, act="steal", obj=x)') - ACTS.keys() == {"steal"}
