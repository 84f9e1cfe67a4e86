"""The queue of openings: those that need most care first, over all pages, and the same in the API."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from backend.employers.models import Employer, Opening
from backend.employers.screening.waiting import screen_waiting
from backend.employers.services import draft_opening, import_openings, revise_opening, submit_opening
from backend.web.openings import views
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast
from tests.factories import MunicipalityFactory

CLEAR = "Šijemo radnu odeću u svetlom pogonu."
FEE = "Pre početka rada radnica plaća depozit od 200 evra."
SOFT = "Laka zarada, iskustvo nije potrebno, krećete odmah."
Hand = Callable[..., Opening]


@pytest.fixture
def lead(cast: Cast, sign_in: SignIn, clock: dt.datetime) -> Client:
    return sign_in(cast.lead)


@pytest.fixture
def hand_in(cast: Cast, today: dt.date, clock: dt.datetime) -> Hand:
    def act(title: str, description: str = CLEAR, **fields: object) -> Opening:
        given = {
            "municipality": MunicipalityFactory(), "pay_from": 90_000, "hours_per_week": 40, "description": description,
        } | fields  # fmt: skip
        opening = draft_opening(actor=cast.counsellor, employer=cast.employer, on=today, title=title, **given)
        return submit_opening(actor=cast.counsellor, opening=opening, on=today)

    return act


def on_page(lead: Client, page: int = 1) -> list[str]:
    rows = lead.get(reverse("web:opening_queue"), {"page": page}).context["rows"]
    return [opening.title for opening, _screening in rows]


def in_api(lead: Client) -> list[str]:
    """All pages of the API, followed by their links."""
    url, titles = "/api/v1/openings/waiting/?page_size=1", []
    while url:
        told = lead.get(url).json()
        titles += [row["title"] for row in told["results"]]
        url = told["next"]
    return titles


def test_the_order_holds_over_pages_and_in_the_api(
    lead: Client, hand_in: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a page of one, an order made page by page would leave the worst on the last."""
    monkeypatch.setattr(views, "PAGE_SIZE", 1)
    for title, words in (("prva", CLEAR), ("druga", CLEAR), ("mamac", FEE)):
        hand_in(title, words)
    hand_in("ćutljiva", municipality=None)
    order = [on_page(lead, page)[0] for page in (1, 2, 3, 4)]
    assert order == ["mamac", "ćutljiva", "prva", "druga"]
    assert in_api(lead) == order
    levels = dict(Opening.objects.values_list("title", "severity"))
    assert levels == {"mamac": 3, "ćutljiva": 1, "prva": 0, "druga": 0}


def test_a_changed_opening_moves(lead: Client, cast: Cast, hand_in: Hand, today: dt.date) -> None:
    first, second = hand_in("prva"), hand_in("druga")
    assert on_page(lead) == ["prva", "druga"]
    revise_opening(actor=cast.counsellor, opening=second, on=today, description=FEE)
    assert on_page(lead) == in_api(lead) == ["druga", "prva"]
    revise_opening(actor=cast.counsellor, opening=second, on=today, description=CLEAR)
    assert on_page(lead) == ["prva", "druga"]
    assert Opening.objects.get(pk=first.pk).severity == Opening.Severity.CLEAR


def test_what_a_file_brings_takes_its_place(lead: Client, cast: Cast, hand_in: Hand, today: dt.date) -> None:
    hand_in("mamac", FEE), hand_in("prva")
    table = "naziv;poslodavac;šifra;opis\nuvezena;{};A1;{}\n"
    for words, order in ((CLEAR, ["mamac", "uvezena", "prva"]), (FEE, ["mamac", "uvezena", "prva"])):
        content = table.format(cast.employer.name, words).encode()
        import_openings(actor=cast.counsellor, name="a.csv", content=content, on=today)
        assert on_page(lead) == in_api(lead) == order
    assert Opening.objects.get(title="uvezena").severity == Opening.Severity.STOP


def test_what_nobody_has_screened_stands_on_top(lead: Client, hand_in: Hand, today: dt.date) -> None:
    hand_in("mamac", FEE)
    Opening.objects.filter(pk=hand_in("stara").pk).update(severity=Opening.Severity.UNSCREENED)
    assert on_page(lead) == in_api(lead) == ["stara", "mamac"]
    screen_waiting(on=today)
    assert on_page(lead) == ["mamac", "stara"]


def test_the_night_finds_what_has_changed_around_an_opening(
    lead: Client, cast: Cast, hand_in: Hand, today: dt.date
) -> None:
    hand_in("prva")
    published = hand_in("objavljena")
    Opening.objects.filter(pk=published.pk).update(status="refused", severity=4)
    assert screen_waiting(on=today) == 0
    Employer.objects.filter(pk=cast.employer.pk).update(tax_number="")  # a sign, though a small one
    assert screen_waiting(on=today) == 1
    assert Opening.objects.get(title="prva").severity == Opening.Severity.WARN
    assert Opening.objects.get(pk=published.pk).severity == 4  # does not wait


def test_the_queue_is_the_leads_and_nobody_else_can_sort_by_it(
    cast: Cast, hand_in: Hand, sign_in: SignIn, clock: dt.datetime
) -> None:
    hand_in("mamac", FEE), hand_in("prva")
    for user in (cast.counsellor, cast.employer_user, cast.administrator):
        assert sign_in(user).get("/api/v1/openings/waiting/").status_code == 404
    employer = sign_in(cast.employer_user)
    assert employer.get("/portal/api/v1/openings/waiting/").status_code == 404
    told = employer.get("/portal/api/v1/openings/").json()["results"]
    assert "severity" not in told[0]
    sorted_by = employer.get("/portal/api/v1/openings/?ordering=-severity")
    assert sorted_by.status_code == 400 or sorted_by.json()["results"] == told
