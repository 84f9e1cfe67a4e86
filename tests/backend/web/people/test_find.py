"""Finding a person by name: her own caseload only, in both scripts, and never in an address."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary, Identity
from backend.reports.own_record import read_record
from backend.vault.keyring import forget_opened_keys
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, IdentityFactory

FIND = reverse("web:find_people")


@pytest.fixture(autouse=True)
def people(cast: Cast, other_cast: Cast) -> None:
    hers = {"organisation": cast.programme, "counsellor": cast.counsellor}
    for first, last, whose in (
        ("Đurđica", "Žarković", hers),
        ("Милица", "Јовановић", hers),
        ("Milica", "Kolegina", {"organisation": cast.programme, "counsellor": cast.colleague}),
        ("Milica", "Strana", {"organisation": other_cast.programme, "counsellor": other_cast.counsellor}),
    ):
        IdentityFactory(beneficiary=BeneficiaryFactory(**whose), first_name=first, last_name=last)


@pytest.mark.parametrize(
    ("words", "surnames"),
    [
        ("Milica", ["Јовановић"]), ("милица јова", ["Јовановић"]), ("durdica", []), ("djurdjica", ["Žarković"]),
        ("ZARKOVIC đurđica", ["Žarković"]), ("Ђурђица", ["Žarković"]), ("ic", ["Žarković", "Јовановић"]),
        ("Milica Žarković", []), ("Strana", []), ("%", []), ("---", []),
    ],
)  # fmt: skip
def test_names_are_found_in_both_scripts(client: Client, words: str, surnames: list[str]) -> None:
    found = client.post(FIND, {"words": words}).context["found"]
    assert sorted(who.last_name for who in found) == sorted(surnames)


def test_that_she_searched_is_noted_and_for_whom_is_not(client: Client, cast: Cast) -> None:
    client.post(FIND, {"words": "Milica"})
    event = Event.objects.get(act="find_people")
    assert (event.actor, event.detail) == (cast.counsellor, {"found": 1})


def test_her_own_record_says_who_saw_her_name(client: Client, cast: Cast, now: dt.datetime) -> None:
    client.post(FIND, {"words": "Milica"})
    client.post(FIND, {"words": "nobody"})
    seen = Event.objects.get(act="read_name")
    milica = next(who for who in Identity.objects.all() if who.last_name == "Јовановић")
    assert (seen.actor, seen.subject) == (cast.counsellor, milica.beneficiary_id)
    told = read_record(actor=cast.counsellor, beneficiary=milica.beneficiary, language="en", form="pdf", now=now).parts[
        -1
    ]
    assert told[0] == "Who saw what of you"
    assert [row[2][2] for row in told[1]] == ["saw your name in a search", "made a copy of this record"]


def test_an_address_finds_nobody(client: Client) -> None:
    assert client.get(FIND, {"words": "Milica"}).context["found"] is None


def test_everybody_is_opened_in_a_few_queries(client: Client, cast: Cast, django_assert_max_num_queries) -> None:
    for number in range(40):
        person = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
        IdentityFactory(beneficiary=person, last_name=f"Osoba {number}")
    forget_opened_keys()
    with django_assert_max_num_queries(40):
        assert client.post(FIND, {"words": "nobody"}).context["found"] == []
    forget_opened_keys()
    with django_assert_max_num_queries(40 + 40):  # and for each who is shown her key, to seal that she was
        assert len(client.post(FIND, {"words": "osoba"}).context["found"]) == 40


def test_she_is_erased_once_it_is_confirmed(client: Client, cast: Cast, settings, tmp_path) -> None:
    settings.ERASURE_LEDGER = str(tmp_path / "ledger")
    her = Identity.objects.get(beneficiary__counsellor=cast.counsellor, beneficiary=_first(cast)).beneficiary
    address = reverse("web:erase_person", args=[her.pk])
    assert "certain" in client.post(address).context["erase"].errors
    assert Identity.objects.filter(beneficiary=her).exists()
    assert client.post(address, {"certain": "on"}).status_code == 302
    assert not Identity.objects.filter(beneficiary=her).exists()
    assert client.get(reverse("web:person", args=[her.pk])).status_code == 404
    assert client.post(address, {"certain": "on"}).status_code == 404


def _first(cast: Cast) -> Beneficiary:
    return Beneficiary.objects.filter(counsellor=cast.counsellor, identity__isnull=False).order_by("code")[0]
