import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from backend.employers.minimum_wage import minimum_wage
from backend.employers.models import Opening
from backend.employers.screening import Screening, Sign, screen, screen_opening
from tests.conftest import Cast
from tests.factories import CountryFactory, MunicipalityFactory, OpeningFactory


def codes(text: str) -> set[str]:
    return {sign.code for sign in screen(text)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Potreban depozit od 100 evra.", "fee"),
        ("ПОТРЕБАН ДЕПОЗИТ од 100 евра.", "fee"),
        ("Candidates pay a registration fee.", "fee"),
        ("Pasoš ostaje kod poslodavca.", "documents"),
        ("Pasos ostaje kod poslodavca", "documents"),
        ("We keep your passport.", "documents"),
        ("Avans se odrađuje.", "debt"),
        ("Poslovna pratnja", "sexualised"),
        ("Dovoljna je turistička viza, bez papira", "papers"),
        ("Bez telefona tokom boravka", "control"),
        ("Samo devojke do 30 godina", "demographic"),
    ],
)
def test_a_sign_is_found_in_both_scripts_and_languages(text: str, code: str):
    assert code in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bez depozita.",
        "Без депозита и без накнада.",
        "No deposit, no fees.",
        "Radno vreme od 8 do 16 časova, plata 80.000 dinara, prijava od prvog dana.",
        "Šivenje radne odeće na mašini, obuka plaćena.",
    ],
)
def test_a_plain_or_negated_text_shows_nothing(text: str):
    assert codes(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Bez iskustva, depozit 100 evra.",
        "Rad bez iskustva\ndepozit 100 evra",
        "Iskustvo nije potrebno. Depozit 100 evra.",
        "Bez ikakvog prethodnog radnog iskustva ili znanja depozit 100 evra",
        "Bez iskustva - depozit 100 evra",
        "Bez iskustva (depozit 100 evra)",
        "Bez iskustva • depozit 100 evra",
    ],
)
def test_a_negation_does_not_reach_into_another_clause(text: str):
    assert "fee" in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "de\u200bpo\u00adzit 100 evra",
        "d e p o z i t 100 evra",
        "a d e p o s i t of 50 euro",
        "d.e.p.o.z.i.t 100 evra",
        "dеpоzit 100 evra",  # two Cyrillic letters
        "депoзит 100 евра",  # one Latin letter
        "dep0zit 100 evra",
        "ｄｅｐｏｚｉｔ 100 evra",
    ],
)
def test_a_disguised_word_hides_nothing(text: str):
    assert "fee" in codes(text)


@pytest.mark.parametrize("text", ["d e p o z i t 100 evra", "dеpоzit", "p@soš"])
def test_a_disguise_is_a_sign_of_its_own(text: str):
    assert "disguised" in codes(text)


@pytest.mark.parametrize("text", ["a i o", "PVC столарија", "Rad od 8 do 16h, B2B, H1", "ana@firma.rs", "ПИБ 123"])
def test_plain_writing_is_no_disguise(text: str):
    assert "disguised" not in codes(text)


@pytest.mark.parametrize(
    ("text", "is_sign"),
    [
        ("Depozit se ne naplaćuje.", False),
        ("Depozit od 60 evra se ne vraća.", True),
        ("Ne vraćamo depozit od 60 evra.", True),
        ("Bez uplate unapred nema mesta.", True),
        ("No job without a deposit.", True),
        ("Troškove vize snosi poslodavac.", False),
        ("Troškove vize snosi kandidat.", True),
    ],
)
def test_what_a_negation_takes_back(text: str, is_sign: bool):
    assert ("fee" in codes(text)) is is_sign


@pytest.mark.parametrize("text", ["." * 20_000, "a " * 10_000, "a" * 20_000, "@" * 20_000, "0" * 20_000, "ne " * 6_000])
def test_a_long_text_of_nothing_is_read(text: str):
    assert "fee" not in codes(text)


def test_the_words_are_shown_as_they_were_written():
    (sign,) = [sign for sign in screen("Радница:\nПасош   остаје код послодавца.") if sign.code == "documents"]
    assert sign.phrase.startswith("Пасош остаје")
    with override("sr-latn"):
        assert sign.label != sign.code
    assert sign.hard_stop


@pytest.mark.parametrize(
    ("severities", "stops", "verdict"),
    [
        ([], False, "clear"),
        (["low"], False, "warn"),
        (["low", "low"], False, "warn"),
        (["low", "low", "low"], False, "hold"),
        (["medium"], False, "warn"),
        (["medium", "low"], False, "hold"),
        (["medium", "medium"], False, "hold"),
        (["high"], False, "hold"),
        (["high"], True, "stop"),
    ],
)
def test_the_verdict(severities: list[Any], stops: bool, verdict: str):
    signs = tuple(Sign("x", severity, stops, "") for severity in severities)
    assert Screening(signs).verdict == verdict


def opening(cast: Cast, **fields: Any) -> Opening:
    known = {"employer": cast.employer, "title": "Krojačica", "pay_from": Decimal(80_000)}
    return OpeningFactory(**{**known, **fields})


def found(opening: Opening, today: dt.date) -> set[str]:
    return {sign.code for sign in screen_opening(opening, on=today).signs}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"pay_from": Decimal(64_000)}, "below_minimum_wage"),
        ({"pay_from": Decimal(370), "pay_period": "hour"}, "below_minimum_wage"),
        ({"pay_from": Decimal(75_000), "hours_per_week": Decimal(48)}, "below_minimum_wage"),
        ({"pay_from": None, "pay_to": Decimal(30_000)}, "below_minimum_wage"),
        ({"pay_from": Decimal(30_000), "municipality": None}, "below_minimum_wage"),
        ({"hours_per_week": Decimal(49)}, "long_hours"),
        ({"hours_per_week": Decimal(41)}, "overtime"),
        ({"pay_from": None}, "no_wage"),
        ({"municipality": None}, "no_place"),
    ],
)
def test_figures_and_silence_are_signs(cast: Cast, today: dt.date, fields: dict[str, Any], code: str):
    assert code in found(opening(cast, **fields), today)


@pytest.mark.parametrize(
    "fields",
    [
        {"pay_from": Decimal(65_000)},
        {"pay_from": Decimal(371), "pay_period": "hour"},
        {"pay_from": Decimal(33_000), "hours_per_week": Decimal(20)},
        {"pay_from": Decimal(600), "currency": "EUR"},
        {"hours_per_week": Decimal(40)},
    ],
)
def test_lawful_figures_are_no_sign(cast: Cast, today: dt.date, fields: dict[str, Any]):
    assert found(opening(cast, **fields), today) == set()


def test_an_employer_without_a_number_and_the_words_of_a_requirement_count(cast: Cast, today: dt.date):
    cast.employer.tax_number = ""
    cast.employer.save()
    row = opening(cast)
    row.requirements.create(phrase="atraktivnog izgleda")
    assert found(row, today) == {"no_tax_number", "sexualised"}


@pytest.mark.django_db
def test_no_minimum_is_assumed_where_none_is_known(cast: Cast, today: dt.date):
    skopje = MunicipalityFactory(code="MK-x", country=CountryFactory(code="MK", name="S. Makedonija", name_en="NM"))
    assert found(opening(cast, pay_from=Decimal(1), currency="MKD", municipality=skopje), today) == set()


@pytest.mark.parametrize(
    ("on", "net"),
    [("2023-12-31", None), ("2024-06-01", 271), ("2025-09-30", 308), ("2025-10-01", 337), ("2026-11-02", 371)],
)
def test_the_minimum_wage_of_a_day(on: str, net: int | None):
    assert minimum_wage("RS", dt.date.fromisoformat(on)) == net
    assert minimum_wage("XX", dt.date.fromisoformat(on)) is None
