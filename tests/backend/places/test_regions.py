"""Regions stand for municipalities where those would say too much."""

import csv
from collections import Counter

from django.conf import settings

from backend.places.models import Municipality
from backend.places.regions import ABROAD, REGIONS, region_of


def test_every_district_of_serbia_lies_in_one_region_and_no_other_country_in_any() -> None:
    with (settings.FIXTURES_DIR / "places.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(line for line in text if not line.startswith("#")))
    found = {
        (row["country"], row["district_code"]): region_of(Municipality(district_id=row["district_code"] or None))
        for row in rows
    }
    regions = Counter(region for (country, _), region in found.items() if country == "RS")
    # SORS: Belgrade, 7 districts of Vojvodina, 8 of Šumadija and West, 9 of South and East.
    assert regions == {"RS11": 1, "RS12": 7, "RS21": 8, "RS22": 9}
    assert {region for (country, _), region in found.items() if country != "RS"} == {ABROAD}
    assert sum(len(districts) for districts in REGIONS.values()) == 25


def test_some_places_by_hand() -> None:
    places = {"RS-20": "RS22", "RS-12": "RS21", "RS-06": "RS12", "RS-00": "RS11", "AL-01": "abroad"}
    assert {code: region_of(Municipality(district_id=code)) for code in places} == places
