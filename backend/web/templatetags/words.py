"""The codes of `matching` and of the files as sentences a counsellor can say aloud; translated nowhere else."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backend.beneficiaries.models import Identity
from backend.employers.models import Opening
from backend.skills.codes import CEFR, Condition, Language, Licence, Sector, Shift

register = template.Library()
Labels = Mapping[str, str]
Detail = Mapping[str, Any]

REASONS: dict[str, str | Promise] = {
    "essential_skills": gettext_lazy("Skills needed"),
    "optional_skills": gettext_lazy("Skills welcome"),
    "occupation": gettext_lazy("Work she did"),
    "wish": gettext_lazy("Work she wants"),
    "distance": gettext_lazy("Distance"),
    "text": gettext_lazy("In her words"),
    "experience": gettext_lazy("Experience with such openings"),
}

RULES: dict[str, str | Promise] = {
    "not_vetted": gettext_lazy("Not vetted"),
    "excluded_place": gettext_lazy("In a place she keeps away from"),
    "place_unknown": gettext_lazy("We do not know where it is, and there are places she keeps away from"),
    "excluded_employer": gettext_lazy("An employer she keeps away from"),
    "employer_unknown": gettext_lazy("We do not know the employer, and there are employers she keeps away from"),
    "end_client_unknown": gettext_lazy(
        "We do not know for whom she would work, and there are employers she keeps away from"
    ),
    "excluded_sector": gettext_lazy("In a sector she keeps away from"),
    "sector_unknown": gettext_lazy("We do not know the sector, and there are sectors she keeps away from"),
    "excluded_condition": gettext_lazy("Conditions of work she has ruled out"),
    "condition_unknown": gettext_lazy("The opening is silent on conditions she has ruled out"),
    "below_minimum_wage": gettext_lazy("Pays less than the legal minimum"),
    "pay_floor": gettext_lazy("Pays less than she needs"),
    "travel": gettext_lazy("Farther than she can travel"),
    "hours": gettext_lazy("Hours she cannot work"),
    "shifts": gettext_lazy("Shifts she cannot work"),
    "language": gettext_lazy("Asks for a language she does not speak well enough"),
    "licence": gettext_lazy("Asks for a licence she does not have"),
    "permit": gettext_lazy("Asks for a work permit she does not have"),
}

MISSING: dict[str, str | Promise] = {
    "opening.place": gettext_lazy("The opening does not say where"),
    "opening.hours_per_week": gettext_lazy("The opening does not say the hours"),
    "opening.shifts": gettext_lazy("The opening does not say the shifts"),
    "opening.pay_per_hour": gettext_lazy("The opening does not say the pay"),
    "opening.languages": gettext_lazy("The opening does not say the languages"),
    "opening.licences": gettext_lazy("The opening does not say the licences"),
    "opening.permit_required": gettext_lazy("The opening does not say whether a work permit is needed"),
    "opening.skills": gettext_lazy("The opening names no skills"),
    "opening.occupation": gettext_lazy("We do not know what occupation it is"),
    "opening.text": gettext_lazy("The opening does not describe the tasks"),
    "profile.place": gettext_lazy("Her file does not say where she lives"),
    "profile.languages": gettext_lazy("Her file does not say her languages"),
    "profile.licences": gettext_lazy("Her file does not say her licences"),
    "profile.permit": gettext_lazy("Her file does not say whether she may work"),
    "profile.skills": gettext_lazy("Her file names no skills"),
    "profile.occupation": gettext_lazy("Her file does not say what work she did"),
    "profile.occupations": gettext_lazy("Her file does not say what work she wants"),
    "profile.text": gettext_lazy("Her file has nothing in her own words"),
}

FILE: dict[str, tuple[str | Promise, str]] = {
    "skills": (gettext_lazy("skills"), "web:person_profile"),
    "municipality": (gettext_lazy("where she lives"), "web:person_edit"),
    "occupations": (gettext_lazy("work she wants"), "web:person_profile"),
    "experience": (gettext_lazy("work she did"), "web:person_profile"),
    "languages": (gettext_lazy("languages"), "web:person_profile"),
    "hours": (gettext_lazy("hours she can work"), "web:person_profile"),
    "shifts": (gettext_lazy("shifts she can work"), "web:person_profile"),
    "max_travel_km": (gettext_lazy("how far she can travel"), "web:person_profile"),
    "min_pay_per_hour": (gettext_lazy("the pay she needs"), "web:person_profile"),
    "permit": (gettext_lazy("right to work"), "web:person_edit"),
}
"""What a file may lack: its name, and the page where it is written down."""

DISCLOSED: dict[str, str | Promise] = {
    "first_name": gettext_lazy("first name"),
    "last_name": gettext_lazy("last name"),
    "phone": gettext_lazy("phone"),
    "email": gettext_lazy("e-mail"),
    "skills": gettext_lazy("skills"),
    "languages": gettext_lazy("languages"),
    "licences": gettext_lazy("licences"),
    "experience": gettext_lazy("experience"),
    "hours": gettext_lazy("hours"),
    "shifts": gettext_lazy("shifts"),
}
"""What a consent may allow to be shared."""

CODES: dict[str, Mapping[str, str | Promise]] = {
    "reason": REASONS,
    "rule": RULES,
    "missing": MISSING,
    "disclosed": DISCLOSED,
    "file": {code: name for code, (name, _page) in FILE.items()},
    "shift": {code.value: code.label for code in Shift},
    "licence": {code.value: code.label for code in Licence},
    "language": {code.value: code.label for code in Language},
    "channel": {code.value: code.label for code in Identity.Channel},
}


@register.filter
def word(code: str, kind: str) -> str:
    """The words for a code of one of CODES; a code nobody has words for yet stands for itself."""
    return str(CODES[kind].get(code, code))


@register.filter
def words(codes: list[str] | None, kind: str) -> str:
    """Several codes, separated by commas."""
    return ", ".join(word(code, kind) for code in codes or ())


@register.filter
def file_page(code: str) -> str:
    """The URL name of the page where a missing part of her file is written down."""
    return FILE[code][1] if code in FILE else "web:person"


@register.filter
def pay(opening: Opening) -> str:
    """The pay as one says it: "52.000-60.000 RSD a month"."""
    ends = [number(end) for end in (opening.pay_from, opening.pay_to) if end is not None]
    if not ends:
        return _("pay is not said")
    per = _("a month") if opening.pay_period == "month" else _("an hour")
    return f"{'–'.join(dict.fromkeys(ends))} {opening.currency} {per}"


def number(value: Decimal | float) -> str:
    """A number in the reader's way of writing, without needless decimals."""
    digits = 0 if value == int(value) else 1
    return number_format(value, decimal_pos=digits, force_grouping=True)


def reason_sentence(code: str, detail: Detail, labels: Labels) -> str:
    """Why an opening has points under this heading."""
    match code:
        case "essential_skills" | "optional_skills":
            met, asked = detail.get("met", 0), detail.get("asked", 0)
            count = _("%(met)s of %(asked)s") % {"met": met, "asked": asked}
            named = [_named(line, labels) for line in detail.get("skills", ())]
            sentence = f"{count}: {', '.join(named)}" if named else count
            if detail.get("implied"):
                return _("The opening names no skills. Of those usual in such work: %(skills)s") % {"skills": sentence}
            return sentence
        case "occupation" | "wish":
            hers, asked = labels.get(detail.get("hers", "")), labels.get(detail.get("asked", ""))
            if detail.get("nearness") == 1 or not hers or not asked:
                return asked or hers or ""
            return _("“%(asked)s” is near to “%(hers)s”") % {"asked": asked, "hers": hers}
        case "text":
            return ", ".join(detail.get("words", ()))
        case "distance" if "km" in detail:
            return _("%(km)s km from where she lives") % {"km": number(detail["km"])}
        case "experience" if "without" in detail:
            points = round(100 * detail["without"])
            return ngettext(
                "Without what became of earlier introductions it would have %(points)s point",
                "Without what became of earlier introductions it would have %(points)s points",
                points,
            ) % {"points": points}
    return ""


def gap_sentence(gap: Detail, labels: Labels) -> str:
    """What stands between her and a requirement."""
    skill = _named(gap, labels)
    held, needed = gap.get("held_level"), gap.get("needed_level")
    if gap["code"] == "level":
        return _("%(skill)s: has level %(held)s, asked for %(needed)s") % {
            "skill": skill,
            "held": held,
            "needed": needed,
        }
    if gap["code"] == "related":
        return _("%(skill)s: has something near it") % {"skill": skill}
    return skill


def rule_sentence(code: str, detail: Detail, places: Labels) -> str:
    """The facts behind a rule that keeps an opening from her; "" where the rule says it all."""
    match code:
        case "excluded_place":
            return places.get(detail.get("place", ""), "")
        case "excluded_employer" | "end_client_unknown":
            return ""
        case "excluded_sector":
            return _choice(Sector, detail.get("sector"))
        case "excluded_condition" | "condition_unknown":
            return ", ".join(_choice(Condition, value) for value in detail.get("conditions", ()))
        case "below_minimum_wage":
            return _("%(pay)s an hour; the minimum is %(limit)s") % _pair(detail, "pay_per_hour", "legal_minimum")
        case "pay_floor":
            return _("%(pay)s an hour; she needs %(limit)s") % _pair(detail, "pay_per_hour", "pay_floor")
        case "travel":
            return _("%(km)s km; she can travel %(limit)s km") % {
                "km": number(detail["km"]),
                "limit": number(detail["max_travel_km"]),
            }
        case "hours":
            return ngettext("%(hours)s hour a week", "%(hours)s hours a week", int(detail["hours"])) % {
                "hours": number(detail["hours"])
            }
        case "shifts":
            return ", ".join(_choice(Shift, value) for value in detail.get("shifts", ()))
        case "language":
            asked = detail.get("languages", {})
            return ", ".join(f"{_choice(Language, name)} {CEFR(level).label}" for name, level in asked.items())
        case "licence":
            return ", ".join(_choice(Licence, value) for value in detail.get("licences", ()))
    return ""


def _pair(detail: Detail, value: str, limit: str) -> dict[str, str]:
    return {"pay": number(detail[value]), "limit": number(detail[limit])}


def _named(line: Detail, labels: Labels) -> str:
    """The skill's label in the reader's language, else the words that were used."""
    return labels.get(line.get("skill") or "", "") or str(line.get("phrase") or "")


def _choice(choices: Any, value: str | None) -> str:
    """The label of a code, in whichever case it comes."""
    for code in choices:
        if code.value.lower() == str(value or "").lower():
            return str(code.label)
    return str(value or "")
