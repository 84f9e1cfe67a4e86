"""Countries, their districts and municipalities, with coordinates."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backend.core.data_classes import C0


class Country(models.Model):
    """A country by its ISO 3166-1 alpha-2 code."""

    data_classes = {C0: "code name name_en"}

    code = models.CharField(_("code"), max_length=2, primary_key=True)
    name = models.CharField(_("place name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name


class District(models.Model):
    """A district (Serbia), county (Albania), entity (Bosnia and Herzegovina) or region (North Macedonia)."""

    data_classes = {C0: "code country name"}

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="districts")
    name = models.CharField(_("place name"), max_length=120)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """A municipality of Serbia, or a town of a neighbour; the coordinates (WGS 84 degrees) are its seat's."""

    data_classes = {C0: "code country district name name_cyrl name_folded latitude longitude"}

    code = models.CharField(_("code"), max_length=60, primary_key=True)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="municipalities")
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, related_name="municipalities")
    name = models.CharField(_("place name"), max_length=120)
    name_cyrl = models.CharField(_("name in Cyrillic"), max_length=120, blank=True)
    name_folded = models.CharField(max_length=120, db_index=True, editable=False)
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))

    class Meta:
        ordering = ["name_folded", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90)) & Q(longitude__range=(-180, 180)),
                name="municipality_on_earth",
            )
        ]

    def __str__(self) -> str:
        return self.name_cyrl if self.name_cyrl and get_language() == "sr-cyrl" else self.name
