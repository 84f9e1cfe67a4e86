"""Taking in a file of openings, row by row."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.employers.content import RequirementInput
from backend.employers.imports import OpeningFields, RowErrors, SourceRow, parse_row, read_rows
from backend.employers.models import Employer, Opening
from backend.employers.policies import can_import_openings, visible_employers
from backend.places.models import Country, Municipality
from backend.places.queries import find_country, find_municipality
from backend.skills.codes import Currency, Importance
from backend.skills.linking import sure_occupations, sure_skills
from backend.skills.models import Occupation, Skill
from matching.text import fold

from .employers import register_employer
from .openings import save_changes, save_new

Outcome = Literal["added", "changed", "unchanged", "refused"]

# What pay is in where a row does not say; RSD elsewhere.
CURRENCIES = {"BA": Currency.BAM, "MK": Currency.MKD, "AL": Currency.ALL}


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row; `number` is its row in a table, its line in JSON Lines, else its position."""

    number: int
    outcome: Outcome
    title: str = ""
    opening: Opening | None = None
    errors: RowErrors = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file, row by row, and the columns that were not understood."""

    rows: list[RowReport]
    unknown_columns: list[str] = field(default_factory=list)

    def _count(self, outcome: Outcome) -> int:
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def added(self) -> int:
        return self._count("added")

    @property
    def changed(self) -> int:
        return self._count("changed")

    @property
    def unchanged(self) -> int:
        return self._count("unchanged")

    @property
    def refused(self) -> int:
        return self._count("refused")


@dataclass(frozen=True, slots=True)
class _Known:
    """What all rows share, looked up once."""

    skills: dict[str, Skill]
    occupations: dict[str, Occupation]
    places: dict[tuple[str, str], Municipality | None]
    countries: dict[str, Country | None]


@transaction.atomic
def import_openings(*, actor: User, name: str, content: bytes, on: dt.date) -> ImportReport:
    """Take in a file of openings; each waits for vetting and none is ever published by this.

    A row is taken whole or refused with field and reason, the others notwithstanding. A row that was imported before
    and says the same changes nothing; one with a known key that says something else revises the opening. Employers
    that are not known yet are registered, to be vetted. Raises ValidationError on `file` when the file as a whole
    cannot be read; `name` is kept for the trail.
    """
    if not can_import_openings(actor):
        raise PermissionDenied
    source = read_rows(content)
    parsed = [(row, parse_row(row)) for row in source.rows]
    known = _look_up(fields for row, fields in parsed if not row.errors)
    seen: dict[tuple[Any, str], str] = {}
    reports = [_take(actor, row, fields, known, seen, on) for row, fields in parsed]
    report = ImportReport(reports, source.unknown_columns)
    record(
        actor=actor,
        act="import_openings",
        obj=actor.organisation or actor,
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
        refused=report.refused,
    )
    return report


def _look_up(rows: Iterable[OpeningFields]) -> _Known:
    rows = list(rows)
    countries = {row.country: find_country(row.country) for row in {row.country: row for row in rows}.values()}
    places: dict[tuple[str, str], Municipality | None] = {}
    for row in rows:
        key = row.municipality, row.country
        if row.municipality and key not in places:
            country = countries.get(row.country) if row.country else None
            places[key] = find_municipality(row.municipality, country.code if country else None)
    return _Known(
        skills=sure_skills(phrase for row in rows for phrase in (*row.skills, *row.optional_skills)),
        occupations=sure_occupations(row.occupation or row.fields["title"] for row in rows),
        places=places,
        countries=countries,
    )


def _take(
    actor: User, row: SourceRow, parsed: OpeningFields, known: _Known, seen: dict[tuple[Any, str], str], on: dt.date
) -> RowReport:
    """One row in a savepoint of its own, so that a refused one leaves nothing behind."""
    title = str(row.values.get("title", ""))[:200]
    refused = partial(RowReport, row.number, "refused", title, None)
    if row.errors:
        return refused(row.errors)
    try:
        with transaction.atomic():
            outcome, opening = _save(actor, parsed, known, seen, on)
    except ValidationError as error:
        return refused(_errors(error))
    except (IntegrityError, DataError):
        return refused([("row", _("The database does not take this row."))])
    return RowReport(row.number, outcome, title, opening)


def _save(
    actor: User, parsed: OpeningFields, known: _Known, seen: dict[tuple[Any, str], str], on: dt.date
) -> tuple[Outcome, Opening]:
    place = _municipality(parsed, known)
    currency = CURRENCIES.get(place.country_id, Currency.RSD) if place else Currency.RSD
    fields = {"currency": currency, **parsed.fields, "municipality": place}
    if occupation := known.occupations.get(parsed.occupation or parsed.fields["title"]):
        fields["occupation"] = occupation
    requirements = [
        RequirementInput(skill=known.skills.get(phrase), phrase=phrase, importance=importance)
        for phrases, importance in (
            (parsed.skills, Importance.ESSENTIAL),
            (parsed.optional_skills, Importance.OPTIONAL),
        )
        for phrase in phrases
    ]
    employer = _employer(actor, parsed)
    # Without a key of its own a row is known by all it says.
    key = parsed.identifier or f"row:{parsed.source_hash}"
    if seen.setdefault((employer.pk, key), parsed.source_hash) != parsed.source_hash:
        raise ValidationError({"identifier": _("Another row of this file has the same key and says something else.")})
    opening = (
        Opening.objects.select_for_update(of=("self",))
        .select_related("employer")
        .filter(employer=employer, source_key=key)
        .first()
    )
    if opening is None:
        opening = Opening(
            employer=employer,
            posted_on=on,
            status=Opening.Status.SUBMITTED,
            source="import",
            source_key=key,
            source_hash=parsed.source_hash,
        )
        save_new(opening, requirements, **fields)
        record(actor=actor, act="import_opening", obj=opening, content_hash=opening.content_hash)
        return "added", opening
    if opening.source_hash == parsed.source_hash:
        return "unchanged", opening
    opening.source_hash = parsed.source_hash
    if opening.status == Opening.Status.REFUSED:
        opening.status = Opening.Status.SUBMITTED  # it says something else now
    save_changes(opening, requirements, **fields)
    record(actor=actor, act="revise_opening", obj=opening, content_hash=opening.content_hash)
    return "changed", opening


def _municipality(parsed: OpeningFields, known: _Known) -> Municipality | None:
    if parsed.country and known.countries.get(parsed.country) is None:
        raise ValidationError({"country": _("This country is not known here.")})
    if not parsed.municipality:
        return None
    place = known.places.get((parsed.municipality, parsed.country))
    if place is None:
        raise ValidationError({"municipality": _("This municipality is not known, or there are several of this name.")})
    return place


def _employer(actor: User, parsed: OpeningFields) -> Employer:
    """The employer a row names; an employer's user can name only her own, or none."""
    employers = visible_employers(actor)
    if actor.is_employer:
        own = employers.get()
        is_own = parsed.tax_number in ("", own.tax_number) and fold(parsed.employer) in ("", own.name_folded)
        if not is_own:
            raise ValidationError({"employer": _("You can import only for your own company.")})
        return own
    employer = _known_employer(employers, parsed)
    if employer is None:
        return register_employer(actor=actor, name=parsed.employer, tax_number=parsed.tax_number)
    if employer.status in (Employer.Status.REFUSED, Employer.Status.SUSPENDED):
        raise ValidationError({"employer": _("This employer was refused or suspended.")})
    return employer


def _known_employer(employers: QuerySet[Employer], parsed: OpeningFields) -> Employer | None:
    """By tax number, else by name; a number that is new is another employer, unless the one so named has none yet."""
    if parsed.tax_number and (numbered := employers.filter(tax_number=parsed.tax_number).first()):
        return numbered
    if not parsed.employer:
        raise ValidationError({"employer": _("The employer is missing.")})
    named = employers.filter(name_folded=fold(parsed.employer)[:200])
    if parsed.tax_number:
        named = named.filter(tax_number="")
    found = list(named[:2])
    if len(found) > 1:
        raise ValidationError({"employer": _("There are several employers of this name. Give the tax number.")})
    return found[0] if found else None


def _errors(error: ValidationError) -> RowErrors:
    if not hasattr(error, "error_dict"):
        return [("row", message) for message in error.messages]
    # Fields that an import names otherwise.
    names = {"name": "employer", "requirements": "skills", "__all__": "row"}
    return [(names.get(name, name), text) for name, texts in error.message_dict.items() for text in texts]
