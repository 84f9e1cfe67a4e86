"""Finding a municipality by what people write."""

import re

from matching.text import fold

from .models import Country, Municipality

# What other languages call a place, as folded names; each side is looked up as well as itself.
EXONYMS = {
    "belgrade": "beograd",
    "skoplje": "skopje",
    "shkup": "skopje",
    "tirane": "tirana",
    "drac": "durres",
    "skadar": "shkoder",
}
_OFFICE = re.compile(r"^(grad|opstina|city of|municipality of|bashkia|general)\s+")


def find_municipality(name: str, country: str | None = None) -> Municipality | None:
    """The municipality with that code, or that name in either script; None if there is none or more than one.

    `country` is an ISO 3166-1 code. What follows a comma or stands in brackets is left out ("Novi Sad, Srbija").
    """
    name = name.replace("\x00", " ")  # PostgreSQL refuses to look for it
    towns = Municipality.objects.all()
    if country:
        towns = towns.filter(country_id=country)
    if town := towns.filter(code=name.strip()[:60]).first():
        return town
    for form in _forms(name):
        found = towns.filter(name_folded=form)[:2]
        if len(found) == 1:
            return found[0]
        if found:
            return None
    return None


def find_country(name: str) -> Country | None:
    """The country with that ISO 3166-1 alpha-2 code, or that name in Serbian or English."""
    wanted = fold(name)
    for country in Country.objects.all():
        if wanted in {country.code.lower(), fold(country.name), fold(country.name_en)}:
            return country
    return None


def _forms(name: str) -> list[str]:
    """Folded spellings to try, the fullest first."""
    whole = fold(name)[:120]
    head = re.split(r"[,(]", whole)[0].strip()
    forms = [whole, head, _OFFICE.sub("", head)]
    # "Indija" for Inđija: readers who cannot type đ drop it, those who fold it write dj.
    forms += [EXONYMS[form] for form in forms if form in EXONYMS]
    return [form for form in dict.fromkeys(forms) if form]
