"""What matching is told of people and openings, and that the index follows the database."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from backend.audit.services import record
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.services import add_safety_rule, note_experience, note_language, note_skill, save_wishes
from backend.employers.models import Employer, Opening
from backend.employers.services import pause_opening, resume_opening
from backend.matches import adapter
from backend.matches.queries import hidden_openings
from matching.types import Gap, GapCode, Ranked
from tests.conftest import Cast
from tests.factories import (
    BeneficiaryFactory,
    EmployerFactory,
    MunicipalityFactory,
    OccupationFactory,
    OpeningFactory,
    SkillFactory,
)


def _codes(beneficiary: Beneficiary, opening: Opening, on: dt.date) -> set[str]:
    return {str(exclusion.code) for exclusion in adapter.exclusions_of(beneficiary, opening, on)}


def test_a_profile_holds_work_and_nothing_else(cast: Cast, today: dt.date) -> None:
    her = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    skill, none = SkillFactory(), SkillFactory()
    seamstress, cook = OccupationFactory(), OccupationFactory()
    note_skill(**her, skill=skill, level=3, evidence="self", on=today, phrase="šijem")
    note_skill(**her, skill=none, level=0, evidence="self", on=today)
    note_language(**her, language="sr", spoken="C2")
    note_experience(**her, title="krojačica", years=Decimal(4), occupation=seamstress)
    note_experience(**her, title="kuvarica", years=Decimal(1), occupation=cook)
    save_wishes(**her, occupations=[cook], own_words="blizu kuće", max_travel_km=12, min_pay_per_hour=Decimal(400))
    profile = adapter.profile_of(cast.beneficiary, today)
    assert [(held.skill, held.phrase, held.level) for held in profile.skills] == [(skill.uri, "šijem", 3)]
    assert (profile.title, profile.occupation, profile.occupations) == ("krojačica", seamstress.uri, (cook.uri,))
    assert profile.languages == {"sr": "C2"}
    assert profile.place is not None
    assert profile.place.code == cast.beneficiary.municipality.code
    assert (profile.permit, profile.licences) == (True, frozenset())
    assert (profile.rules.max_travel_km, profile.rules.pay_floor, profile.rules.require_vetted) == (12, 400.0, True)
    assert profile.rules.legal_minimum == 371.0  # net RSD per hour from 1 January 2026


@pytest.mark.parametrize(
    ("permit", "may_work"), [("citizen", True), ("permit", True), ("none", False), ("unknown", None)]
)
def test_permits(permit: str, may_work: bool | None, today: dt.date, db: None) -> None:
    assert adapter.profile_of(BeneficiaryFactory(permit=permit), today).permit is may_work


@pytest.mark.parametrize(
    ("told", "per_hour"),
    [
        ({"pay_from": 87_000}, 500.0),  # full time where nothing is said: 174 hours
        ({"pay_from": 87_000, "hours_per_week": 20}, 1000.0),
        ({"pay_to": 43_500, "hours_per_week": 20}, 500.0),
        ({"pay_from": 450, "pay_period": "hour", "hours_per_week": 20}, 450.0),
        ({"pay_from": 900, "currency": "EUR"}, None),
        ({}, None),
    ],
)
def test_pay_per_hour(told: dict[str, Any], per_hour: float | None, today: dt.date, db: None) -> None:
    opening = Opening.objects.get(pk=OpeningFactory(published=True, **told).pk)
    assert adapter.opening_of(opening, today).pay_per_hour == per_hour


def test_an_agency_is_not_whom_she_would_work_for(today: dt.date, db: None) -> None:
    agency = EmployerFactory(is_agency=True, sector="N", cleared=True)
    client = EmployerFactory(programme=agency.programme, sector="I")
    for end_client, sector in ((None, None), (client, "I")):
        told = adapter.opening_of(OpeningFactory(employer=agency, end_client=end_client), today)
        assert (told.agency, told.sector) == (True, sector)


def test_an_excluded_employer_is_excluded_with_its_group(cast: Cast, today: dt.date) -> None:
    def firm(**fields: Any) -> Employer:
        return EmployerFactory(programme=cast.programme, cleared=True, **fields)

    holding = firm()
    barred, sister, stranger = firm(parent=holding), firm(parent=holding), firm()
    agency = firm(is_agency=True)
    add_safety_rule(actor=cast.counsellor, beneficiary=cast.beneficiary, kind="employer", employer=barred, on=today)
    cases = {
        "the employer": (OpeningFactory(employer=barred, published=True), {"excluded_employer"}),
        "its owner": (OpeningFactory(employer=holding, published=True), {"excluded_employer"}),
        "its sister": (OpeningFactory(employer=sister, published=True), {"excluded_employer"}),
        "for its sister": (
            OpeningFactory(employer=agency, end_client=sister, published=True),
            {"excluded_employer"},
        ),
        "for nobody knows whom": (OpeningFactory(employer=agency, published=True), {"end_client_unknown"}),
        "for another": (OpeningFactory(employer=agency, end_client=stranger, published=True), set()),
        "another": (OpeningFactory(employer=stranger, published=True), set()),
    }
    found = {name: _codes(cast.beneficiary, opening, today) for name, (opening, _) in cases.items()}
    assert found == {name: codes for name, (_, codes) in cases.items()}


def test_owners_in_a_circle_are_one_group(cast: Cast) -> None:
    first = EmployerFactory(programme=cast.programme)
    second = EmployerFactory(programme=cast.programme, parent=first)
    third = EmployerFactory(programme=cast.programme, parent=second)
    Employer.objects.filter(pk=first.pk).update(parent=second)
    group = adapter.group_of(third)
    assert group == adapter.group_of(first) == {first.pk, second.pk, third.pk}
    assert cast.employer.pk not in group


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        ({"night": True}, {"excluded_condition"}),
        ({"night": None}, {"condition_unknown"}),
        ({"night": False}, set()),
        ({"night": None, "shifts": ["morning"]}, set()),
        ({"night": False, "shifts": ["night"]}, {"excluded_condition"}),
        ({"night": False, "cash": None, "isolated": None}, set()),  # silence on other conditions is no matter
    ],
)
def test_silence_about_an_excluded_condition_excludes(
    told: dict[str, Any], codes: set[str], cast: Cast, today: dt.date
) -> None:
    add_safety_rule(actor=cast.counsellor, beneficiary=cast.beneficiary, kind="condition", condition="night", on=today)
    opening = OpeningFactory(employer=cast.employer, published=True, **told)
    assert _codes(cast.beneficiary, opening, today) == codes


def test_a_zone_excludes_within_its_radius(cast: Cast, today: dt.date) -> None:
    belgrade = MunicipalityFactory(code="RS-00-beograd", name="Beograd", latitude=44.8176, longitude=20.4569)
    add_safety_rule(
        actor=cast.counsellor,
        beneficiary=cast.beneficiary,
        kind="place",
        municipality=belgrade,
        radius_km=60,
        on=today,
    )
    far = OpeningFactory(employer=cast.employer, published=True)  # Novi Sad, about 70 km away
    near = OpeningFactory(employer=cast.employer, published=True, municipality=belgrade)
    nowhere = OpeningFactory(employer=cast.employer, published=True, municipality=None)
    assert [_codes(cast.beneficiary, opening, today) for opening in (far, near, nowhere)] == [
        set(),
        {"excluded_place"},
        {"place_unknown"},
    ]


def test_below_the_legal_minimum_is_never_shown(cast: Cast, today: dt.date) -> None:
    opening = OpeningFactory(employer=cast.employer, published=True, pay_from=60_000)
    assert _codes(cast.beneficiary, opening, today) == {"below_minimum_wage"}


def test_the_index_follows_the_database(cast: Cast, other_cast: Cast, today: dt.date) -> None:
    openings = [OpeningFactory(employer=cast.employer, published=True) for _ in range(3)]
    OpeningFactory(employer=other_cast.employer, published=True)
    OpeningFactory(employer=cast.employer)  # a draft

    def ids(on: dt.date = today) -> set[str]:
        return {ranked.opening_id for ranked in adapter.rank(cast.beneficiary, on).ranked}

    assert ids() == {str(opening.pk) for opening in openings}
    pause_opening(actor=cast.employer_user, opening=openings[0], on=today)
    assert ids() == {str(opening.pk) for opening in openings[1:]}
    # One goes as another comes back: the number is the same, the set is not.
    pause_opening(actor=cast.employer_user, opening=openings[1], on=today)
    resume_opening(actor=cast.employer_user, opening=openings[0], on=today)
    assert ids() == {str(openings[0].pk), str(openings[2].pk)}
    Employer.objects.filter(pk=cast.employer.pk).update(is_agency=True, sector="I")
    record(actor=cast.lead, act="vet_employer", obj=cast.employer)
    add_safety_rule(actor=cast.counsellor, beneficiary=cast.beneficiary, kind="sector", sector="I", on=today)
    assert ids() == set()
    assert ids(dt.date(2027, 6, 2)) == set()  # clearance and openings have run out


def test_the_index_is_built_once(cast: Cast, today: dt.date, monkeypatch: pytest.MonkeyPatch) -> None:
    OpeningFactory(employer=cast.employer, published=True)
    built = []
    build = adapter.index._build
    monkeypatch.setattr(adapter.index, "_build", lambda *args: built.append(1) or build(*args))
    for _ in range(3):
        adapter.rank(cast.beneficiary, today)
    adapter.rank(BeneficiaryFactory(organisation=cast.programme), today + dt.timedelta(days=1))
    assert len(built) == 1


def test_hidden_openings_name_every_rule(cast: Cast, today: dt.date) -> None:
    opening = OpeningFactory(employer=cast.employer, published=True, pay_from=60_000, night=True)
    add_safety_rule(actor=cast.counsellor, beneficiary=cast.beneficiary, kind="condition", condition="night", on=today)
    (hidden,) = hidden_openings(cast.beneficiary, on=today)
    assert hidden.opening == opening
    assert [code for code, _detail in hidden.rules] == ["excluded_condition", "below_minimum_wage"]


def _gap(code: GapCode, essential: bool = True) -> Gap:
    return Gap(code=code, skill="s", phrase="", essential=essential, held_level=None, needed_level=None)


@pytest.mark.parametrize(
    ("gaps", "lane"),
    [
        ([], "now"),
        ([_gap(GapCode.MISSING, essential=False)], "now"),
        ([_gap(GapCode.LEVEL)], "with_support"),
        ([_gap(GapCode.MISSING), _gap(GapCode.RELATED)], "with_support"),
        ([_gap(GapCode.MISSING), _gap(GapCode.MISSING)], "later"),
    ],
)
def test_lanes(gaps: list[Gap], lane: str) -> None:
    assert adapter.lane_of(Ranked("o", 0.5, (), tuple(gaps), ())) == lane
