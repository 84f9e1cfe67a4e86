"""Loading the reference data on places."""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from matching.text import fold

from .models import Country, District, Municipality


@transaction.atomic
def load_places(folder: Path) -> int:
    """Write countries.csv and places.csv into the database and return the number of municipalities.

    Loading again changes what the files changed; a municipality that left the file stays, as rows may refer to it.
    """
    countries = [
        Country(code=row["code"], name=row["name_sr"], name_en=row["name_en"])
        for row in _rows(folder / "countries.csv")
    ]
    places = list(_rows(folder / "places.csv"))
    districts = {
        row["district_code"]: District(code=row["district_code"], country_id=row["country"], name=row["district"])
        for row in places
        if row["district_code"]
    }
    municipalities = [
        Municipality(
            code=row["code"],
            country_id=row["country"],
            district_id=row["district_code"] or None,
            name=row["name"],
            name_cyrl=row["name_cyrl"],
            name_folded=fold(row["name"]),
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
        )
        for row in places
    ]
    Country.objects.bulk_create(
        countries, update_conflicts=True, unique_fields=["code"], update_fields=["name", "name_en"]
    )
    District.objects.bulk_create(
        districts.values(), update_conflicts=True, unique_fields=["code"], update_fields=["country", "name"]
    )
    Municipality.objects.bulk_create(
        municipalities,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["country", "district", "name", "name_cyrl", "name_folded", "latitude", "longitude"],
    )
    return len(municipalities)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a reference file by column; its first lines name the source and start with #."""
    with path.open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(line for line in text if not line.startswith("#"))
