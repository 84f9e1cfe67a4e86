"""What an employer may learn of a candidate before she is named: generalised, neutral, the same for every opening.

No place, no date, no code, no age, none of her own words: bands and taxonomy labels only. `freeze` gives the form that
is stored when a profile is shared; `show` says it in words in the active language.
"""

from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from backend.beneficiaries.models import Beneficiary, HeldSkill, Wishes
from backend.skills.codes import Language, Licence, Shift
from backend.skills.models import Concept, Occupation, Skill

YEARS = ((Decimal(1), "under_1"), (Decimal(3), "1_to_3"), (Decimal(5), "3_to_5"), (Decimal(61), "over_5"))
HOURS = ((20, "to_20"), (30, "to_30"), (61, "full"))
FIELDS = ("skills", "languages", "licences", "experience", "hours", "shifts")


def freeze(beneficiary: Beneficiary) -> dict[str, Any]:
    """Her generalised profile as stored: plain JSON, independent of language and opening."""
    wishes = Wishes.objects.filter(beneficiary=beneficiary).first() or Wishes()
    held = beneficiary.skills.filter(level__gt=HeldSkill.Level.NONE).select_related("skill")
    return {
        "skills": [
            {"labels": line.skill.preferred_labels, "level": line.level}
            for line in held.order_by("-level", "skill__uri")
        ],
        "languages": list(beneficiary.languages.order_by("language").values("language", "spoken", "written")),
        "licences": sorted(beneficiary.licences),
        "experience": _experience(beneficiary),
        "hours": _band(wishes.max_hours, HOURS) if wishes.max_hours is not None else None,
        "shifts": wishes.shifts,
    }


def show(frozen: dict[str, Any]) -> dict[str, Any]:
    """A frozen profile in words; None under `hours` or `shifts` means that she has not said."""
    if not frozen:
        return {}
    years = {
        "under_1": _("less than a year"),
        "1_to_3": _("1 to 3 years"),
        "3_to_5": _("3 to 5 years"),
        "over_5": _("more than 5 years"),
    }
    hours = {
        "to_20": _("up to 20 hours a week"),
        "to_30": _("up to 30 hours a week"),
        "full": _("more than 30 hours a week"),
    }
    return {
        "skills": [
            {"label": _label(Skill, line["labels"]), "level": str(HeldSkill.Level(line["level"]).label)}
            for line in frozen["skills"]
        ],
        "languages": [line | {"language": str(Language(line["language"]).label)} for line in frozen["languages"]],
        "licences": [str(Licence(code).label) for code in frozen["licences"]],
        "experience": [
            {"label": _label(Occupation, line["labels"]), "years": years[line["years"]]}
            for line in frozen["experience"]
        ],
        "hours": hours[frozen["hours"]] if frozen["hours"] else None,
        "shifts": None if frozen["shifts"] is None else [str(Shift(code).label) for code in frozen["shifts"]],
    }


def _experience(beneficiary: Beneficiary) -> list[dict[str, Any]]:
    """Years per occupation, in bands. Work known only by its free title is left out: a title can tell too much."""
    totals = dict(
        beneficiary.experiences.filter(occupation__isnull=False)
        .values_list("occupation")
        .annotate(total=Sum("years"))
        .values_list("occupation", "total")
    )
    return [
        {"labels": occupation.preferred_labels, "years": _band(totals[occupation.pk], YEARS)}
        for occupation in Occupation.objects.filter(pk__in=totals).order_by("uri")
    ]


def _band(value: Any, bands: tuple[tuple[Any, str], ...]) -> str:
    """The first band whose end is not below the value; years end below, hours at their number."""
    is_open = bands is YEARS
    return next(name for end, name in bands if (value < end if is_open else value <= end))


def _label(concept: type[Concept], labels: dict[str, str]) -> str:
    return concept(preferred_labels=labels).label
