"""The people: profile, identity, consents, wishes, limits and plan."""

import datetime as dt
from decimal import Decimal

from backend.beneficiaries.models import (
    Beneficiary,
    Experience,
    Goal,
    HeldSkill,
    Identity,
    LanguageSkill,
    SafetyRule,
    Wishes,
)
from backend.skills.models import Skill

from .consents import standing_consents
from .draws import Draws, days
from .firms import Firm
from .openings import wage
from .person import Person
from .reference import Reference
from .rows import Rows
from .staff import Staff

LOST_SHARE = 0.12
"""How many are lost to follow-up in the end."""
PAUSED_SHARE = 0.07


def make_people(
    draws: Draws,
    reference: Reference,
    rows: Rows,
    staff: Staff,
    firms: list[Firm],
    *,
    count: int,
    prefix: str,
    since: dt.date,
    on: dt.date,
) -> list[Person]:
    """So many people, in the order in which they entered, dealt to the counsellors in turn."""
    entered = sorted(draws.day(since + days(45), on - days(10)) for _ in range(count))
    people: list[Person] = []
    largest_town = max(reference.towns, key=lambda town: reference.towns[town])
    for number, entered_on in enumerate(entered):
        # The first counsellor, whose sign-in is documented, looks after the largest town.
        in_town = number % len(staff.counsellors) == 0 and draws.chance(0.85)
        row = Beneficiary(
            id=draws.uuid(),
            organisation=staff.organisation,
            counsellor=staff.counsellors[number % len(staff.counsellors)],
            code=f"{prefix}-{number + 1:04d}",
            status="paused" if entered_on < on - days(200) and draws.chance(PAUSED_SHARE) else "active",
            entered_on=entered_on,
            municipality=largest_town if in_town else draws.weighted(reference.towns) if draws.chance(0.95) else None,
            permit=draws.weighted({"citizen": 0.86, "permit": 0.07, "none": 0.03, "unknown": 0.04}),
            licences=[code for code, share in LICENCES.items() if draws.chance(share)],
            created_at=draws.instant(entered_on),
        )
        rows.add(row)
        knows = [reference.pick_trade(draws) for _known in range(draws.randint(1, 2))]
        wants = [trade for trade in knows if draws.chance(0.75)]
        wants += [reference.pick_trade(draws) for _wanted in range(3 - len(wants))]
        wants = list(dict.fromkeys(wants))
        person = Person(row, _wishes(draws, reference, row), list(dict.fromkeys(knows)), wants, _languages(draws))
        person.looks_from = min(on, entered_on + days(draws.randint(15, 70)))
        if draws.chance(LOST_SHARE) and entered_on < on - days(90):
            person.lost_on = draws.day(entered_on + days(40), on - days(5))
        people.append(person)
        rows.add(person.wishes)
        through = Wishes.occupations.through
        rows.extend(through(wishes_id=person.wishes.pk, occupation_id=trade.occupation.pk) for trade in wants)
        _hold_skills(draws, person)
        rows.extend(_language_rows(draws, person))
        rows.extend(_experiences(draws, person))
        rows.extend(_safety_rules(draws, reference, person, firms, on))
        rows.extend(_goals(draws, reference, person, on))
        rows.add(_identity(draws, reference, row, number))
        rows.extend(standing_consents(draws, person, on))
    return people


LICENCES = {"driving_b": 0.22, "forklift": 0.03, "sanitary": 0.3, "haccp": 0.05}


def _identity(draws: Draws, reference: Reference, row: Beneficiary, number: int) -> Identity:
    """A name that says it is invented, and a phone number in a block of zeroes."""
    words = reference.words
    return Identity(
        id=draws.uuid(),
        beneficiary=row,
        first_name=draws.choice(words["first_names"]),
        last_name=draws.choice(words["surnames"]),
        birth_date=dt.date(draws.randint(1972, 2005), draws.randint(1, 12), draws.randint(1, 28))
        if draws.chance(0.9)
        else None,
        phone=f"+38160{number:07d}" if draws.chance(0.9) else "",
        email=f"{row.code.lower()}@osoba.example" if draws.chance(0.4) else "",
        safe_channel=draws.weighted({"call": 5, "text": 3, "app": 4, "email": 1, "visit": 1, "": 1}),
        safe_hours=draws.choice(words["safe_hours"]),
        code_word=draws.choice(words["code_words"]) if draws.chance(0.6) else "",
        created_at=row.created_at,
    )


def _wishes(draws: Draws, reference: Reference, row: Beneficiary) -> Wishes:
    part_time = draws.chance(0.15)
    hours: tuple[int | None, int | None] = (15, 30) if part_time else draws.choice(((None, None), (30, 40), (20, 44)))
    return Wishes(
        id=draws.uuid(),
        beneficiary=row,
        own_words=draws.choice(reference.words["own_words"]) if draws.chance(0.5) else "",
        min_hours=hours[0],
        max_hours=hours[1],
        shifts=draws.choice((None, None, ["morning"], ["morning", "afternoon"], ["morning", "afternoon", "weekend"])),
        max_travel_km=draws.choice((None, 15, 25, 40, 60)),
        min_pay_per_hour=wage(row.entered_on) if draws.chance(0.35) else None,
        created_at=row.created_at,
    )


def _languages(draws: Draws) -> dict[str, str]:
    languages = {"sr": draws.weighted({"C2": 8, "C1": 1, "B2": 1, "B1": 1, "A2": 0.5})}
    for language, share in {"rom": 0.2, "sq": 0.1, "en": 0.35, "hu": 0.05, "de": 0.08}.items():
        if draws.chance(share):
            languages[language] = draws.choice(("A2", "B1", "B2"))
    return languages


def _language_rows(draws: Draws, person: Person) -> list[LanguageSkill]:
    return [
        LanguageSkill(
            id=draws.uuid(),
            beneficiary=person.row,
            language=language,
            spoken=level,
            written=level if draws.chance(0.6) else "",
            created_at=person.row.created_at,
        )
        for language, level in person.languages.items()
    ]


def hold(draws: Draws, person: Person, skill: Skill, level: int, evidence: str, on: dt.date) -> None:
    """Note a skill; stronger evidence and a higher level replace what was noted before."""
    held = person.skills.get(skill.pk)
    if held is None:
        person.skills[skill.pk] = HeldSkill(
            id=draws.uuid(),
            beneficiary=person.row,
            skill=skill,
            level=level,
            evidence=evidence,
            noted_on=on,
            created_at=draws.instant(on),
        )
    elif evidence != HeldSkill.Evidence.SELF:
        held.level, held.evidence, held.noted_on = max(held.level, level), evidence, on


def _hold_skills(draws: Draws, person: Person) -> None:
    on = person.row.entered_on
    for trade in person.knows:
        for skill in draws.some(trade.essential, 3, 6) + draws.some(trade.optional, 0, 4):
            evidence = draws.weighted({"self": 7, "employer": 1.5, "certificate": 1})
            hold(draws, person, skill, draws.weighted({1: 1.5, 2: 5, 3: 3, 4: 0.5}), evidence, on)


def _experiences(draws: Draws, person: Person) -> list[Experience]:
    return [
        Experience(
            id=draws.uuid(),
            beneficiary=person.row,
            title=draws.choice(trade.titles_sr),
            occupation=trade.occupation if draws.chance(0.8) else None,
            years=Decimal(draws.choice(("0.5", "1", "1.5", "2", "3", "5", "8"))),
            created_at=person.row.created_at,
        )
        for trade in person.knows
        if draws.chance(0.75)
    ]


def _safety_rules(
    draws: Draws, reference: Reference, person: Person, firms: list[Firm], on: dt.date
) -> list[SafetyRule]:
    """A few people have gates; most of these still hold."""
    for kind, share in {"place": 0.12, "condition": 0.2, "employer": 0.06, "sector": 0.05}.items():
        if not draws.chance(share):
            continue
        rule = SafetyRule(
            id=draws.uuid(),
            beneficiary=person.row,
            kind=kind,
            set_on=person.row.entered_on,
            created_at=person.row.created_at,
        )
        if kind == "place":
            elsewhere = {town: weight for town, weight in reference.towns.items() if town != person.row.municipality}
            rule.municipality, rule.radius_km = draws.weighted(elsewhere), draws.choice((0, 10, 25))
        elif kind == "condition":
            rule.condition = draws.weighted({"live_in": 3, "night": 3, "isolated": 2, "cash": 1})
        elif kind == "employer":
            rule.employer = draws.choice(firms).row
        else:
            rule.sector = draws.choice("ISA")
        if draws.chance(0.12) and rule.set_on < on - days(100):
            rule.lifted_on = draws.day(rule.set_on + days(60), on)
            rule.lifted_because = draws.choice(reference.words["lift_reasons"])
        person.rules.append(rule)
    return person.rules


def _goals(draws: Draws, reference: Reference, person: Person, on: dt.date) -> list[Goal]:
    goals: list[Goal] = []
    for domain in [
        "employment",
        *draws.some([d for d in reference.words["goals"] if d != "employment"], 1, 3),
    ]:
        set_on = draws.day(person.row.entered_on, min(on, person.row.entered_on + days(45)))
        achieved_on = set_on + days(draws.randint(20, 300)) if draws.chance(0.6) else None
        goals.append(
            Goal(
                id=draws.uuid(),
                beneficiary=person.row,
                domain=domain,
                text=draws.choice(reference.words["goals"][domain]),
                owner=draws.choice(reference.words["goal_owners"]),
                set_on=set_on,
                due_on=set_on + days(draws.choice((60, 90, 180))) if draws.chance(0.8) else None,
                achieved_on=achieved_on if achieved_on and achieved_on <= on else None,
                created_at=draws.instant(set_on),
            )
        )
    return goals
