"""The statistical regions of Serbia: what is said of a place where its municipality would say too much."""

from .models import Municipality

ABROAD = "abroad"
# Level 2 of NUTS as the Statistical Office of Serbia draws it; level 1 joins the first two and the last two.
REGIONS: dict[str, tuple[str, ...]] = {
    "RS11": ("RS-00",),
    "RS12": ("RS-01", "RS-02", "RS-03", "RS-04", "RS-05", "RS-06", "RS-07"),
    "RS21": ("RS-08", "RS-09", "RS-12", "RS-13", "RS-16", "RS-17", "RS-18", "RS-19"),
    "RS22": ("RS-10", "RS-11", "RS-14", "RS-15", "RS-20", "RS-21", "RS-22", "RS-23", "RS-24"),
}
_OF_DISTRICT = {district: region for region, districts in REGIONS.items() for district in districts}


def region_of(place: Municipality) -> str:
    """RS11 (Belgrade), RS12 (Vojvodina), RS21 (Šumadija and West), RS22 (South and East), or abroad."""
    return _OF_DISTRICT.get(place.district_id or "", ABROAD)
