"""The words for the codes of the catalogue, for pages and files alike."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.outcomes.models import INDEPENDENCE_DOMAINS, Assessment, EmploymentSpell, WarningFlag
from backend.outcomes.spells import GAP_DAYS
from backend.skills.codes import Sector

from .disclosure.tables import EVERYBODY, OTHER

Words = dict[str, str | Promise]

MEASURES: Words = {
    "funnel": gettext_lazy("How far people came"),
    "caseload": gettext_lazy("Caseload"),
    "completeness": gettext_lazy("How complete files are"),
    "retention_90": gettext_lazy("In work after 90 days"),
    "retention_180": gettext_lazy("In work after 180 days"),
    "retention_365": gettext_lazy("In work after 365 days"),
    "end_reasons": gettext_lazy("Why first work ended"),
    "training_value": gettext_lazy("From a training to lasting work"),
    "after_exit": gettext_lazy("As funders count: after leaving a training"),
    "independence_12": gettext_lazy("Independence after 12 months, against intake"),
    "independence_24": gettext_lazy("Independence after 24 months, against intake"),
    "sustained_12": gettext_lazy("Sustained independence at 12 months"),
    "sustained_24": gettext_lazy("Sustained independence at 24 months"),
    "contacts": gettext_lazy("Follow-ups of the quarter"),
    "flags": gettext_lazy("Warning signs of the quarter"),
    "answers": gettext_lazy("Employers' answers to introductions"),
}

DIMENSIONS: Words = {
    EVERYBODY: gettext_lazy("everybody"),
    "stage": gettext_lazy("stage"),
    "counsellor": gettext_lazy("counsellor"),
    "field": gettext_lazy("part of the file"),
    "cohort": gettext_lazy("year of placement"),
    "training": gettext_lazy("last training before"),
    "sector": gettext_lazy("sector"),
    "municipality": gettext_lazy("where she lives"),
    "employer": gettext_lazy("employer"),
    "subsidy": gettext_lazy("subsidy"),
    "grant": gettext_lazy("grant"),
    "reason": gettext_lazy("reason"),
    "course": gettext_lazy("training"),
    "indicator": gettext_lazy("indicator"),
    "day": gettext_lazy("day of work"),
    "severity": gettext_lazy("severity"),
}

COLUMNS: Words = {
    "entered": gettext_lazy("Entered"),
    "reached": gettext_lazy("Came so far"),
    "everybody": gettext_lazy("All"),
    "active": gettext_lazy("Active"),
    "said": gettext_lazy("Said"),
    "due": gettext_lazy("Due"),
    "known": gettext_lazy("Known"),
    "retained": gettext_lazy("Retained"),
    "same_employer": gettext_lazy("Same employer"),
    "ended": gettext_lazy("Ended"),
    "completed": gettext_lazy("Completed"),
    "placed": gettext_lazy("Placed after"),
    "employed": gettext_lazy("Employed"),
    "gained": gettext_lazy("Better by 12.5 points"),
    "substantial_gain": gettext_lazy("Better by 25 points"),
    "lost": gettext_lazy("Worse by 12.5 points"),
    "sustained": gettext_lazy("Sustained"),
    "made": gettext_lazy("Made"),
    "on_time": gettext_lazy("In time"),
    "missed": gettext_lazy("Not spoken with"),
    "open": gettext_lazy("Still open"),
    "raised": gettext_lazy("Raised"),
    "dealt_with": gettext_lazy("Dealt with"),
    "shared": gettext_lazy("Shared"),
    "settled": gettext_lazy("Settled"),
    "answered": gettext_lazy("Answered"),
}
ROWS: dict[str, Words] = {
    "stage": {
        "matched": gettext_lazy("matched"),
        "introduced": gettext_lazy("introduced"),
        "placed": gettext_lazy("placed in work"),
        "retained_at_90_days": gettext_lazy("in work after 90 days"),
        "retained_at_180_days": gettext_lazy("in work after 180 days"),
        "retained_at_365_days": gettext_lazy("in work after 365 days"),
    },
    "field": {
        "skills": gettext_lazy("skills"),
        "municipality": gettext_lazy("place"),
        "occupations": gettext_lazy("wished work"),
        "experience": gettext_lazy("work done before"),
        "languages": gettext_lazy("languages"),
        "hours": gettext_lazy("hours"),
        "shifts": gettext_lazy("shifts"),
        "max_travel_km": gettext_lazy("distance"),
        "min_pay_per_hour": gettext_lazy("pay"),
        "permit": gettext_lazy("right to work"),
    },
    "sector": {code.value: code.label for code in Sector},
    "subsidy": {"subsidised": gettext_lazy("subsidised"), "unsubsidised": gettext_lazy("not subsidised")},
    "reason": {code.value: code.label for code in EmploymentSpell.EndReason},
    "severity": {code.value: code.label for code in WarningFlag.Severity},
    "indicator": {
        "wioa_second_quarter": gettext_lazy("WIOA: unsubsidised work in the second quarter after"),
        "wioa_fourth_quarter": gettext_lazy("WIOA: unsubsidised work in the fourth quarter after"),
        "wioa_same_employer": gettext_lazy("WIOA: same employer in both quarters"),
        "esf_on_leaving": gettext_lazy("ESF+: in work within four weeks"),
        "esf_after_six_months": gettext_lazy("ESF+: in work six months after"),
    },
}
ANY_ROW: Words = {
    EVERYBODY: gettext_lazy("everybody"),
    OTHER: gettext_lazy("others, too few to stand alone"),
    "unknown": gettext_lazy("not known"),
    "none": gettext_lazy("none"),
}

CURVES = gettext_lazy("How long work lasts")
STAGES: Words = {
    "entered_to_introduced": gettext_lazy("from entering to the first introduction"),
    "introduced_to_placed": gettext_lazy("from the first introduction to work"),
    "entered_to_placed": gettext_lazy("from entering to the first work"),
}
DOMAINS: Words = {
    name: Assessment._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    for name in INDEPENDENCE_DOMAINS
}

_NOT_VALIDATED = gettext_lazy(
    "Not psychometrically validated: read the profile and its lowest scores, not only the index."
)
_INTAKE = gettext_lazy(
    "Intake: the first assessment, if it was within 45 days of entering; otherwise the change is unknown."
)
_SUSTAINED = gettext_lazy(
    "Sustained: on two assessments at least 90 days apart housing and safety at 3 or more, no area at 1, basic needs "
    "met "
    "without emergency aid, and she agrees; on the day of the later one employed 270 of the last 365 days, paid at "
    "least the minimum of that day, no open red sign. Work is counted as it was known 45 days after the mark."
)
NOTES: dict[str, tuple[str | Promise, ...]] = {
    "funnel": (
        gettext_lazy(
            "Counts, no shares: some entered or were placed too short a time ago, and of some nothing is known. What "
            "share stayed in work stands under retention."
        ),
    ),
    "training_value": (
        gettext_lazy(
            "Who takes a training is not drawn by lot: those near to work may choose it, or be sent. The shares show "
            "what "
            "followed, not what the training caused. Placed after: work that began on the day of completion or later."
        ),
    ),
    "after_exit": (
        gettext_lazy(
            "Like the indicators of WIOA and ESF+, not the same: work is verified by contacts, not by wage records, "
            "and "
            "counts from leaving a training, because the programme closes nobody."
        ),
    ),
    "independence_12": (_NOT_VALIDATED, _INTAKE),
    "independence_24": (_NOT_VALIDATED, _INTAKE),
    "sustained_12": (_NOT_VALIDATED, _SUSTAINED),
    "sustained_24": (_NOT_VALIDATED, _SUSTAINED),
    "contacts": (
        gettext_lazy("In time: reached within seven days of the planned day."),
        gettext_lazy("Not spoken with: out of reach, refused, or not safe to contact."),
    ),
}
DRAWN_NOTE = gettext_lazy("Drawn towards the mean: the fewer people there are, the more the mean of all counts.")


def dimension_label(code: str, dimension: str) -> str:
    """The words for what divides a measure: independence is counted by the year of entry, work by that of placement."""
    if dimension == "cohort" and code.startswith(("independence", "sustained")):
        return _("year of entry")
    return str(DIMENSIONS[dimension])


def column_label(code: str, column: str) -> str:
    """The words for a column, which in some measures has a name of its own."""
    return str(COLUMNS.get(f"{code}.{column}") or COLUMNS.get(column, column))


def row_label(dimension: str, row: str) -> str:
    """The words for a row; names of places, people and courses stand for themselves."""
    if dimension == "day" and row.isdigit():
        return _("day %(day)s") % {"day": row}
    return str(ROWS.get(dimension, {}).get(row) or ANY_ROW.get(row) or row)


def definitions(rules: Mapping[str, int]) -> list[str]:
    """What every report prints: how it is counted, and how people are protected, by the rules it was made with."""
    return [
        _(
            "Employed: at least one paid hour in the week, or away on leave, sick or maternity leave (Labour Force "
            "Survey)."
        ),
        _(
            "Counted is each person's first placement since she entered: a written contract, pay not known to be "
            "below the "
            "legal minimum, from the first day worked."
        ),
        _(
            "Work that follows within %(gap)s days, at the same employer or another, is the same stretch (Labour "
            "Law, art. 37). Where nobody saw her at work between two jobs and no end is known, what came between is "
            "not known. An end for a better job is no end of work: what follows is not known until somebody has seen "
            "her."
        )
        % {"gap": rules.get("gap_days", GAP_DAYS)},
        _(
            "Retained at day M: in work on that day without such a break before it. The answer is what was known by "
            "day M + 30: known is whoever was seen at work on a day from M - 14 to M + 30, or whose work was known "
            "by then to have ended. What was found out later changes nothing. Nobody is assumed to work."
        ),
        _(
            "The curve is Kaplan and Meier's, with log-log intervals; who is out of sight counts until the last day "
            "she was known to work. The dashed line counts as ended everybody of whom nobody knew when a planned "
            "contact was due, because disappearing may mean harm. The dotted line is the curve with the first "
            "employer. Curves are read at fixed days; their intervals and medians come from the numbers shown."
        ),
        _(
            "Study, incapacity and death compete with other ends of work: the share of each kind of end is Aalen and "
            "Johansen's."
        ),
        _("Rates have Wilson's 95% interval; bounds count every unknown as lost, and as retained."),
        _(
            "Independence: eight areas scored with her from 1 (most vulnerable) to 4; index = 100 x (mean - 1) / 3. "
            "Not psychometrically validated."
        ),
        _(
            "Counts below %(threshold)s are hidden (shown as *), others rounded to %(base)s, small groups "
            "merged, and "
            "more is hidden where a small count could be worked out. Rates and intervals come from the rounded "
            "numbers."
        )
        % {"threshold": rules["threshold"], "base": rules["base"]},
    ]
