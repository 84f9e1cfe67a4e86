"""Wrong facts about work and contacts, through the API: the field is named and nothing is written."""

from typing import Any

import pytest

from backend.outcomes.models import EmploymentSpell, FollowUp, FollowUpDraft
from tests.conftest import Cast

from .test_problems import API, problem
from .world import As, World

PAST = {"started_on": "2026-08-01", "ended_on": "2026-08-20", "end_reason": "moved"}
SPELL = {"job_title": "Kuvarica", "contract": "permanent", "evidence": "A", **PAST}
CALL = {"result": "reached", "status": "same_employer", "contacted_on": "2026-11-02", "evidence": "C"}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("started_on", {"started_on": "2026-09-20", "ended_on": "2026-10-01"}),  # she works since 1 October
        ("started_on", {"ended_on": None, "end_reason": ""}),
        ("ended_on", {"ended_on": "2026-07-31"}),
        ("ended_on", {"ended_on": "2026-11-03", "started_on": "2026-11-01"}),
        ("started_on", {"started_on": "2026-11-03", "ended_on": None, "end_reason": ""}),
        ("end_reason", {"end_reason": ""}),
    ],
)
def test_impossible_work_is_refused(field: str, wrong: dict[str, Any], cast: Cast, world: World, client_of: As) -> None:
    body = SPELL | {"beneficiary": str(cast.beneficiary.pk)} | wrong
    told = problem(client_of(cast.counsellor).post(API + "spells/", body, "json"), 400)
    assert field in [error["field"] for error in told["errors"]]
    assert EmploymentSpell.objects.count() == 1


def test_an_end_before_what_is_known_is_refused(cast: Cast, world: World, client_of: As) -> None:
    url, client = f"{API}spells/{world['spells'].pk}/end/", client_of(cast.counsellor)
    for day in ("2026-09-30", "2026-11-03"):
        told = problem(client.post(url, {"ended_on": day, "end_reason": "moved"}, "json"), 400)
        assert [error["field"] for error in told["errors"]] == ["ended_on"]
    assert EmploymentSpell.objects.get().ended_on is None


def test_a_contact_that_has_not_been_yet_is_refused(cast: Cast, world: World, client_of: As) -> None:
    url, client = f"{API}follow-ups/{world['follow-ups'].pk}/record/", client_of(cast.counsellor)
    for wrong, field in (({"contacted_on": "2026-11-03"}, "contacted_on"), ({"status": ""}, "status")):
        told = problem(client.post(url, CALL | wrong, "json"), 400)
        assert [error["field"] for error in told["errors"]] == [field]
    assert FollowUp.objects.get().result == ""


def test_who_comes_second_is_told_what_was_recorded(cast: Cast, world: World, client_of: As) -> None:
    url, client = f"{API}follow-ups/{world['follow-ups'].pk}/record/", client_of(cast.counsellor)
    assert client.post(url, CALL, "json").status_code == 200
    told = problem(client.post(url, CALL | {"status": "not_employed"}, "json", headers={"accept-language": "en"}), 409)
    assert told["detail"].endswith("On 2 Nov 2026 it found: reached, works at the same employer.")
    assert FollowUp.objects.get().status == "same_employer"


def test_a_draft_does_not_leave_by_the_api(cast: Cast, world: World, client_of: As) -> None:
    FollowUpDraft.objects.create(
        follow_up=world["follow-ups"], answers={"note": "Nedovršeno"}, saved_at="2026-11-02T09:30Z",
        saved_by=cast.counsellor,
    )  # fmt: skip
    answer = client_of(cast.counsellor).get(f"{API}follow-ups/{world['follow-ups'].pk}/")
    assert answer.status_code == 200
    assert "Nedovršeno" not in answer.content.decode()


def test_an_open_quarter_has_no_snapshot_and_none_can_be_made_here(cast: Cast, world: World, client_of: As) -> None:
    lead = client_of(cast.lead)
    for quarter in ("2026-Q4", "2031-Q1", "9999-Q4", "0000-Q1", "zzz", "\0"):
        answer = lead.get(API + "snapshots/", {"quarter": quarter})
        assert answer.status_code in (200, 400)
        assert answer.status_code == 400 or answer.json()["results"] == []
    problem(lead.post(API + "snapshots/", {"quarter": "2026-Q4"}, "json"), 405)
