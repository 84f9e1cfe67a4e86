"""Employment, follow-ups, assessments and warning signs, through the pages."""

import datetime as dt
import re

from django.test import Client
from django.urls import reverse

from backend.beneficiaries.services import hand_over
from backend.matches.models import Introduction
from backend.outcomes import services
from backend.outcomes.models import Assessment, EmploymentSpell, FollowUp, FollowUpDraft, WarningFlag
from tests.backend.web.conftest import SignIn
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


def test_who_comes_second_sees_what_was_recorded(client: Client, world: World) -> None:
    page = url("follow_up", world.follow_up.pk)
    client.post(page, CALL | {"note": "Sve je u redu"})
    second = client.post(page, CALL | {"status": "not_employed", "note": "Dala je otkaz"})
    assert second.status_code == 409
    shown = second.content.decode()
    for words in ("Yours was not recorded", "works at the same employer", "Sve je u redu", "Dala je otkaz"):
        assert words in shown, words
    assert "<textarea" not in shown
    late = {"hx-request": "true"}
    for headers, words in ((late, "recorded already. On 2 Nov 2026"), ({}, "What was found")):
        draft = client.post(url("keep_draft", world.follow_up.pk), CALL, headers=headers)
        assert draft.status_code == 409
        assert words in draft.content.decode()
    assert not FollowUpDraft.objects.exists()


def test_a_missed_contact_is_answered_later(client: Client, world: World) -> None:
    page = url("follow_up", world.follow_up.pk)
    missed = {"result": "unreachable", "contacted_on": "2026-11-02", "evidence": "C", "note": "Nije se javila"}
    assert client.post(page, missed).status_code == 302
    shown = client.get(page).content.decode()
    for words in ("Nije se javila", "If somebody reaches her later", "Record the follow-up", "Note a try"):
        assert words in shown, words
    again = client.post(page, missed)
    assert again.status_code == 409
    assert "Yours was not recorded" in again.content.decode()
    wrong = client.post(page, CALL | {"status": ""})
    assert (wrong.status_code, "Yours was not recorded" in wrong.content.decode()) == (200, False)
    assert client.post(url("keep_draft", world.follow_up.pk), CALL).status_code == 302
    assert client.post(page, CALL | {"note": "Sve je u redu"}).status_code == 302
    shown = client.get(page).content.decode()
    for words in ("Sve je u redu", "Nije se javila", "not reached"):
        assert words in shown, words
    assert "Record the follow-up" not in shown
    assert "Note a try" not in shown


def test_asked_about_work_that_has_ended(client: Client, world: World) -> None:
    """Her first placement's contacts stay when she moves; the page says that she has left."""
    client.post(url("end_spell", world.person.pk, world.spell.pk), {"ended_on": "2026-10-20", "reason": "better_job"})
    assert "worked there from" in client.get(url("follow_up", world.follow_up.pk)).content.decode()


def test_an_interrupted_follow_up_goes_on_where_it_was_left(client: Client, world: World) -> None:
    page, draft = url("follow_up", world.follow_up.pk), url("keep_draft", world.follow_up.pk)
    half = {"contacted_on": "2026-11-02", "pay_on_time": "0", "red": ["threats"], "amber": ["third_party"]}
    half |= {"note": "Zvala je, prekinulo se", "result": "", "status": "", "feels_safe": ""}
    answer = client.post(draft, half, follow=True)  # the button, without a script
    assert answer.redirect_chain == [(url("today"), 302)]
    assert "begun" in answer.content.decode()
    form = client.get(page).context["form"]
    assert {name: form[name].value() for name in ("contacted_on", "pay_on_time", "feels_safe", "note")} == {
        "contacted_on": "2026-11-02", "pay_on_time": "0", "feels_safe": None, "note": "Zvala je, prekinulo se",
    }  # fmt: skip
    shown = client.get(page).content.decode()
    assert [sign for sign in ("threats", "third_party", "confinement") if f'value="{sign}" checked' not in re.sub(
        r' id="[^"]*"', "", shown)] == ["confinement"]  # fmt: skip
    line = client.post(draft, half | {"result": "reached"}, headers={"hx-request": "true"}).content.decode()
    assert "<form" not in line
    assert "Kept 2 Nov 2026" in line
    refused = client.post(draft, half | {"contacted_on": "2026-12-01"}, headers={"hx-request": "true"})
    assert "Not kept:" in refused.content.decode()
    assert "has not come yet" in refused.content.decode()
    assert "contacted_on" in client.post(draft, half | {"contacted_on": "2026-12-01"}).context["form"].errors
    assert FollowUpDraft.objects.get().answers["contacted_on"] == "2026-11-02"
    assert client.post(page, CALL | {"note": ""}).status_code == 302
    assert not FollowUpDraft.objects.exists()


def test_a_draft_is_on_the_page_of_who_may_record_it_and_on_no_other(
    client: Client, world: World, cast: Cast, sign_in: SignIn
) -> None:
    page = url("follow_up", world.follow_up.pk)
    client.post(url("keep_draft", world.follow_up.pk), CALL | {"note": "Samo za mene"})
    colleague = sign_in(cast.colleague)
    for path in (page, url("today"), url("person_work", world.person.pk)):
        assert "Samo za mene" not in colleague.get(path).content.decode()
    hand_over(actor=cast.counsellor, beneficiary=world.person, to=cast.colleague, reason="leave")
    assert "Samo za mene" in colleague.get(page).content.decode()
    assert client.get(page).status_code == 404


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


def test_signs_stand_by_severity_then_day(client: Client, world: World, cast: Cast, today: dt.date) -> None:
    """On Today, in her file and in the API alike."""
    her, actor = world.person, cast.counsellor
    world.person.warning_flags.all().delete()
    for kind, days in (("third_party", -9), ("threats", 0), ("sudden_move", -12), ("confinement", -2)):
        services.raise_flag(actor=actor, beneficiary=her, kind=kind, on=today + dt.timedelta(days=days))
    order = ["confinement", "threats", "sudden_move", "third_party"]
    page = client.get(url("today"))
    assert [flag.kind for flag in page.context["flags"]] == order
    due = re.findall(r"late since [^<]+|(?<=>)today(?=<)", page.content.decode().split("Follow-ups")[0])
    assert due == ["late since 31 Oct 2026", "today", "late since 24 Oct 2026", "late since 27 Oct 2026"]
    assert [flag.kind for flag, _form in client.get(url("person_work", her.pk)).context["flags"]] == order
    told = client.get("/api/v1/flags/?resolved_on__isnull=true").json()["results"]
    assert [flag["kind"] for flag in told] == order


def test_signs_follow_her_to_the_new_counsellor(client: Client, world: World, cast: Cast, sign_in: SignIn) -> None:
    client.post(url("follow_up", world.follow_up.pk), CALL | {"red": ["threats"]})
    flag = WarningFlag.objects.get(severity="red")
    hand_over(actor=cast.counsellor, beneficiary=world.person, to=cast.colleague, reason="leave")
    assert flag not in client.get(url("today")).context["flags"]
    assert flag in sign_in(cast.colleague).get(url("today")).context["flags"]


def test_a_red_sign_on_the_form_freezes_what_is_under_way(client: Client, world: World, cast: Cast) -> None:
    """Every counsellor's introductions to that employer, and no other's; an amber one freezes nothing."""
    world.spell.employer = cast.employer
    world.spell.save()
    introduction = world.introduction
    assert introduction.match.opening.employer == cast.employer
    client.post(url("keep_draft", world.follow_up.pk), CALL | {"red": ["wages_withheld"]})
    assert Introduction.objects.get(pk=introduction.pk).state == "proposed"  # a draft does nothing
    other = world.spell.follow_ups.exclude(pk=world.follow_up.pk).order_by("due_on").first()
    client.post(url("follow_up", other.pk), CALL | {"amber": ["third_party"]})
    assert Introduction.objects.get(pk=introduction.pk).state == "proposed"
    client.post(url("follow_up", world.follow_up.pk), CALL | {"red": ["wages_withheld"]})
    assert Introduction.objects.get(pk=introduction.pk).state == "frozen"


def test_her_counsellor_is_told_of_a_sign_that_a_colleague_notes(
    client: Client, world: World, cast: Cast, sign_in: SignIn, mailoutbox: list, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url("raise_flag", world.person.pk), {"kind": "threats"})
    assert mailoutbox == []  # she noted it herself
    colleague = sign_in(cast.colleague)
    colleague.post(url("break_glass"), {"code": world.person.code, "reason": "hitno"})
    with django_capture_on_commit_callbacks(execute=True):
        colleague.post(url("raise_flag", world.person.pk), {"kind": "confinement"})
    (letter,) = mailoutbox
    assert letter.to == [cast.counsellor.email]
    assert world.person.code not in letter.subject + letter.body
