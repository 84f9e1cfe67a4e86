"""Introductions: nothing leaves without her consent, the gates and the vetted opening; nothing stays when it ends."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from backend.audit.models import Event
from backend.beneficiaries.models import Consent
from backend.beneficiaries.services import (
    add_safety_rule,
    give_consent,
    note_experience,
    note_skill,
    save_wishes,
    update_beneficiary,
)
from backend.core.exceptions import Conflict
from backend.employers.models import Employer, Opening
from backend.matches import candidate, services
from backend.matches.card import card, preview, profile_to_share
from backend.matches.models import Decision, Introduction, Match
from backend.matches.policies import can_answer_introduction, closed_introductions, visible_introductions
from backend.matches.states import TRANSITIONS
from tests.conftest import Cast
from tests.factories import EmployerFactory, OccupationFactory, OpeningFactory, SkillFactory

from .conftest import Walk

S = Introduction.State
WALK = ("proposed", "agreed_by_her", *(str(state) for state in Introduction.SHARED), "trial", "offer")


def test_every_state_has_its_transitions() -> None:
    assert set(TRANSITIONS) == set(S.values)
    assert not any(TRANSITIONS[ended] for ended in Introduction.ENDED)


@pytest.mark.parametrize("state", dict.fromkeys(WALK))
def test_the_employer_reads_what_the_stage_allows(state: str, walk: Walk, cast: Cast, today: dt.date) -> None:
    introduction = walk(state)
    view = card(introduction, on=today)
    assert visible_introductions(cast.employer_user).exists() == (state in Introduction.SHARED)
    skills = {"skills", "languages", "licences", "experience"}
    availability = {"hours", "shifts"} if state != "shared_blind" else set()
    assert view["profile"].keys() == (skills | availability if state in Introduction.SHARED else set())
    # Consent was given for first name and phone, and for nothing else; the phone comes with the interview.
    told = {"first_name"} if state in ("identified", "hired") else {"first_name", "phone"}
    assert view["identity"].keys() == (told if state in Introduction.NAMED else set())


def test_the_blind_profile_is_neutral(walk: Walk, cast: Cast, match: Match, today: dt.date) -> None:
    her = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    seamstress = OccupationFactory(preferred_labels={"sr": "šnajderka", "en": "seamstress"})
    note_experience(**her, title="Radionica sigurne kuće", years=2, occupation=seamstress)
    note_experience(**her, title="Radionica u Šapcu", years=1.5)
    save_wishes(**her, min_hours=10, max_hours=25, own_words="daleko od bivšeg")
    note_skill(**her, skill=SkillFactory(), level=0, evidence="self", on=today)
    introduction = walk("shared_blind")
    text = json.dumps(introduction.shared_profile, ensure_ascii=False)
    secrets = (
        cast.beneficiary.code, cast.beneficiary.municipality.name, "Synthetic", "kuće", "Šapcu", "bivšeg",
        "radionici", "2026", str(cast.beneficiary.pk), "example.org",
    )  # fmt: skip
    assert not [secret for secret in secrets if secret in text]
    view = candidate.show(introduction.shared_profile)
    assert [line["label"] for line in view["skills"]] == ["šivenje"]
    assert [line["label"] for line in view["experience"]] == ["šnajderka"]
    assert introduction.shared_profile["experience"][0]["years"] == "1_to_3"
    assert introduction.shared_profile["hours"] == "to_30"


def test_the_preview_is_what_is_shared_and_stays_frozen(
    walk: Walk, cast: Cast, now: dt.datetime, today: dt.date
) -> None:
    introduction = walk("agreed_by_her")
    shown = preview(introduction, on=today)
    update_beneficiary(actor=cast.counsellor, beneficiary=cast.beneficiary, on=today, licences=["forklift"])
    services.share_introduction(actor=cast.counsellor, introduction=introduction, now=now)
    introduction.refresh_from_db()
    assert preview(introduction, on=today) == card(introduction, on=today)
    assert card(introduction, on=today) == shown | {"shared_at": now}


@pytest.mark.parametrize("ended", [False, True])
def test_a_group_is_shown_one_profile_ever(
    ended: bool, walk: Walk, cast: Cast, match: Match, now: dt.datetime, today: dt.date
) -> None:
    introduction = walk("shared_blind")
    frozen = introduction.shared_profile
    if ended:  # what was shared is purged, and the memory of what they know is not
        services.withdraw_introduction(actor=cast.counsellor, introduction=introduction, now=now)
    update_beneficiary(actor=cast.counsellor, beneficiary=cast.beneficiary, on=today, licences=["forklift"])
    sister = EmployerFactory(programme=cast.programme, parent=cast.employer)
    for employer in (cast.employer, sister):
        again = Match(beneficiary=cast.beneficiary, opening=OpeningFactory(published=True, employer=employer))
        assert profile_to_share(again) == frozen
    stranger = OpeningFactory(published=True, employer=EmployerFactory(programme=cast.programme))
    assert profile_to_share(Match(beneficiary=cast.beneficiary, opening=stranger)) != frozen


def test_two_agreements_share_one_profile_or_none(
    walk: Walk, cast: Cast, match: Match, now: dt.datetime, today: dt.date
) -> None:
    """She agreed to two profiles before either was shared: the second is refused, not shown beside the first."""
    given = {"actor": cast.counsellor, "now": now}
    second = OpeningFactory(published=True, employer=cast.employer, night=False, live_in=False)
    services.rank_beneficiary(actor=cast.counsellor, beneficiary=cast.beneficiary, now=now)
    first = walk("agreed_by_her")
    update_beneficiary(actor=cast.counsellor, beneficiary=cast.beneficiary, on=today, licences=["forklift"])
    other = services.propose_introduction(match=Match.objects.get(opening=second), **given)
    services.record_agreement(introduction=other, method="spoken", language="sr", **given)
    services.share_introduction(introduction=first, **given)
    with pytest.raises(ValidationError, match="profile"):
        services.share_introduction(introduction=other, **given)
    other.refresh_from_db()
    services.record_agreement(introduction=other, method="spoken", language="sr", **given)
    assert services.share_introduction(introduction=other, **given).shared_profile == first.shared_profile


def test_each_introduction_has_its_own_pseudonym(walk: Walk, cast: Cast) -> None:
    introduction = walk("proposed")
    assert cast.beneficiary.code not in introduction.pseudonym
    with pytest.raises(ValidationError, match="match"):
        services.propose_introduction(actor=cast.counsellor, match=introduction.match, now=introduction.created_at)


# -- sharing: each condition removed on its own -------------------------------------------------------------------


def _change_opening(cast: Cast, opening: Opening) -> None:
    Opening.objects.filter(pk=opening.pk).update(content_hash="b" * 64, status="submitted")


def _change_and_vet_anew(cast: Cast, opening: Opening) -> None:
    Opening.objects.filter(pk=opening.pk).update(content_hash="b" * 64, vetted_hash="b" * 64)


def _pause(cast: Cast, opening: Opening) -> None:
    Opening.objects.filter(pk=opening.pk).update(status="paused")


def _suspend_employer(cast: Cast, opening: Opening) -> None:
    Employer.objects.filter(pk=cast.employer.pk).update(status="suspended")


def _bar_the_workplace(cast: Cast, opening: Opening) -> None:
    barred = EmployerFactory(programme=cast.programme, status="banned")
    Opening.objects.filter(pk=opening.pk).update(end_client=barred)


def _let_clearance_end(cast: Cast, opening: Opening) -> None:
    Employer.objects.filter(pk=cast.employer.pk).update(cleared_until=dt.date(2026, 11, 1))


def _add_rule(cast: Cast, opening: Opening) -> None:
    add_safety_rule(
        actor=cast.counsellor,
        beneficiary=cast.beneficiary,
        kind="employer",
        employer=cast.employer,
        on=dt.date(2026, 11, 2),
    )


def _unsaid_condition(cast: Cast, opening: Opening) -> None:
    add_safety_rule(
        actor=cast.counsellor,
        beneficiary=cast.beneficiary,
        kind="condition",
        condition="isolated",  # the opening does not say: that counts against it
        on=dt.date(2026, 11, 2),
    )


def _withdraw(cast: Cast, opening: Opening) -> None:
    Consent.objects.update(withdrawn_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))


def _expire(cast: Cast, opening: Opening) -> None:
    Consent.objects.update(given_on=dt.date(2026, 1, 1), expires_on=dt.date(2026, 11, 1))


BREAKERS = (
    _change_opening, _change_and_vet_anew, _pause, _suspend_employer, _bar_the_workplace, _let_clearance_end,
    _add_rule, _unsaid_condition, _withdraw, _expire,
)  # fmt: skip


@pytest.mark.parametrize("break_it", BREAKERS)
def test_sharing_checks_everything_anew(
    break_it: Any, walk: Walk, cast: Cast, opening: Opening, now: dt.datetime
) -> None:
    introduction = walk("agreed_by_her")
    break_it(cast, opening)
    with pytest.raises(ValidationError):
        services.share_introduction(actor=cast.counsellor, introduction=introduction, now=now)
    introduction.refresh_from_db()
    assert introduction.state == S.AGREED_BY_HER
    assert not visible_introductions(cast.employer_user).exists()
    refused = Event.objects.get(act="share_introduction_refused")
    assert (refused.object_id, refused.actor) == (str(introduction.pk), cast.counsellor)


@pytest.mark.parametrize("break_it", [breaker for breaker in BREAKERS if breaker is not _pause])
def test_naming_checks_everything_anew(
    break_it: Any, walk: Walk, cast: Cast, opening: Opening, now: dt.datetime
) -> None:
    introduction = walk("consented")
    break_it(cast, opening)
    with pytest.raises(ValidationError):
        services.disclose_identity(actor=cast.counsellor, introduction=introduction, now=now)
    introduction.refresh_from_db()
    assert introduction.state == S.CONSENTED
    assert Event.objects.filter(act="disclose_identity_refused", object_id=str(introduction.pk)).exists()


@pytest.mark.parametrize("break_it", [breaker for breaker in BREAKERS if breaker is not _pause])
def test_the_contact_is_told_only_where_everything_holds(
    break_it: Any, walk: Walk, cast: Cast, opening: Opening, now: dt.datetime
) -> None:
    introduction = walk("identified")
    break_it(cast, opening)
    given = {"actor": cast.counsellor, "introduction": introduction, "now": now}
    with pytest.raises(ValidationError):
        services.set_interview(interview_at=now + dt.timedelta(days=1), **given)
    with pytest.raises(ValidationError):
        services.advance_introduction(to_state="offer", **given)
    introduction.refresh_from_db()
    assert introduction.state == S.IDENTIFIED


@pytest.mark.parametrize("purpose", [Consent.Purpose.BLIND_INTRODUCTION, Consent.Purpose.IDENTITY_DISCLOSURE])
def test_naming_needs_both_consents(purpose: str, walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("consented")
    Consent.objects.filter(purpose=purpose).update(withdrawn_at=now)
    with pytest.raises(ValidationError, match="consent"):
        services.disclose_identity(actor=cast.counsellor, introduction=introduction, now=now)


def test_after_a_change_she_can_be_asked_again(walk: Walk, cast: Cast, opening: Opening, now: dt.datetime) -> None:
    introduction = walk("agreed_by_her")
    _change_and_vet_anew(cast, opening)
    services.record_agreement(actor=cast.counsellor, introduction=introduction, method="spoken", language="sr", now=now)
    services.share_introduction(actor=cast.counsellor, introduction=introduction, now=now)
    assert introduction.opening_hash == "b" * 64


@pytest.mark.parametrize("state", ["shared_blind", "identified", "interview"])
def test_a_withdrawn_consent_hides_at_once(
    state: str, walk: Walk, cast: Cast, now: dt.datetime, today: dt.date
) -> None:
    introduction = walk(state)
    assert introduction.blind_consent is not None
    services.withdraw_consent(actor=cast.counsellor, consent=introduction.blind_consent, now=now)
    _assert_purged(introduction, S.WITHDRAWN, cast)
    view = card(introduction, on=today)
    assert (view["stage"], view["profile"], view["identity"]) == ("closed", {}, {})
    assert closed_introductions(cast.employer_user).get() == introduction


@pytest.mark.parametrize("state", ["consented", "interview", "hired"])
def test_a_withdrawn_consent_to_be_named_ends_it_too(
    state: str, walk: Walk, cast: Cast, now: dt.datetime, today: dt.date
) -> None:
    introduction = walk(state)
    assert introduction.identity_consent is not None
    services.withdraw_consent(actor=cast.counsellor, consent=introduction.identity_consent, now=now)
    introduction.refresh_from_db()
    assert (introduction.state, introduction.shared_profile) == ("hired" if state == "hired" else S.WITHDRAWN, {})
    assert card(introduction, on=today)["identity"] == {}


def test_without_support_nothing_goes_on(walk: Walk, cast: Cast, now: dt.datetime, today: dt.date) -> None:
    support = {
        "actor": cast.counsellor, "beneficiary": cast.beneficiary, "purpose": "support", "method": "signed",
        "language": "sq", "given_on": today,
    }  # fmt: skip
    first, second = give_consent(**support), give_consent(**support)
    introduction = walk("shared_blind")
    services.withdraw_consent(actor=cast.counsellor, consent=first, now=now)
    introduction.refresh_from_db()
    assert introduction.state == S.SHARED_BLIND
    services.withdraw_consent(actor=cast.counsellor, consent=second, now=now)
    _assert_purged(introduction, S.WITHDRAWN, cast)


def test_an_expired_consent_shows_nothing(walk: Walk, today: dt.date) -> None:
    introduction = walk("identified")
    assert introduction.blind_consent is not None
    last_day = introduction.blind_consent.expires_on
    assert last_day is not None
    assert "first_name" in card(introduction, on=last_day)["identity"]
    late = card(introduction, on=last_day + dt.timedelta(days=1))
    assert (late["stage"], late["profile"], late["identity"]) == ("closed", {}, {})
    early = card(introduction, on=introduction.blind_consent.given_on - dt.timedelta(days=1))
    assert early["stage"] == "closed"  # dated ahead, it counts only from its day


# -- endings ------------------------------------------------------------------------------------------------------


def _assert_purged(introduction: Introduction, state: str, cast: Cast) -> None:
    introduction.refresh_from_db()
    assert (introduction.state, introduction.shared_profile) == (state, {})
    assert not visible_introductions(cast.employer_user).exists()


def test_the_employer_declines_with_one_click(walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("shared_blind")
    answer = {"actor": cast.employer_user, "introduction": introduction, "now": now}
    for wrong in (
        {"answer": "maybe"},
        {"answer": "question", "question": " "},
        {"answer": "declined", "reason": "ugly"},
    ):
        with pytest.raises(ValidationError):
            services.answer_introduction(**answer, **wrong)
    introduction.refresh_from_db()
    services.answer_introduction(**answer, answer="question", question="Can she start in May?")
    services.answer_introduction(**answer, answer="declined", reason="filled")
    _assert_purged(introduction, S.DECLINED_BY_EMPLOYER, cast)
    with pytest.raises(PermissionDenied):  # gone from the inbox
        services.answer_introduction(**answer, answer="interested")


@pytest.mark.parametrize("state", ["agreed_by_her", "shared_blind", "identified", "offer"])
@pytest.mark.parametrize(
    ("act", "ends"),
    [(services.withdraw_introduction, S.WITHDRAWN), (services.decline_for_her, S.DECLINED_BY_HER)],
)
def test_ending_purges(state: str, act: Any, ends: str, walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk(state)
    act(actor=cast.counsellor, introduction=introduction, now=now)
    _assert_purged(introduction, ends, cast)


def test_her_no_to_the_match_ends_the_introduction(walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("shared_blind")
    decision = {"actor": cast.counsellor, "match": introduction.match, "now": now}
    services.decide(**decision, kind=Decision.Kind.SHE_SAYS_NO)
    _assert_purged(introduction, S.DECLINED_BY_HER, cast)


@pytest.mark.parametrize(("days", "lapsed"), [(20, 0), (21, 1)])
def test_silence_lapses_after_21_days(days: int, lapsed: int, walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("shared_blind")
    assert services.lapse_introductions(now=now + dt.timedelta(days=days)) == lapsed
    if lapsed:
        _assert_purged(introduction, S.LAPSED, cast)


def test_a_question_starts_the_days_anew(walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("shared_blind")
    asked = now + dt.timedelta(days=20)
    services.answer_introduction(
        actor=cast.employer_user, introduction=introduction, answer="question", question="When?", now=asked
    )
    assert services.lapse_introductions(now=asked + dt.timedelta(days=20)) == 0
    assert services.lapse_introductions(now=asked + dt.timedelta(days=21)) == 1


def test_freezing_reaches_the_whole_group(walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("interview")
    owner = Employer.objects.create(programme=cast.programme, name="Holding", name_folded="holding")
    Employer.objects.filter(pk=cast.employer.pk).update(parent=owner)
    with pytest.raises(PermissionDenied):
        services.freeze_introductions(actor=cast.employer_user, employer=owner, now=now)
    assert services.freeze_introductions(actor=cast.colleague, employer=owner, now=now) == 1
    _assert_purged(introduction, S.FROZEN, cast)


def test_a_stale_page_loses(walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("shared_blind")
    stale = Introduction.objects.get(pk=introduction.pk)
    services.withdraw_introduction(actor=cast.counsellor, introduction=introduction, now=now)
    with pytest.raises(Conflict):
        services.withdraw_introduction(actor=cast.counsellor, introduction=stale, now=now)


def test_steps_are_kept_in_order(walk: Walk, now: dt.datetime, cast: Cast) -> None:
    introduction = walk("offer")
    services.mark_hired(actor=cast.counsellor, introduction=introduction, now=now - dt.timedelta(hours=3))
    steps = list(introduction.steps.order_by("at", "created_at"))
    assert [step.to_state for step in steps] == [*WALK[1:7], "trial", "offer", "hired"]
    assert introduction.shared_profile  # a hire keeps what was shared


# -- who may ------------------------------------------------------------------------------------------------------


def test_an_introduction_is_seen_by_its_two_sides_only(walk: Walk, cast: Cast, other_cast: Cast) -> None:
    introduction = walk("shared_blind")
    assert visible_introductions(cast.counsellor).get() == introduction
    assert visible_introductions(cast.employer_user).get() == introduction
    strangers = (
        cast.colleague, cast.lead, cast.administrator, other_cast.counsellor, other_cast.employer_user,
    )  # fmt: skip
    for stranger in strangers:
        assert not visible_introductions(stranger).exists()
        assert not can_answer_introduction(stranger, introduction)
    assert not can_answer_introduction(cast.counsellor, introduction)


@pytest.mark.parametrize("bar", [_suspend_employer, _bar_the_workplace, _let_clearance_end])
def test_an_employer_that_is_not_cleared_any_more_sees_nobody(
    bar: Any, walk: Walk, cast: Cast, opening: Opening
) -> None:
    walk("identified")
    bar(cast, opening)
    assert not visible_introductions(cast.employer_user).exists()


def test_every_act_of_hers_is_refused_to_everybody_else(
    walk: Walk, cast: Cast, other_cast: Cast, now: dt.datetime
) -> None:
    introduction = walk("shared_blind")
    given = {"method": "signed", "language": "sr"}
    acts: list[tuple[Any, dict[str, Any]]] = [
        (services.record_agreement, given),
        (services.share_introduction, {}),
        (services.record_identity_consent, given | {"fields": ["phone"]}),
        (services.disclose_identity, {}),
        (services.set_interview, {"interview_at": now}),
        (services.advance_introduction, {"to_state": "offer"}),
        (services.mark_hired, {}),
        (services.withdraw_introduction, {}),
        (services.decline_for_her, {}),
    ]
    strangers = (cast.colleague, cast.lead, cast.administrator, cast.employer_user, other_cast.counsellor)
    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            services.propose_introduction(actor=stranger, match=introduction.match, now=now)
        for act, arguments in acts:
            with pytest.raises(PermissionDenied):
                act(actor=stranger, introduction=introduction, now=now, **arguments)
    for stranger in (cast.counsellor, cast.lead, other_cast.employer_user):
        with pytest.raises(PermissionDenied):
            services.answer_introduction(actor=stranger, introduction=introduction, answer="interested", now=now)


def test_no_step_can_be_skipped(walk: Walk, cast: Cast, now: dt.datetime) -> None:
    introduction = walk("proposed")
    with pytest.raises(ValidationError):
        services.mark_hired(actor=cast.counsellor, introduction=introduction, now=now)
    with pytest.raises(ValidationError):  # without consent
        services.share_introduction(actor=cast.counsellor, introduction=introduction, now=now)
