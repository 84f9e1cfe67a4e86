"""Ranked openings, decisions, and what is not shown, through the pages."""

import datetime as dt
import re

from django.test import Client
from django.urls import reverse

from backend.beneficiaries import services as files
from backend.matches.models import Decision, Introduction, Match
from backend.skills.models import Skill
from tests.backend.web.people.conftest import World, add_matches
from tests.conftest import Cast


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


def test_a_card_shows_points_that_add_up(client: Client, cast: Cast, sewing: Skill, now: dt.datetime) -> None:
    add_matches(cast, sewing, cast.beneficiary, 3, now)
    response = client.get(url("matches", cast.beneficiary.pk))
    cards = response.context["cards"]
    assert len(cards) == 3
    for card in cards:
        assert sum(line.points for line in card.lines) == card.points == round(100 * card.match.score)
        assert card.needed or card.lines
    page = response.content.decode()
    assert "sew garments" in page
    assert not re.search(r"(opening|profile)\.[a-z_]+", page), "a code that has no words"


def test_a_card_says_how_often_the_employer_answers(
    client: Client, cast: Cast, sewing: Skill, now: dt.datetime
) -> None:
    matches = add_matches(cast, sewing, cast.beneficiary, 4, now)
    page = url("matches", cast.beneficiary.pk)
    assert "The employer has not been asked before." in client.get(page).text
    for match, state, answered_at in zip(
        matches, ("declined_by_employer", "lapsed", "withdrawn"), (now, None, None), strict=False
    ):
        Introduction.objects.create(
            match=match, pseudonym=state[:12], state=state, shared_at=now, answered_at=answered_at
        )
    assert "The employer has answered 1 of 2 introductions." in client.get(page).text  # one had no time to


def test_her_page_ranks_anew_only_when_something_has_changed(client: Client, cast: Cast, today: dt.date) -> None:
    her = cast.beneficiary
    for _look in range(2):
        client.get(url("matches", her.pk))
    assert her.match_runs.count() == 1
    files.note_language(actor=cast.counsellor, beneficiary=her, language="en", spoken="B1")
    client.get(url("matches", her.pk))
    assert her.match_runs.count() == 2


def test_every_answer_moves_the_match(client: Client, cast: Cast, sewing: Skill, now: dt.datetime) -> None:
    matches = add_matches(cast, sewing, cast.beneficiary, 6, now)
    answers = [
        ("shortlist", "shortlisted", ""),
        ("she_says_yes", "accepted", ""),
        ("she_says_no:pay", "declined", "pay"),
        ("dismiss:distance", "dismissed", "distance"),
        ("she_says_later", "proposed", ""),
        ("snooze", "proposed", ""),
    ]
    for match, (answer, state, reason) in zip(matches, answers, strict=True):
        sent = {"answer": answer, "expected_state": "proposed"}
        sent |= {"snoozed_until": "2026-11-20"} if answer == "snooze" else {}
        assert client.post(url("decide", match.pk), sent).status_code == 302
        match.refresh_from_db()
        assert (match.state, match.decisions.get().reason) == (state, reason)
    assert matches[5].snoozed_until == dt.date(2026, 11, 20)
    aside = client.get(url("matches", cast.beneficiary.pk), {"lane": "aside"}).context["cards"]
    assert {card.match.pk for card in aside} == {match.pk for match in matches[2:]}


def test_wrong_answers_change_nothing(client: Client, world: World) -> None:
    match = world.match
    for sent in [
        {},
        {"answer": "marry", "expected_state": "proposed"},
        {"answer": "dismiss:ugly", "expected_state": "proposed"},
        {"answer": "snooze", "expected_state": "proposed", "snoozed_until": "2026-01-01"},
        {"answer": "snooze", "expected_state": "proposed", "snoozed_until": "x"},
        {"answer": "shortlist", "expected_state": "moon"},
        {"answer": "shortlist", "expected_state": "proposed", "note": "x" * 401},
    ]:
        response = client.post(url("decide", match.pk), sent)
        assert response.status_code == 200, sent
        assert response.context["refused"][1].errors, sent
    assert not Decision.objects.exists()


def test_an_answer_to_a_match_that_has_moved_is_a_conflict(client: Client, world: World) -> None:
    Match.objects.filter(pk=world.match.pk).update(state="shortlisted")
    sent = {"answer": "shortlist", "expected_state": "proposed"}
    assert client.post(url("decide", world.match.pk), sent).status_code == 409


def test_what_is_not_shown_says_by_which_rule(
    client: Client, cast: Cast, sewing: Skill, now: dt.datetime, today: dt.date
) -> None:
    her = cast.beneficiary
    add_matches(cast, sewing, her, 2, now)
    files.add_safety_rule(actor=cast.counsellor, beneficiary=her, kind="employer", employer=cast.employer, on=today)
    matches = client.get(url("matches", her.pk))
    assert (matches.context["hidden_count"], matches.context["cards"]) == (2, [])
    hidden = client.get(url("hidden_openings", her.pk), {"rule": "excluded_employer"})
    assert [code for code, _words, _count in hidden.context["rules"]] == ["excluded_employer"]
    assert len(hidden.context["rows"]) == 2
    assert client.get(url("hidden_openings", her.pk), {"rule": "x", "page": "999"}).status_code == 200


def test_an_introduction_is_proposed_once(client: Client, cast: Cast, sewing: Skill, now: dt.datetime) -> None:
    match = add_matches(cast, sewing, cast.beneficiary, 1, now)[0]
    assert client.post(url("propose_introduction", match.pk)).status_code == 302
    introduction = Introduction.objects.get(match=match)
    again = client.post(url("propose_introduction", match.pk), follow=True)
    assert any(message.level_tag == "error" for message in again.context["messages"])
    assert Introduction.objects.get() == introduction
