import pytest
from django.conf import settings

from backend.places.models import Country, District, Municipality
from backend.places.queries import find_country, find_municipality
from backend.places.services import load_places
from tests.factories import CountryFactory, MunicipalityFactory


@pytest.fixture
def places(db: None) -> None:
    load_places(settings.FIXTURES_DIR)


def test_the_places_of_four_countries_are_loaded(places: None):
    assert Municipality.objects.filter(country="RS").count() == 145
    assert District.objects.filter(country="RS").count() == 25
    assert set(Country.objects.values_list("pk", flat=True)) >= {"RS", "AL", "BA", "MK"}
    assert Municipality.objects.filter(country="AL").exists()


def test_loading_again_restores_and_adds_nothing(places: None):
    count = Municipality.objects.count()
    Municipality.objects.filter(pk="RS-20-nis").update(name="Wrong", name_folded="wrong", latitude=0)
    assert load_places(settings.FIXTURES_DIR) == count
    assert Municipality.objects.count() == count
    assert Municipality.objects.get(pk="RS-20-nis").name == "Niš"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("RS-20-nis", "RS-20-nis"),
        ("Niš", "RS-20-nis"),
        ("NIS", "RS-20-nis"),
        (" Ниш ", "RS-20-nis"),
        ("Нови Сад", "RS-06-novi-sad"),
        ("Novi  Sad, Srbija", "RS-06-novi-sad"),
        ("Grad Novi Sad", "RS-06-novi-sad"),
        ("Beograd (Vračar)", "RS-00-beograd"),
        ("Belgrade, Serbia", "RS-00-beograd"),
        ("Inđija", "RS-07-indjija"),
        ("Indjija", "RS-07-indjija"),
        ("Skoplje", "MK-skopje"),
    ],
)
def test_a_place_is_found_as_people_write_it(places: None, written: str, code: str):
    place = find_municipality(written)
    assert place is not None
    assert place.code == code


@pytest.mark.parametrize("written", ["", " ", "Atlantis", "N", "%", "x" * 10_000, ",", "("])
def test_what_is_no_place_is_not_found(places: None, written: str):
    assert find_municipality(written) is None


@pytest.mark.django_db
def test_a_name_in_two_countries_needs_the_country():
    MunicipalityFactory(code="RS-x", name="Dvojno")
    other = MunicipalityFactory(code="BA-x", name="Dvojno", country=CountryFactory(code="BA", name_en="Bosnia"))
    assert find_municipality("Dvojno") is None
    assert find_municipality("Dvojno", "BA") == other
    assert find_municipality("Dvojno", "AL") is None


@pytest.mark.parametrize("written", ["RS", "rs", "Srbija", "Србија", "Serbia"])
def test_a_country_is_found_by_code_and_name(places: None, written: str):
    country = find_country(written)
    assert country is not None
    assert country.code == "RS"
    assert find_country("Narnia") is None
