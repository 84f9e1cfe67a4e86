"""Reads over a person's file."""

from .models import Beneficiary, Wishes


def completeness(beneficiary: Beneficiary) -> list[str]:
    """The codes of what a ranking would use and the file does not say yet, most useful first."""
    saved = Wishes.objects.filter(beneficiary=beneficiary).first()
    wishes = saved or Wishes()
    experiences = list(beneficiary.experiences.values_list("occupation_id", flat=True))
    said = {
        "skills": beneficiary.skills.exists(),
        "municipality": beneficiary.municipality_id is not None,
        "occupations": saved is not None and saved.occupations.exists(),
        "experience": any(experiences),
        "languages": beneficiary.languages.exists(),
        "hours": wishes.min_hours is not None or wishes.max_hours is not None,
        "shifts": wishes.shifts is not None,
        "max_travel_km": wishes.max_travel_km is not None,
        "min_pay_per_hour": wishes.min_pay_per_hour is not None,
        "permit": beneficiary.permit != Beneficiary.Permit.UNKNOWN,
    }
    return [code for code, is_said in said.items() if not is_said]
