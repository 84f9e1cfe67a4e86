"""Taking in a file of openings, row by row."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, get_args
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.audit.services import record
from backend.core.locking import hold_all
from backend.employers.content import RequirementInput
from backend.employers.imports import OpeningFields, RowErrors, SourceRow, parse_row, read_rows
from backend.employers.models import Employer, Opening
from backend.employers.policies import can_import_openings, visible_employers, visible_openings
from backend.employers.queries import is_banned
from backend.employers.screening import Verdict
from backend.employers.screening.waiting import keep_verdict
from backend.places.models import Municipality
from backend.places.queries import find_country, find_municipality
from backend.skills.codes import Currency, Importance
from backend.skills.linking import sure_occupations, sure_skills
from matching.text import fold

from .employers import register_employer
from .openings import save_changes, save_new

Outcome = Literal["added", "changed", "unchanged", "refused"]

# What pay is in where a row does not say; RSD elsewhere.
CURRENCIES = {"BA": Currency.BAM, "MK": Currency.MKD, "AL": Currency.ALL}


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row; `number` is its row in a table, its line in JSON Lines, else its position.

    `verdict` is what the screening made of an opening that is new or says something else: for the programme's eyes.
    """

    number: int
    outcome: Outcome
    title: str = ""
    opening: Opening | None = None
    errors: RowErrors = field(default_factory=list)
    verdict: Verdict | None = None


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


@transaction.atomic
def import_openings(*, actor: User, name: str, content: bytes, on: dt.date) -> ImportReport:
    """Take in a file of openings; each waits for vetting and none is ever published by this.

    A row is taken whole or refused with field and reason, the others notwithstanding. A row that was imported before
    and says the same changes nothing; one with a known key that says something else revises the opening. Employers
    that are not known yet are registered, to be vetted. Raises ValidationError on `file` when the file as a whole
    cannot be read. The format follows from the content; `name` only serves who calls.
    """
    if not can_import_openings(actor):
        raise PermissionDenied
    source = read_rows(content)
    rows = [(row, parse_row(row)) for row in source.rows]
    task = _Import(actor, on, [fields for _row, fields in rows])
    report = ImportReport([task.take(row, fields) for row, fields in rows], source.unknown_columns)
    counts = {outcome: getattr(report, outcome) for outcome in get_args(Outcome)}
    record(actor=actor, act="import_openings", obj=actor.organisation or actor, **counts)
    return report


class _Import:
    """One file on its way into the database, with what its rows share looked up once."""

    def __init__(self, actor: User, on: dt.date, rows: Sequence[OpeningFields]) -> None:
        self.actor = actor
        self.on = on
        self.countries = {name: find_country(name) for name in {row.country for row in rows if row.country}}
        self.places = {key: self._find_place(*key) for key in {(row.municipality, row.country) for row in rows}}
        self.skills = sure_skills(phrase for row in rows for phrase in (*row.skills, *row.optional_skills))
        self.occupations = sure_occupations(row.occupation or row.fields.get("title", "") for row in rows)
        keys = [row.key for row in rows]
        known = sorted(
            pk
            for start in range(0, len(keys), 500)
            for pk in visible_openings(actor)
            .filter(source_key__in=keys[start : start + 500])
            .values_list("pk", flat=True)
        )
        self.openings = {
            (opening.employer_id, opening.source_key): opening
            for start in range(0, len(known), 500)
            for opening in hold_all(
                Opening.objects.filter(pk__in=known[start : start + 500]).select_related("employer")
            )
        }
        self.employers: dict[tuple[str, str], Employer] = {}  # by name and tax number, as rows name them
        self.taken: dict[tuple[UUID, str], str] = {}  # what the rows taken so far said, by employer and key

    def _find_place(self, name: str, country_name: str) -> Municipality | None:
        country = self.countries.get(country_name)
        return find_municipality(name, country.code if country else None) if name else None

    def take(self, row: SourceRow, parsed: OpeningFields) -> RowReport:
        """Take one row in a savepoint of its own, so that a refused one leaves nothing behind."""
        title = str(row.values.get("title", ""))[:200]
        refused = partial(RowReport, row.number, "refused", title, None)
        if errors := [*row.errors, *self._place_errors(parsed)]:
            return refused(errors)
        try:
            with transaction.atomic():
                employer = self._employer(parsed)
                outcome, opening, verdict = self._save(employer, parsed)
        except ValidationError as error:
            return refused(_errors(error))
        except (IntegrityError, DataError):
            return refused([("row", _("The database does not take this row."))])
        self.employers[parsed.employer, parsed.tax_number] = employer
        self.openings[employer.pk, parsed.key] = opening
        self.taken[employer.pk, parsed.key] = parsed.source_hash
        return RowReport(row.number, outcome, title, opening, verdict=verdict)

    def _place_errors(self, parsed: OpeningFields) -> RowErrors:
        if parsed.country and self.countries[parsed.country] is None:
            return [("country", _("This country is not known here."))]
        if parsed.municipality and self.places[parsed.municipality, parsed.country] is None:
            return [("municipality", _("This municipality is not known, or there are several of this name."))]
        return []

    def _save(self, employer: Employer, parsed: OpeningFields) -> tuple[Outcome, Opening, Verdict | None]:
        key = employer.pk, parsed.key
        if self.taken.get(key, parsed.source_hash) != parsed.source_hash:
            raise ValidationError({"identifier": _("Another row of this file has this key and says something else.")})
        opening = self.openings.get(key)
        if opening is None:
            opening = Opening(
                employer=employer,
                posted_on=self.on,
                status=Opening.Status.SUBMITTED,
                source="import",
                source_key=parsed.key,
                source_hash=parsed.source_hash,
            )
            save_new(self.actor, opening, self._requirements(parsed), **self._fields(parsed))
            return "added", opening, self._screen("import_opening", opening)
        if opening.source_hash == parsed.source_hash:
            return "unchanged", opening, None
        opening.source_hash = parsed.source_hash
        if opening.status == Opening.Status.REFUSED:
            opening.status = Opening.Status.SUBMITTED  # it says something else now
        save_changes(self.actor, opening, self._requirements(parsed), **self._fields(parsed))
        return "changed", opening, self._screen("revise_opening", opening)

    def _screen(self, act: str, opening: Opening) -> Verdict:
        """What comes in by a file is screened as it comes, and what was found stands in the trail."""
        verdict = keep_verdict(opening, on=self.on)
        record(actor=self.actor, act=act, obj=opening, content_hash=opening.content_hash, verdict=verdict)
        return verdict

    def _fields(self, parsed: OpeningFields) -> dict[str, Any]:
        place = self.places[parsed.municipality, parsed.country]
        currency = CURRENCIES.get(place.country_id, Currency.RSD) if place else Currency.RSD
        fields = {"currency": currency, **parsed.fields, "municipality": place}
        if occupation := self.occupations.get(parsed.occupation or parsed.fields["title"]):
            fields["occupation"] = occupation
        return fields

    def _requirements(self, parsed: OpeningFields) -> list[RequirementInput]:
        asked = [(phrase, Importance.ESSENTIAL) for phrase in parsed.skills]
        asked += [(phrase, Importance.OPTIONAL) for phrase in parsed.optional_skills]
        return [
            RequirementInput(skill=self.skills.get(phrase), phrase=phrase, importance=importance)
            for phrase, importance in asked
        ]

    def _employer(self, parsed: OpeningFields) -> Employer:
        """The employer a row names; an employer's user can name only her own, or none."""
        if known := self.employers.get((parsed.employer, parsed.tax_number)):
            return known
        employers = visible_employers(self.actor)
        if self.actor.is_employer:
            own = employers.get()
            if own.status in Employer.BARRED:
                raise ValidationError({"employer": _("No opening can be taken for this company.")})
            if parsed.tax_number not in ("", own.tax_number) or fold(parsed.employer) not in ("", own.name_folded):
                raise ValidationError({"employer": _("You can import only for your own company.")})
            return own
        programme = self.actor.organisation
        if programme and is_banned(programme, tax_number=parsed.tax_number, name_folded=fold(parsed.employer)[:200]):
            raise ValidationError({"employer": _("This employer is banned.")})
        employer = _known_employer(employers, parsed)
        if employer is None:
            return register_employer(actor=self.actor, name=parsed.employer, tax_number=parsed.tax_number)
        if employer.status in Employer.BARRED:
            raise ValidationError({"employer": _("This employer was refused, suspended or banned.")})
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
