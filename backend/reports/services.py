"""Freezing a quarter: asked for by the lead or by the night, made in the background, never changed after."""

import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.models import Organisation, User
from backend.audit.services import record
from backend.beneficiaries.models import Beneficiary
from backend.outcomes.spells import GAP_DAYS

from . import frames
from .catalogue import DEFINITIONS, LASTING, MEASURES, SAME, published_curves, published_waits
from .catalogue.curves import fewest_at_risk
from .disclosure import Release, Rules, control
from .disclosure.agreement import agree
from .disclosure.tables import OTHER, plain
from .donor_report import DonorReport, donor_report
from .evaluation_set import EvaluationSet, evaluation_set
from .models import Grant, Snapshot
from .policies import can_export_research, can_manage_grants, can_read_reports, visible_snapshots
from .quarters import Quarter
from .report_files import LANGUAGES, pdf, xlsx
from .research import TooFew, files, tables_of

LOOK_BACK = 2
"""So many quarters published before are part of the attack that a new one has to stand."""
FORMS: dict[str, Callable[[DonorReport], bytes]] = {"pdf": pdf, "xlsx": xlsx}
RESERVED = frozenset({OTHER, frames.NONE, frames.UNKNOWN})
"""Rows of a table that are no group of their own: a grant of that name would be taken for one."""


def rules() -> Rules:
    return Rules(threshold=settings.DISCLOSURE_THRESHOLD)


@transaction.atomic
def ask_for_snapshot(*, actor: User | None, programme: Organisation, quarter: Quarter, on: dt.date) -> Snapshot:
    """Take note that a closed quarter is to be frozen; the one there is if there is one, even if it failed before."""
    if actor is not None and not (can_read_reports(actor) and actor.organisation == programme):
        raise PermissionDenied
    if not quarter.is_closed(on):
        raise ValidationError({"quarter": _("This quarter is still open: 30 days after its end it can be reported.")})
    later = Snapshot.objects.filter(programme=programme, quarter__gt=str(quarter))
    snapshot = Snapshot.objects.filter(programme=programme, quarter=str(quarter)).first()
    if snapshot is None and later.exists():
        # A quarter is guarded against what was published before it, which must not change any more.
        raise ValidationError({"quarter": _("A later quarter is frozen already.")})
    if snapshot is None:
        snapshot = Snapshot.objects.create(
            programme=programme, quarter=str(quarter), asked_by=actor, steps=len(MEASURES) + len(LASTING) + 2
        )
        record(actor=actor, act="ask_for_snapshot", obj=snapshot)
    elif snapshot.has_failed:
        snapshot.has_failed, snapshot.done = False, 0
        snapshot.save(update_fields=["has_failed", "done"])
    return snapshot


def note_failure(snapshot: Snapshot) -> None:
    """The making broke off: whoever waits for it is told, and may ask again."""
    Snapshot.objects.filter(pk=snapshot.pk, data_on__isnull=True).update(has_failed=True)


def take_snapshot(*, snapshot: Snapshot, on: dt.date) -> Snapshot:
    """Count the whole catalogue, guard it and keep it; a second call changes nothing."""
    if snapshot.is_ready:
        return snapshot
    told, protect = frames.read(snapshot.programme, snapshot.period), rules()
    _note_step(snapshot, 1)
    before = _published_before(snapshot)
    releases = []
    for number, measure in enumerate((*MEASURES, *LASTING), start=2):
        counted = measure(told)
        releases.append(control(counted, protect, before=[one[counted.code] for one in before if counted.code in one]))
        _note_step(snapshot, number)
    by_code = agree({release.code: release for release in releases}, SAME)
    behind_curves = {release.code for release in releases[len(MEASURES) :]}
    figures: dict[str, object] = {
        "programme": snapshot.programme.name,
        "rules": {
            "threshold": protect.threshold,
            "base": protect.base,
            "small": protect.small,
            "least": protect.least,
            "at_risk": fewest_at_risk(protect),
            "gap_days": GAP_DAYS,
        },
        "measures": {code: release.to_dict() for code, release in by_code.items() if code not in behind_curves},
        "curves": published_curves(told, by_code, protect),
        "waits": published_waits(told, by_code["funnel"], protect),
        "grants": list(Grant.objects.filter(programme=snapshot.programme).values_list("name", "donor")),
    }
    guarded: dict[str, object] = {code: plain(release.guarded) for code, release in by_code.items()}
    guarded["measures"] = {code: by_code[code].to_dict() for code in sorted(behind_curves)}
    return _keep(snapshot, figures, guarded, on)


@transaction.atomic
def record_grant(
    *, actor: User, programme: Organisation, name: str, donor: str, starts_on: dt.date, ends_on: dt.date
) -> Grant:
    """Note a grant and whose support it pays for; its days do not overlap another's, so that nobody counts twice."""
    if not can_manage_grants(actor, programme):
        raise PermissionDenied
    Organisation.objects.select_for_update().get(pk=programme.pk)
    if Grant.objects.filter(programme=programme, starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        raise ValidationError({"starts_on": _("Another grant pays for people who enter in these days.")})
    if name in RESERVED:
        raise ValidationError({"name": _("Reports use this word for something else: choose another name.")})
    grant = Grant(programme=programme, name=name, donor=donor, starts_on=starts_on, ends_on=ends_on)
    grant.full_clean()
    grant.save()
    record(actor=actor, act="record_grant", obj=grant)
    return grant


def hand_over(*, actor: User, snapshot: Snapshot, form: str, grant: str, language: str) -> bytes:
    """The donor report as a file of this form (pdf, xlsx); LookupError for a form, grant or language there is not."""
    if not visible_snapshots(actor).filter(pk=snapshot.pk).exists():
        raise PermissionDenied
    if form not in FORMS or language not in LANGUAGES:
        raise LookupError(form)
    report = donor_report(snapshot, grant, language)
    record(actor=actor, act="hand_over_report", obj=snapshot, form=form, language=language)
    return FORMS[form](report)


@transaction.atomic
def export_research(*, actor: User, quarter: Quarter | None, on: dt.date) -> dict[str, bytes]:
    """Tables of single people for analysts, as files by name, as of a frozen quarter; of the newest if none is named.

    ValidationError where no such quarter is frozen, or fewer people than the threshold may be told of.
    """
    programme = actor.organisation
    if programme is None or not can_export_research(actor):
        raise PermissionDenied
    frozen = visible_snapshots(actor).filter(data_on__isnull=False)
    snapshot = (frozen.filter(quarter=str(quarter)) if quarter else frozen).first()
    if snapshot is None:
        raise ValidationError({"quarter": _("This quarter is not frozen: research tables stand beside its report.")})
    protect = rules()
    try:
        told = tables_of(programme, snapshot.period, on, protect.threshold)
    except TooFew as error:
        few = _("Fewer than %(threshold)d people who entered by then consent to statistics: nothing is exported.")
        raise ValidationError(few % {"threshold": protect.threshold}) from error
    people = len(told.persons)
    missing = (
        Beneficiary.objects.filter(organisation=programme, entered_on__lte=snapshot.period.ends_on).count() - people
    )
    left_out = f"fewer than {protect.threshold}" if 0 < missing < protect.threshold else str(protect.rounded(missing))
    found = files(told, snapshot, on, left_out)
    record(actor=actor, act="export_research", obj=snapshot, people=people, k=told.k, undescribed=told.undescribed)
    return found


@transaction.atomic
def export_evaluation(*, actor: User, on: dt.date) -> EvaluationSet:
    """What the matching of the actor's programme is evaluated on: rows of single people under pseudonyms.

    ValidationError where no outcome is known of anybody who consents to statistics.
    """
    programme = actor.organisation
    if programme is None or not can_export_research(actor):
        raise PermissionDenied
    found = evaluation_set(programme, on)
    if not found.judged:
        raise ValidationError(_("No outcome is known of anybody who consents to statistics."))
    record(actor=actor, act="export_evaluation", obj=programme, people=len(found.profiles), judged=len(found.judged))
    return found


def _published_before(snapshot: Snapshot) -> list[dict[str, Release]]:
    """The releases of the quarters before by measure, oldest first."""
    earlier = Snapshot.objects.filter(
        programme=snapshot.programme, quarter__lt=snapshot.quarter, data_on__isnull=False
    ).order_by("-quarter")[:LOOK_BACK]
    return [
        {
            code: Release.from_dict(told, one.guarded.get(code, ()))
            for code, told in (one.figures["measures"] | one.guarded.get("measures", {})).items()
        }
        for one in reversed(earlier)
    ]


def _note_step(snapshot: Snapshot, done: int) -> None:
    Snapshot.objects.filter(pk=snapshot.pk).update(done=done)


@transaction.atomic
def _keep(snapshot: Snapshot, figures: dict[str, object], guarded: dict[str, object], on: dt.date) -> Snapshot:
    """Write the figures down, once: whoever comes second finds the first's."""
    won = Snapshot.objects.filter(pk=snapshot.pk, data_on__isnull=True).update(
        figures=figures,
        guarded=guarded,
        data_on=on,
        software=settings.VERSION,
        definitions=DEFINITIONS,
        done=snapshot.steps,
    )
    snapshot.refresh_from_db()
    if won:
        record(actor=None, act="take_snapshot", obj=snapshot)
    return snapshot
