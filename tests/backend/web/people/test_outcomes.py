"""Employment, follow-ups, assessments and warning signs, through the pages."""

from django.test import Client
from django.urls import reverse

from backend.outcomes.models import Assessment, EmploymentSpell, FollowUp, WarningFlag
from tests.backend.web.people.conftest import World
from tests.conftest import Cast

WORK = {"job_title": "Kuvarica", "contract": "permanent", "started_on": "2026-10-01", "evidence": "C"}
CALL = {"result": "reached", "status": "same_employer", "contacted_on": "2026-11-02", "evidence": "C"}


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


def test_work_is_recorded_without_an_introduction(client: Client, cast: Cast) -> None:
    her = cast.beneficiary
    assert client.post(url("start_spell", her.pk), WORK | {"employer": cast.employer.pk}).status_code == 302
    spell = her.spells.get()
    assert (spell.employer, spell.is_written) == (cast.employer, False)
    assert spell.follow_ups.exists()


def test_wrong_work_names_the_field(client: Client, world: World, other_cast: Cast) -> None:
    her, before = world.person, EmploymentSpell.objects.count()
    past = WORK | {"started_on": "2026-01-01", "ended_on": "2026-01-10", "end_reason": "moved"}
    for change, field in [
        ({"ended_on": "", "end_reason": ""}, "started_on"),  # overlaps with what she does
        ({"started_on": "2027-01-01"}, "started_on"),
        ({"ended_on": "2025-12-31"}, "ended_on"),
        ({"end_reason": ""}, "end_reason"),
        ({"hours_per_week": "100"}, "hours_per_week"),
        ({"net_pay_per_month": "-1"}, "net_pay_per_month"),
        ({"contract": "slavery"}, "contract"),
        ({"employer": other_cast.employer.pk}, "employer"),
        ({"job_title": ""}, "job_title"),
    ]:
        response = client.post(url("start_spell", her.pk), past | change)
        assert response.status_code == 200
        assert field in response.context["form"].errors, change
    assert EmploymentSpell.objects.count() == before


def test_work_ends_with_a_reason(client: Client, world: World) -> None:
    her, spell = world.person, world.spell
    for wrong in ({}, {"ended_on": "2027-01-01", "reason": "moved"}, {"ended_on": "2026-10-20", "reason": "x"}):
        response = client.post(url("end_spell", her.pk, spell.pk), wrong)
        assert response.status_code == 200
        assert response.context["spells"][0][1].errors, wrong
    end = {"ended_on": "2026-10-20", "reason": "better_job"}
    assert client.post(url("end_spell", her.pk, spell.pk), end).status_code == 302
    assert client.post(url("end_spell", her.pk, spell.pk), end).status_code == 409


def test_a_follow_up_is_recorded_once(client: Client, world: World) -> None:
    follow_up = world.follow_up
    found = CALL | {"pay_on_time": "1", "feels_safe": "0", "red": ["threats"], "amber": ["sudden_move"], "note": "ok"}
    assert client.post(url("follow_up", follow_up.pk), found).status_code == 302
    follow_up.refresh_from_db()
    assert (follow_up.result, follow_up.pay_on_time, follow_up.feels_safe) == ("reached", True, False)
    assert {flag.kind for flag in follow_up.warning_flags.all()} == {"threats", "sudden_move"}
    assert client.post(url("follow_up", follow_up.pk), found).status_code == 409
    assert client.get(url("follow_up", follow_up.pk)).status_code == 200
    assert follow_up not in client.get(url("today")).context["follow_ups"]


def test_a_lost_job_is_said_aloud(client: Client, world: World) -> None:
    response = client.post(url("follow_up", world.follow_up.pk), CALL | {"status": "not_employed"}, follow=True)
    assert any(message.level_tag == "warning" for message in response.context["messages"])


def test_wrong_follow_ups_name_the_field(client: Client, world: World) -> None:
    flags = WarningFlag.objects.count()
    for change, field in [
        ({"result": ""}, "result"),
        ({"result": "telepathy"}, "result"),
        ({"status": ""}, "status"),
        ({"result": "unreachable"}, "status"),
        ({"contacted_on": "2026-12-01"}, "contacted_on"),
        ({"contacted_on": "2020-01-01"}, "contacted_on"),
        ({"red": ["dragons"]}, "red"),
        ({"evidence": "Z"}, "evidence"),
        ({"note": "x" * 1001}, "note"),
    ]:
        response = client.post(url("follow_up", world.follow_up.pk), CALL | {"amber": ["sudden_move"]} | change)
        assert response.status_code == 200
        assert field in response.context["form"].errors, change
    assert FollowUp.objects.get(pk=world.follow_up.pk).result == ""
    assert WarningFlag.objects.count() == flags


def test_tries_are_noted(client: Client, world: World) -> None:
    tried = {"channel": "call", "result": "unreachable"}
    assert client.post(url("log_attempt", world.follow_up.pk), tried).status_code == 302
    assert world.follow_up.attempts.count() == 1
    assert client.get(url("follow_up", world.follow_up.pk)).status_code == 200
    wrong = client.post(url("log_attempt", world.follow_up.pk), tried | {"channel": "drum"})
    assert "channel" in wrong.context["attempt_form"].errors


def test_an_assessment_stands_beside_the_last(client: Client, world: World) -> None:
    her = world.person
    page = client.get(url("assessment", her.pk), headers={"accept-language": "en"}).content.decode()
    assert "Last time: 2" in page
    assert "Not psychometrically validated" in page
    scores = {"employment": "2", "income": "3", "housing": "3", "safety": "4", "health": ""}
    assert client.post(url("assessment", her.pk), scores).status_code == 302
    assert Assessment.objects.get(beneficiary=her, housing=3).health is None
    assert client.post(url("assessment", her.pk), scores).context["form"].errors  # twice a day
    for wrong in ({}, {"housing": "5"}, {"housing": "x"}):
        assert client.post(url("assessment", her.pk), wrong).context["form"].errors, wrong


def test_signs_are_raised_and_dealt_with(client: Client, world: World) -> None:
    her = world.person
    assert client.post(url("raise_flag", her.pk), {"kind": "threats"}).status_code == 302
    flag = her.warning_flags.latest("created_at")
    assert flag in client.get(url("today")).context["flags"]
    assert client.post(url("resolve_flag", her.pk, flag.pk), {"resolution": ""}).status_code == 200
    assert client.post(url("resolve_flag", her.pk, flag.pk), {"resolution": "razgovor"}).status_code == 302
    assert client.post(url("resolve_flag", her.pk, flag.pk), {"resolution": "opet"}).status_code == 409
    assert "kind" in client.post(url("raise_flag", her.pk), {"kind": "x"}).context["flag_form"].errors
