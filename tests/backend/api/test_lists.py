"""Lists: filters, search, order, pages, and a number of queries that does not grow with the rows."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.matches.models import Introduction, Match
from backend.outcomes.models import ContactAttempt, FollowUp
from backend.skills.models import SkillLabel
from tests.conftest import Cast
from tests.factories import MunicipalityFactory, OpeningFactory, RequirementFactory, SkillFactory

from .world import DAY, HASH, NOW, As, World

API = "/api/v1/"


def results(client: Any, path: str) -> list[dict[str, Any]]:
    answer = client.get(API + path)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]  # type: ignore[no-any-return]


def test_openings_are_filtered_searched_and_ordered(cast: Cast, client_of: As) -> None:
    client = client_of(cast.counsellor)
    for title, posted in (("Kuvarica", 1), ("Krojačica", 2), ("Pekarka", 3)):
        OpeningFactory(employer=cast.employer, title=title, posted_on=dt.date(2026, 10, posted))
    assert [line["title"] for line in results(client, "openings/?search=kuvar")] == ["Kuvarica"]
    assert results(client, "openings/?ordering=-posted_on")[0]["title"] == "Pekarka"
    assert len(results(client, "openings/?posted_on__gte=2026-10-02&status=draft")) == 2
    assert results(client, "openings/?status=published") == []
    assert client.get(API + "openings/?status=nothing").status_code == 400


def test_places_and_skills_are_found_in_both_scripts_and_without_diacritics(cast: Cast, client_of: As) -> None:
    client = client_of(cast.counsellor)
    MunicipalityFactory(code="RS-cacak", name="Čačak", name_folded="cacak")
    skill = SkillFactory()
    SkillLabel.objects.create(skill=skill, language="sr", text="šivenje", folded="sivenje", kind="preferred")
    for term in ("čačak", "Cacak", "чачак"):
        assert [line["code"] for line in results(client, f"municipalities/?search={term}")] == ["RS-cacak"]
    for term in ("šiven", "шивење"):
        assert [line["id"] for line in results(client, f"skills/?search={term}")] == [str(skill.pk)]


def test_pages_follow_one_another_without_gap_or_repeat(cast: Cast, client_of: As) -> None:
    client = client_of(cast.counsellor)
    same_day = OpeningFactory.create_batch(25, employer=cast.employer)
    for ordering in ("created_at", "posted_on", "-posted_on", "title"):
        seen, url = [], f"{API}openings/?page_size=7&ordering={ordering}"
        while url:
            page = client.get(url).json()
            seen += [line["id"] for line in page["results"]]
            url = page["next"]
        assert len(seen) == len(set(seen)) == len(same_day)
    assert "count" not in page


def _openings(cast: Cast, world: World, n: int) -> None:
    for opening in OpeningFactory.create_batch(n, employer=cast.employer):
        RequirementFactory.create_batch(2, opening=opening)


def _matches(cast: Cast, world: World, n: int) -> None:
    cast.employer.sector = "Q"  # not the one that her safety rule excludes
    cast.employer.save()
    for opening in OpeningFactory.create_batch(
        n, employer=cast.employer, status="published", content_hash=HASH, vetted_hash=HASH
    ):
        match = Match.objects.create(
            beneficiary=cast.beneficiary, opening=opening, run=world["match-runs"], lane="now", score=0.4
        )
        Introduction.objects.create(
            match=match,
            state="shared_blind",
            pseudonym=f"C-{str(match.pk)[:8]}",
            opening_hash=HASH,
            blind_consent=world["consents"],
            shared_at=NOW,
        )


def _follow_ups(cast: Cast, world: World, n: int) -> None:
    for day in range(FollowUp.objects.count() + 100, FollowUp.objects.count() + 100 + n):
        follow_up = FollowUp.objects.create(spell=world["spells"], day=day, due_on=DAY)
        ContactAttempt.objects.create(
            follow_up=follow_up,
            attempted_at=NOW,
            channel="call",
            result="unreachable",
            attempted_by=cast.counsellor,
        )


BUSY = {
    "openings/": ("counsellor", _openings),
    "requirements/": ("counsellor", _openings),
    "openings/?search=a&status=draft": ("employer_user", _openings),
    "matches/": ("counsellor", _matches),
    "introductions/": ("counsellor", _matches),
    "candidates/?stage=new": ("employer_user", _matches),
    "beneficiaries/{her}/matches/": ("counsellor", _matches),
    "follow-ups/?contacted_on__isnull=true&ordering=due_on": ("counsellor", _follow_ups),
}


@pytest.mark.parametrize("path", BUSY)
def test_queries_do_not_grow_with_rows(cast: Cast, world: World, client_of: As, path: str) -> None:
    actor, add = BUSY[path]
    client, url = client_of(getattr(cast, actor)), API + path.format(her=cast.beneficiary.pk)
    client.get(url)  # the actor's membership is read once
    counts = []
    for more in (3, 27):
        add(cast, world, more)
        client.get(url)  # what is new is ranked at the first look
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url).json()
        counts.append(len(queries))
    assert len(answer.get("results", answer.get("matches"))) >= 30
    assert counts[0] == counts[1]
    assert counts[1] <= (20 if path.endswith("/matches/") else 7)
