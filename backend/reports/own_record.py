"""Her own record: everything that is held on a person, as she may take it with her (GDPR art. 15, ZZPL art. 26).

What it says is declared here model by model; a field of class C2 to C4 that is neither said nor left out for a reason
fails the tests. Colleagues are called by their first names, employers by their companies'; nobody else is in it.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.models import User
from backend.audit.models import Event
from backend.audit.services import record
from backend.beneficiaries import models as people
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.policies import can_take_out_record
from backend.core.tenancy import OfPerson
from backend.employers.models import Opening
from backend.matches import models as matches
from backend.matches.candidate import show
from backend.matches.card import NAMED_FIELDS
from backend.outcomes import models as outcomes
from backend.skills.codes import Licence, Shift
from backend.trainings import models as trainings


@dataclass(frozen=True, slots=True)
class Part:
    """One heading of the record: the rows of a model, and the fields of them that are said."""

    title: str | Promise
    model: type[models.Model]
    fields: tuple[str, ...]


def _part(title: str | Promise, model: type[models.Model], fields: str) -> Part:
    return Part(title, model, tuple(fields.split()))


PARTS = (
    _part(
        gettext_lazy("Who you are"),
        people.Identity,
        "first_name last_name birth_date phone email address safe_channel safe_hours code_word",
    ),
    _part(
        gettext_lazy("Your file"),
        Beneficiary,
        "code counsellor status entered_on municipality permit licences",
    ),
    _part(
        gettext_lazy("Consents"),
        people.Consent,
        "purpose recipient opening fields text_version language method given_on expires_on withdrawn_at recorded_by",
    ),
    _part(gettext_lazy("Goals"), people.Goal, "domain text owner set_on due_on achieved_on"),
    _part(gettext_lazy("Skills"), people.HeldSkill, "skill phrase level evidence noted_on"),
    _part(gettext_lazy("Languages"), people.LanguageSkill, "language spoken written"),
    _part(gettext_lazy("Work before"), people.Experience, "title occupation years"),
    _part(
        gettext_lazy("Wishes"),
        people.Wishes,
        "occupations own_words min_hours max_hours shifts max_travel_km min_pay_per_hour",
    ),
    _part(
        gettext_lazy("What keeps you safe"),
        people.SafetyRule,
        "kind municipality_id radius_km employer_id sector condition set_on lifted_on lifted_because",
    ),
    _part(gettext_lazy("Trainings"), trainings.Enrolment, "session status enrolled_on ended_on"),
    _part(gettext_lazy("Attendance"), trainings.Attendance, "enrolment on present"),
    _part(gettext_lazy("Certificates"), trainings.Credential, "enrolment awarded_on number"),
    _part(gettext_lazy("Openings suggested"), matches.Match, "opening state lane score snoozed_until created_at"),
    _part(gettext_lazy("Decisions"), matches.Decision, "match kind reason note decided_by decided_at"),
    _part(
        gettext_lazy("Introductions to employers"),
        matches.Introduction,
        "match state shared_at shared_profile answered_at employer_reason question reply identity_consent interview_at",
    ),
    _part(gettext_lazy("Profiles that employers were shown"), matches.FrozenProfile, "employer created_at profile"),
    _part(
        gettext_lazy("Work"),
        outcomes.EmploymentSpell,
        "employer job_title contract hours_per_week net_pay_per_month is_written is_subsidised started_on ended_on "
        "end_reason evidence verified_on recorded_on end_recorded_on",
    ),
    _part(
        gettext_lazy("Follow-ups"),
        outcomes.FollowUp,
        "day due_on contacted_on recorded_on result status pay_on_time feels_safe note evidence employer_says "
        "employer_said_on recorded_by",
    ),
    _part(gettext_lazy("Follow-ups begun and not recorded"), outcomes.FollowUpDraft, "follow_up saved_at answers"),
    _part(gettext_lazy("Tries to reach you"), outcomes.ContactAttempt, "attempted_at channel result attempted_by"),
    _part(
        gettext_lazy("Assessments"),
        outcomes.Assessment,
        f"assessed_on {' '.join(outcomes.INDEPENDENCE_DOMAINS)} needs_met agrees assessed_by",
    ),
    _part(
        gettext_lazy("Warning signs"),
        outcomes.WarningFlag,
        "kind severity raised_on due_on resolved_on resolution raised_by",
    ),
    _part(
        gettext_lazy("Opened by a colleague in an emergency"),
        people.BreakGlass,
        "opened_by reason opened_at closes_at verdict",
    ),
)

RANKING = "worked out anew from what stands here each time openings are ranked, and explained beside each match"
LEFT_OUT = {
    "beneficiaries.Identity.phone_index": "a digest of the phone, which is in the record itself",
    "matches.MatchRun.excluded": RANKING,
    "matches.Match.is_eligible": RANKING,
    "matches.Match.reasons": RANKING,
    "matches.Match.gaps": RANKING,
    "matches.Match.missing": RANKING,
    "outcomes.EmploymentSpell.introduction": "the introduction itself is in the record, with the employer and the days",
    "trainings.Enrolment.beneficiary": "it is she",
    "trainings.Attendance.id": "a number of the database's",
}
"""Fields of class C2 to C4 that the record leaves out, and why."""

LABELS: dict[str, str | Promise] = {
    "counsellor": gettext_lazy("counsellor"),
    "created_at": gettext_lazy("written on"),
    "decided_by": gettext_lazy("decided by"),
    "recorded_by": gettext_lazy("recorded by"),
    "assessed_by": gettext_lazy("assessed by"),
    "attempted_by": gettext_lazy("tried by"),
    "raised_by": gettext_lazy("raised by"),
    "opened_by": gettext_lazy("opened by"),
    "match": gettext_lazy("opening"),
    "opening": gettext_lazy("opening"),
    "recipient": gettext_lazy("employer"),
    "employer": gettext_lazy("employer"),
    "session": gettext_lazy("training"),
    "enrolment": gettext_lazy("training"),
    "occupation": gettext_lazy("occupation"),
    "identity_consent": gettext_lazy("told of you with your consent"),
    "follow_up": gettext_lazy("follow-up"),
    "answers": gettext_lazy("written so far"),
    "shared_profile": gettext_lazy("what is shared now"),
    "profile": gettext_lazy("what was shown"),
}
"""What fields are called that have no name of their own in words."""

LOOKS: dict[str, str | Promise] = {
    "read_identity": gettext_lazy("looked at who you are"),
    "read_name": gettext_lazy("saw your name in a search"),
    "break_glass": gettext_lazy("opened your file in an emergency"),
    "read_opened_file": gettext_lazy("looked around in your file while it was open"),
    "read_preview": gettext_lazy("looked at what the employer would see"),
    "share_introduction": gettext_lazy("showed your profile without a name"),
    "disclose_identity": gettext_lazy("told an employer what you agreed to"),
    "read_candidate": gettext_lazy("read your name or contact, as you agreed"),
    "read_record": gettext_lazy("made a copy of this record"),
    "hand_over": gettext_lazy("handed your file over to a colleague"),
    "share_out": gettext_lazy("gave your file to another counsellor"),
}
"""The acts of the audit trail that tell her who saw what of her."""

Line = tuple[str, str, str]
"""The code of a field, its label and what it says."""


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """The record in one language: its parts with their rows, and the headings under which nothing is held."""

    language: str
    title: str
    made_on: dt.date
    parts: tuple[tuple[str, tuple[tuple[Line, ...], ...]], ...]
    empty: tuple[str, ...]


@transaction.atomic
def read_record(*, actor: User, beneficiary: Beneficiary, language: str, form: str, now: dt.datetime) -> OwnRecord:
    """Everything that is held on her, for her to take along; noted in the audit trail as a read of who she is."""
    if not can_take_out_record(actor, beneficiary):
        raise PermissionDenied
    record(actor=actor, act="read_record", obj=beneficiary, form=form, language=language)
    with translation.override(language):
        told = [(str(part.title), tuple(_rows(part, beneficiary))) for part in PARTS]
        told.append((_("Who saw what of you"), tuple(_looks(beneficiary))))
        return OwnRecord(
            language=language,
            title=_("What is held on you"),
            made_on=timezone.localdate(now),
            parts=tuple((title, rows) for title, rows in told if rows),
            empty=tuple(title for title, rows in told if not rows),
        )


def _rows(part: Part, her: Beneficiary) -> Iterator[tuple[Line, ...]]:
    about = part.model.about if issubclass(part.model, OfPerson) else "pk"
    has_time = any(field.name == "created_at" for field in part.model._meta.fields)
    for row in part.model._default_manager.filter(**{about: her.pk}).order_by("created_at" if has_time else "pk"):
        lines = ((name, _label(part.model, name), _said(row, name)) for name in part.fields)
        yield tuple(line for line in lines if line[2])


def _label(model: type[models.Model], name: str) -> str:
    return str(LABELS.get(name) or getattr(model._meta.get_field(name), "verbose_name", name))


def _said(row: Any, name: str) -> str:
    """What a field says, in words; "" where it says nothing."""
    if name in ("municipality_id", "employer_id") and isinstance(row, people.SafetyRule):
        name = name.removesuffix("_id")
    try:
        value = getattr(row, name)
    except ObjectDoesNotExist:  # a place or firm that is gone, and is kept away all the same
        return _("no longer known")
    if value is None or value == "":
        return ""
    if (display := getattr(row, f"get_{name}_display", None)) and not isinstance(value, bool):
        return str(display())
    if name == "channel":
        return str(dict(people.Identity.Channel.choices).get(value, value))
    match value:
        case bool():
            return _("yes") if value else _("no")
        case dt.datetime():
            return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
        case dt.date():
            return date_format(value, "SHORT_DATE_FORMAT")
        case User():
            return first_name(value)
        case matches.Match():
            return f"{value.opening.title}, {value.opening.employer.name}"
        case people.Consent():
            return _codes("fields", value.fields)
        case trainings.Enrolment():
            return str(value.session)
        case Opening():
            return f"{value.title}, {value.employer.name}"
        case outcomes.FollowUp():
            return str(value)
        case dict():
            return _draft(value) if isinstance(row, outcomes.FollowUpDraft) else _profile(value)
        case list():
            return _codes(name, value)
        case models.Manager():
            return ", ".join(str(each) for each in value.all())
    return str(row.points if name == "score" else value)


def _codes(name: str, codes: list[str]) -> str:
    words: dict[str, Any] = {"licences": dict(Licence.choices), "shifts": dict(Shift.choices)}.get(name, {})
    if name == "fields":
        words = {field: _label(people.Identity, field) for field in NAMED_FIELDS}
    return ", ".join(str(words.get(code, code)) for code in codes)


def _profile(frozen: dict[str, Any]) -> str:
    """A generalised profile on one line."""
    told = [
        each for lines in show(frozen).values() if lines for each in (lines if isinstance(lines, list) else [lines])
    ]
    return "; ".join(" ".join(filter(None, each.values())) if isinstance(each, dict) else str(each) for each in told)


def _draft(answers: dict[str, Any]) -> str:
    """What is written so far of a follow-up, on one line."""
    kinds = dict(outcomes.WarningFlag.Kind.choices)
    said = [str(kinds.get(kind, kind)) for kind in answers.get("flags") or []]
    known = {field.name for field in outcomes.FollowUp._meta.fields}
    words = outcomes.FollowUp(**{name: value for name, value in answers.items() if name in known})
    said += [f"{_label(outcomes.FollowUp, name)}: {_said(words, name)}" for name in answers if name in known]
    return "; ".join(said)


def _looks(her: Beneficiary) -> Iterator[tuple[Line, ...]]:
    events = Event.objects.filter(subject=her.pk, act__in=LOOKS).select_related("actor").order_by("created_at")
    for event in events:
        who = event.actor
        name = "" if who is None else str(who.organisation) if who.is_employer else first_name(who)
        yield (
            ("created_at", _("on"), date_format(timezone.localtime(event.created_at), "SHORT_DATETIME_FORMAT")),
            ("actor", _("who"), name or _("the system")),
            ("act", _("what"), str(LOOKS[event.act])),
        )


def first_name(user: User) -> str:
    """A colleague by her first name: the rest is hers."""
    return user.name.partition(" ")[0]
