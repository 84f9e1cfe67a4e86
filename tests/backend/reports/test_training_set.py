"""What the ranker learns from, against a programme made by hand."""

import datetime as dt
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from backend.beneficiaries.models import Beneficiary, Consent
from backend.matches.models import Decision, Introduction, IntroductionStep, Match, MatchRun, RankerVersion
from backend.outcomes.models import EmploymentSpell, FollowUp
from backend.reports.training_set import is_due, pseudonym, shown_matches, train_ranker
from matching.model import COLUMNS
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, IdentityFactory, MunicipalityFactory, OpeningFactory

pytestmark = pytest.mark.django_db

REASONS = [
    {"code": "essential_skills", "contribution": 0.375, "detail": {}},
    {"code": "distance", "contribution": 0.0625, "detail": {"km": 3.0}},
    {"code": "experience", "contribution": -0.25, "detail": {}},
]
_S, _K = Introduction.State, Decision.Kind

Days = Callable[[int], dt.datetime]


@pytest.fixture
def ago(now: dt.datetime) -> Days:
    return lambda days: now - dt.timedelta(days=days)


def consent(cast: Cast, person: Beneficiary, purpose: str = "research", **fields: Any) -> Consent:
    return Consent.objects.create(
        beneficiary=person, purpose=purpose, text_version="1", language="sr", method="signed",
        recorded_by=cast.counsellor, **{"given_on": dt.date(2024, 1, 1)} | fields,
    )  # fmt: skip


def somebody(cast: Cast, **fields: Any) -> Beneficiary:
    """A person who consents to statistics and came two years ago."""
    person = BeneficiaryFactory(
        organisation=cast.programme, counsellor=cast.counsellor, entered_on=dt.date(2024, 1, 1), **fields
    )
    consent(cast, person)
    return person


def shown(cast: Cast, person: Beneficiary, at: dt.datetime, state: str, *kinds: str, reasons: Any = REASONS) -> Match:
    """A match with the decisions that were taken about it, a day between each."""
    match = Match.objects.create(
        beneficiary=person,
        opening=OpeningFactory(employer=cast.employer),
        run=MatchRun.objects.create(beneficiary=person, ran_at=at, considered=9, excluded={}),
        state=state,
        lane="now",
        score=0.1875,
        reasons=reasons,
    )
    for number, kind in enumerate(kinds):
        decided_at = at + dt.timedelta(days=number)
        Decision.objects.create(match=match, kind=kind, decided_by=cast.counsellor, decided_at=decided_at)
    return match


def introduced(cast: Cast, person: Beneficiary, at: dt.datetime, state: str, *, shared: bool = True) -> Introduction:
    """A match she said yes to, and its introduction, which ended or stands ten days later."""
    match = shown(cast, person, at, "accepted", _K.SHORTLIST, _K.SHE_SAYS_YES)
    opening = {"recipient": cast.employer, "opening": match.opening}
    introduction = Introduction.objects.create(
        match=match,
        state=state,
        pseudonym=f"C-{Introduction.objects.count()}",
        created_at=at + dt.timedelta(days=2),
        blind_consent=consent(cast, person, "blind_introduction", **opening) if shared else None,
        identity_consent=consent(cast, person, "identity_disclosure", **opening) if state == _S.HIRED else None,
        shared_at=at + dt.timedelta(days=3) if shared else None,
    )
    IntroductionStep.objects.create(
        introduction=introduction, from_state="proposed", to_state=state, at=at + dt.timedelta(days=10)
    )
    return introduction


def works(
    introduction: Introduction, started_on: dt.date, verified_on: dt.date, ended_on: dt.date | None = None
) -> None:
    EmploymentSpell.objects.create(
        beneficiary=introduction.match.beneficiary,
        introduction=introduction,
        job_title="Krojačica",
        contract="permanent",
        evidence="A",
        started_on=started_on,
        verified_on=verified_on,
        ended_on=ended_on,
        end_reason="dismissed" if ended_on else "",
    )


def outcomes(cast: Cast, on: dt.date) -> list[tuple[str, dt.date, dt.date]]:
    frame = shown_matches(cast.programme, on)
    return list(zip(frame["outcome"], frame["shown_on"], frame["known_on"], strict=True))


def test_a_decision_settles_a_match_only_when_it_is_a_yes_or_a_no(cast: Cast, today: dt.date, ago: Days) -> None:
    person = somebody(cast)
    shown(cast, person, ago(50), "dismissed", _K.SHORTLIST, _K.DISMISS)
    shown(cast, person, ago(40), "declined", _K.SHE_SAYS_NO)
    shown(cast, person, ago(30), "accepted", _K.SHORTLIST, _K.SHE_SAYS_YES)
    shown(cast, person, ago(20), "shortlisted", _K.SHORTLIST)
    shown(cast, person, ago(20), "proposed", _K.SNOOZE, _K.SHE_SAYS_LATER)
    shown(cast, person, ago(20), "proposed")  # ranked, but nobody is known to have looked
    day = [today - dt.timedelta(days=days) for days in (50, 49, 40, 30, 29)]
    assert outcomes(cast, today) == [
        ("shown", day[0], day[1]),
        ("shown", day[2], day[2]),
        ("accepted", day[3], day[4]),
    ]
    # On an earlier day the last of them was not known yet.
    assert len(outcomes(cast, day[3])) == 2


def test_an_introduction_counts_when_it_has_ended_and_as_far_as_it_came(cast: Cast, today: dt.date, ago: Days) -> None:
    person = somebody(cast)
    introduced(cast, person, ago(100), _S.DECLINED_BY_EMPLOYER)
    introduced(cast, person, ago(90), _S.DECLINED_BY_HER, shared=False)
    introduced(cast, person, ago(80), _S.WITHDRAWN, shared=False)
    introduced(cast, person, ago(70), _S.LAPSED)
    introduced(cast, person, ago(60), _S.SHARED_BLIND)  # under way
    day = [today - dt.timedelta(days=days) for days in (100, 90, 80, 70)]
    ten = dt.timedelta(days=10)
    told = zip(("introduced", "shown", "accepted", "introduced"), day, strict=True)
    assert outcomes(cast, today) == [(outcome, first, first + ten) for outcome, first in told]


def test_work_kept_and_work_lost_are_known_on_one_day(cast: Cast, today: dt.date, ago: Days) -> None:
    started = today - dt.timedelta(days=200)
    settled = started + dt.timedelta(days=120)
    kept = introduced(cast, somebody(cast), ago(215), _S.HIRED)
    works(kept, started, verified_on=settled)
    lost = introduced(cast, somebody(cast), ago(215), _S.HIRED)
    ended_on = started + dt.timedelta(days=20)
    works(lost, started, verified_on=ended_on, ended_on=ended_on)
    found = outcomes(cast, today)
    assert sorted((outcome, known_on) for outcome, _shown, known_on in found) == [
        ("hired", settled), ("retained", settled),
    ]  # fmt: skip
    assert outcomes(cast, settled - dt.timedelta(days=1)) == []
    # A second job, after a real break, counts by itself though it is not her first placement.
    again = introduced(cast, lost.match.beneficiary, ago(155), _S.HIRED)
    works(again, today - dt.timedelta(days=140), verified_on=today - dt.timedelta(days=50))
    assert [outcome for outcome, _shown, _known in outcomes(cast, today)].count("retained") == 2


def test_a_hire_of_which_nobody_knows_whether_it_lasted_teaches_nothing(cast: Cast, today: dt.date, ago: Days) -> None:
    started = today - dt.timedelta(days=200)
    for verified in (0, 75, 121):  # never heard of again, too early, too late
        silent = introduced(cast, somebody(cast), ago(215), _S.HIRED)
        works(silent, started, verified_on=started + dt.timedelta(days=verified))
    new = introduced(cast, somebody(cast), ago(60), _S.HIRED)
    works(new, today - dt.timedelta(days=49), verified_on=today)
    introduced(cast, somebody(cast), ago(60), _S.HIRED)  # her first day has not been recorded
    left = introduced(cast, somebody(cast), ago(215), _S.HIRED)
    works(left, started, started, ended_on=started + dt.timedelta(days=80))
    left.spell.end_recorded_on = started + dt.timedelta(days=121)  # told a day too late
    left.spell.save()
    assert outcomes(cast, today) == []
    left.spell.end_recorded_on -= dt.timedelta(days=1)
    left.spell.save()
    assert [outcome for outcome, _shown, _known in outcomes(cast, today)] == ["hired"]


def test_a_label_does_not_change_with_what_becomes_known_later(cast: Cast, today: dt.date, ago: Days) -> None:
    started = today - dt.timedelta(days=200)
    kept = introduced(cast, somebody(cast), ago(215), _S.HIRED)
    works(kept, started, verified_on=started + dt.timedelta(days=100))
    before = outcomes(cast, started + dt.timedelta(days=120))
    assert [outcome for outcome, _shown, _known in before] == ["retained"]
    spell = kept.spell
    FollowUp.objects.create(
        spell=spell, day=90, due_on=started + dt.timedelta(days=90), result="reached", status="same_employer",
        contacted_on=started + dt.timedelta(days=100),
    )  # fmt: skip
    spell.ended_on = spell.verified_on = started + dt.timedelta(days=101)
    spell.end_reason, spell.end_recorded_on = "dismissed", today
    spell.save()
    assert outcomes(cast, today) == before


def test_work_that_is_no_placement_came_as_far_as_hired(cast: Cast, today: dt.date, ago: Days) -> None:
    hired = introduced(cast, somebody(cast), ago(215), _S.HIRED)
    started = today - dt.timedelta(days=200)
    works(hired, started, verified_on=started)
    hired.spell.is_written = False
    hired.spell.save()
    assert [outcome for outcome, _shown, _known in outcomes(cast, today)] == ["hired"]


def test_only_people_who_consent_to_statistics_and_only_this_programmes(
    cast: Cast, other_cast: Cast, today: dt.date, ago: Days
) -> None:
    def one(cast: Cast, **fields: Any) -> None:
        person = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
        shown(cast, person, ago(9), "dismissed", _K.DISMISS)
        if fields:
            consent(cast, person, **fields)

    one(cast)
    one(cast, purpose="support")
    one(cast, withdrawn_at=ago(1))
    one(cast, expires_on=today - dt.timedelta(days=1))
    one(cast, given_on=today + dt.timedelta(days=1))
    one(other_cast, purpose="research")
    assert outcomes(cast, today) == []
    one(cast, purpose="research", expires_on=today)
    assert len(outcomes(cast, today)) == len(outcomes(other_cast, today)) == 1


def test_a_row_holds_contributions_and_pseudonyms_and_nothing_of_her(cast: Cast, today: dt.date, ago: Days) -> None:
    person = somebody(cast, code="KANARINKA", municipality=MunicipalityFactory(code="RS-kanarevo", name="Kanarevo"))
    IdentityFactory(beneficiary=person, first_name="Kanarinka", phone="+381641234567")
    match = shown(cast, person, ago(9), "dismissed", _K.DISMISS)
    shown(cast, person, ago(8), "declined", _K.SHE_SAYS_NO)
    frame = shown_matches(cast.programme, today)
    assert list(frame.columns) == [
        "person", "opening", "run", "score", *COLUMNS, "outcome", "shown_on", "known_on", "place",
    ]  # fmt: skip
    first = frame.iloc[0].to_dict()
    assert {code: first[code] for code in COLUMNS} == dict.fromkeys(COLUMNS, 0.0) | {
        "essential_skills": 0.375,
        "distance": 0.0625,
    }
    assert (first["score"], first["place"]) == (0.1875, "Novi Sad")
    assert frame["person"].nunique() == 1
    assert frame["opening"].nunique() == 2
    assert first["opening"] == pseudonym(match.opening_id)
    page = frame.to_csv()
    for secret in (
        "Kanarinka",
        "Kanarevo",
        "KANARINKA",
        "641234567",
        str(person.pk),
        str(match.pk),
        match.opening.title,
    ):
        assert secret not in page


def test_a_pseudonym_leads_back_to_nobody_without_the_key(settings: Any) -> None:
    settings.SECRET_KEY = "one"
    first = pseudonym(7)
    assert first == pseudonym(7) != pseudonym(8)
    settings.SECRET_KEY = "another"
    assert pseudonym(7) != first


def season(cast: Cast, now: dt.datetime) -> None:
    """Two years of openings near and far, of which the near ones are wanted: something can be learned."""
    for number in range(60):
        person = somebody(cast)
        for place in range(4):
            near = 0.0625 if (number + place) % 2 else 0.0078125
            reasons = [
                {"code": "essential_skills", "contribution": 0.25 + 0.0625 * place, "detail": {}},
                {"code": "distance", "contribution": near, "detail": {}},
            ]
            # A few far ones are wanted all the same.
            wanted = (near > 0.05) != ((number * 4 + place) % 8 == 7)
            kind = _K.SHE_SAYS_YES if wanted else _K.SHE_SAYS_NO
            at = now - dt.timedelta(days=10 * number + 1)
            shown(cast, person, at, "accepted" if wanted else "declined", kind, reasons=reasons)


def test_training_leaves_a_version_with_its_card(cast: Cast, now: dt.datetime) -> None:
    assert not is_due(cast.programme, now)  # nothing is known
    assert train_ranker(cast.programme, now).ranker["card"]["why"] == "nothing_known"
    season(cast, now)
    later = now + dt.timedelta(days=27)
    assert not is_due(cast.programme, later)
    later = now + dt.timedelta(days=28)
    assert is_due(cast.programme, later)
    version = train_ranker(cast.programme, later)
    card = version.ranker["card"]
    assert version.outcomes == 240
    assert card["outcomes"] == {"accepted": 150, "shown": 90}
    assert [fold["name"] for fold in card["folds"]] == ["training", "calibration", "newest quarter"]
    assert {group["column"] for group in card["exposure"]} == {"place"}
    assert version.ranker["weights"][COLUMNS.index("distance")] > 4
    assert not is_due(cast.programme, later + dt.timedelta(days=28))  # no new outcomes


def test_the_command_and_the_night_print_what_was_learned(cast: Cast, other_cast: Cast) -> None:
    season(cast, timezone.now())
    printed = StringIO()
    call_command("nightly", stdout=printed)
    assert f"{cast.programme.name}: 240 outcomes" in printed.getvalue()
    assert "When not to use it" in printed.getvalue()
    assert [version.programme for version in RankerVersion.objects.all()] == [cast.programme]
    printed = StringIO()
    call_command("nightly", stdout=printed)
    assert "outcomes" not in printed.getvalue()
    call_command("train_ranker", stdout=printed)
    assert RankerVersion.objects.count() == 3  # asked for, it trains for everybody
