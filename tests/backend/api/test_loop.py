"""The one loop, walked through the API: from an opening to a followed-up job."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from backend.accounts.models import User
from backend.audit.models import Event
from backend.employers.models import Check, Opening
from backend.skills.models import SkillLabel
from tests.conftest import Cast
from tests.factories import MunicipalityFactory, SkillFactory

from .world import As

API = "/api/v1/"


@pytest.fixture
def skill(db: None) -> str:
    skill = SkillFactory(preferred_labels={"sr": "šivenje", "en": "sewing"})
    for language, text in skill.preferred_labels.items():
        SkillLabel.objects.create(
            skill=skill, language=language, text=text, folded=text.replace("š", "s"), kind="preferred"
        )
    return str(skill.pk)


def post(client: APIClient, path: str, expected: int = 200, /, **body: Any) -> Any:
    answer = client.post(API + path, body, format="json")
    assert answer.status_code == expected, (path, answer.content)
    return answer.json() if answer.content else None


def published(cast: Cast, client_of: As, skill: str) -> str:
    employer, lead = client_of(cast.employer_user), client_of(cast.lead)
    opening = post(
        employer,
        "openings/",
        201,
        employer=str(cast.employer.pk),
        title="Krojačica",
        description="Šivenje i popravka odeće.",
        municipality=MunicipalityFactory().pk,
        contract="permanent",
        hours_per_week="40",
        shifts=["morning"],
        pay_from="90000",
        live_in=False,
        night=False,
        isolated=False,
        cash=False,
        languages={},
        licences=[],
        requirements=[{"skill": skill, "importance": "essential", "level": 2}, {"phrase": "preciznost"}],
    )
    path = f"openings/{opening['id']}/"
    assert {line["label"] for line in opening["requirements"]} == {None, "šivenje"}
    post(employer, path + "submit/")
    assert client_of(cast.lead).get(API + path + "screening/").json()["verdict"] in {"clear", "warn"}
    stale = client_of(cast.lead).post(
        API + path + "review/", {"outcome": "published", "content_hash": "b" * 64}, "json"
    )
    assert stale.status_code == 409
    seen = post(lead, path + "review/", outcome="published", content_hash=opening["content_hash"])
    assert (seen["status"], seen["is_vetted"]) == ("published", True)
    return str(opening["id"])


def taken_in(client: APIClient, skill: str) -> str:
    her = post(
        client,
        "beneficiaries/",
        201,
        code="K-9001",
        entered_on="2026-10-01",
        municipality=MunicipalityFactory().pk,
        permit="citizen",
        identity={"first_name": "Milica", "last_name": "Petrović", "phone": "+381641234567"},
        support_consent={"method": "signed", "language": "sr", "given_on": "2026-10-01"},
    )["id"]
    post(client, "held-skills/", 201, beneficiary=her, skill=skill, level=3, evidence="trainer", phrase="šijem")
    post(client, "languages/", 201, beneficiary=her, language="sr", spoken="C2")
    post(client, "wishes/", 201, beneficiary=her, occupations=[], max_travel_km=50)
    return str(her)


def test_from_an_opening_to_a_followed_up_job(cast: Cast, client_of: As, skill: str) -> None:
    counsellor, employer = client_of(cast.counsellor), client_of(cast.employer_user)
    opening, her = published(cast, client_of, skill), taken_in(counsellor, skill)

    ranking = post(counsellor, f"beneficiaries/{her}/rank/")
    assert counsellor.get(f"{API}beneficiaries/{her}/matches/").json() == ranking
    [match] = ranking["matches"]
    assert match["opening"] == opening
    assert {"reasons", "gaps", "missing", "lane"} <= match.keys()
    assert match["reasons"]

    post(counsellor, f"matches/{match['id']}/decide/", kind="she_says_yes", expected_state="proposed")
    post(counsellor, f"matches/{match['id']}/decide/", 409, kind="dismiss", expected_state="proposed")

    introduction = post(counsellor, f"matches/{match['id']}/introduce/", 201)["id"]
    path, hers = f"introductions/{introduction}/", f"candidates/{introduction}/"
    assert employer.get(API + hers).status_code == 404
    post(counsellor, path + "share/", 400)  # nothing leaves before she agrees
    post(counsellor, path + "agree/", method="signed", language="sr")
    preview = counsellor.get(API + path + "preview/").content
    post(counsellor, path + "share/")

    blind = employer.get(API + hers)
    assert blind.json()["profile"].keys() == {"skills", "languages", "licences", "experience"}
    assert "identity" not in blind.json()
    # Byte for byte what the preview showed, but for the instant of sharing.
    shared_at = f'"shared_at":"{blind.json()["shared_at"]}"'.encode()
    assert blind.content.replace(shared_at, b'"shared_at":null') == preview
    assert counsellor.get(API + path + "preview/").content == blind.content
    for word in ("Milica", "Petrović", "641234567", her, "K-9001", "beneficiary", "match"):
        assert word not in blind.content.decode()
    post(employer, hers + "answer/", answer="question", question="Od kada?")
    post(counsellor, path + "reply/", 400, reply="Milica je u sigurnoj kući.")
    post(counsellor, path + "reply/", reply="Od ponedeljka.")
    assert employer.get(API + hers).json()["reply"] == "Od ponedeljka."
    post(employer, hers + "answer/", answer="interested")
    assert employer.get(API + hers).json()["profile"].keys() >= {"hours", "shifts"}
    post(counsellor, path + "consent/", method="signed", language="sr", fields=["first_name", "phone"])
    post(counsellor, path + "disclose/")
    assert employer.get(API + hers).json()["identity"] == {"first_name": "Milica"}
    post(counsellor, path + "interview/", interview_at="2026-11-05T10:00:00+01:00")
    assert employer.get(API + hers).json()["identity"] == {"first_name": "Milica", "phone": "+381641234567"}
    post(counsellor, path + "advance/", to_state="offer")
    spell = post(
        counsellor,
        "spells/",
        201,
        beneficiary=her,
        introduction=introduction,
        employer=str(cast.employer.pk),
        job_title="Krojačica",
        contract="permanent",
        started_on="2026-11-01",
        evidence="A",
    )
    assert counsellor.get(API + path).json()["state"] == "hired"

    due = counsellor.get(f"{API}follow-ups/?spell={spell['id']}&ordering=due_on").json()["results"]
    assert [line["day"] for line in due][:3] == [3, 7, 30]
    first = f"follow-ups/{due[0]['id']}/"
    post(counsellor, first + "attempts/", channel="call", result="unreachable")
    found = {"result": "reached", "status": "same_employer", "contacted_on": "2026-11-02", "evidence": "C"}
    told = post(counsellor, first + "record/", **found, flags=["wages_withheld"])
    assert (told["result"], len(told["attempts"])) == ("reached", 1)
    post(counsellor, first + "record/", 409, **found)
    [flag] = counsellor.get(f"{API}flags/?beneficiary={her}").json()["results"]
    post(counsellor, f"flags/{flag['id']}/resolve/", resolution="Razgovarano.")
    post(counsellor, f"flags/{flag['id']}/resolve/", 409, resolution="Još jednom.")
    ended = post(counsellor, f"spells/{spell['id']}/end/", ended_on="2026-11-02", end_reason="moved")
    assert ended["ended_on"] == "2026-11-02"


def test_a_refusal_takes_the_candidate_out_of_sight(cast: Cast, client_of: As, world: dict[str, Any]) -> None:
    employer, path = client_of(cast.employer_user), f"candidates/{world['candidates'].pk}/"
    assert employer.post(API + path + "answer/", {"answer": "declined", "reason": "filled"}, "json").status_code == 204
    assert employer.get(API + path).status_code == 404


def test_handing_over_moves_her_out_of_sight(cast: Cast, client_of: As, world: dict[str, Any]) -> None:
    path = f"{API}beneficiaries/{cast.beneficiary.pk}/"
    answer = client_of(cast.counsellor).post(
        path + "hand-over/", {"to": str(cast.colleague.pk), "reason": "leave"}, "json"
    )
    assert answer.status_code == 204
    assert client_of(cast.counsellor).get(path).status_code == 404
    assert client_of(cast.colleague).get(path).status_code == 200


@pytest.fixture
def ledger(settings: Any, tmp_path: Any) -> Any:
    settings.ERASURE_LEDGER = tmp_path / "ledger"
    return settings.ERASURE_LEDGER


def test_she_is_erased_on_her_request_and_never_by_a_slip(
    cast: Cast, client_of: As, world: dict[str, Any], ledger: Any
) -> None:
    path = f"{API}beneficiaries/{cast.beneficiary.pk}/"
    counsellor = client_of(cast.counsellor)
    for slip in ({}, {"reason": ""}, {"reason": "tidying up"}):
        assert counsellor.post(path + "erase/", slip, "json").status_code == 400
    assert counsellor.get(path + "identity/").json()["first_name"] == "Milica"
    assert counsellor.delete(path).status_code == 405
    assert client_of(cast.colleague).post(path + "erase/", {"reason": "her_request"}, "json").status_code == 404
    assert not ledger.exists()
    assert counsellor.post(path + "erase/", {"reason": "her_request"}, "json").status_code == 204
    assert counsellor.get(path).status_code == 404
    assert counsellor.post(path + "erase/", {"reason": "her_request"}, "json").status_code == 404
    assert str(cast.beneficiary.pk) in ledger.read_text()
    assert Event.objects.filter(act="erase_person", actor=cast.counsellor).count() == 1


def test_reading_an_identity_leaves_a_trace(cast: Cast, client_of: As, world: dict[str, Any]) -> None:
    client, path = client_of(cast.counsellor), f"{API}beneficiaries/{cast.beneficiary.pk}/identity/"
    assert client.get(path).json()["first_name"] == "Milica"
    assert Event.objects.filter(act="read_identity", actor=cast.counsellor).count() == 1
    changed = client.put(path, {"first_name": "Mila", "last_name": "Petrović"}, "json")
    assert changed.json()["first_name"] == "Mila"


def test_an_identity_that_is_not_written_yet_is_missing(cast: Cast, client_of: As) -> None:
    path = f"{API}beneficiaries/{cast.beneficiary.pk}/identity/"
    assert client_of(cast.counsellor).get(path).status_code == 404


def test_a_course_gives_its_skills(cast: Cast, client_of: As, skill: str) -> None:
    client, her = client_of(cast.counsellor), str(cast.beneficiary.pk)
    course = post(
        client, "courses/", 201, title="Krojenje", provider="Škola", hours=40, grants=[{"skill": skill, "level": 3}]
    )
    days = {"starts_on": "2026-11-01", "ends_on": "2026-11-02"}
    session = post(client, "sessions/", 201, course=course["id"], capacity=1, **days)
    enrolment = post(client, "enrolments/", 201, session=session["id"], beneficiary=her)["id"]
    attended = post(client, f"enrolments/{enrolment}/attendance/", day="2026-11-02", present=True)
    assert attended["attendances"] == [{"on": "2026-11-02", "present": True}]
    post(client, f"enrolments/{enrolment}/complete/", on="2026-11-02", number="7")
    [credential] = client.get(f"{API}credentials/?enrolment={enrolment}").json()["results"]
    assert credential["number"] == "7"
    [held] = client.get(f"{API}held-skills/?beneficiary={her}").json()["results"]
    assert (held["skill"], held["level"], held["evidence"]) == (skill, 3, "certificate")
    assert client.delete(f"{API}held-skills/{held['id']}/").status_code == 204


def test_an_opening_pauses_renews_and_closes(cast: Cast, client_of: As, skill: str) -> None:
    employer, opening = client_of(cast.employer_user), published(cast, client_of, skill)
    for act, status in (("pause", "paused"), ("resume", "published"), ("renew", "published")):
        assert post(employer, f"openings/{opening}/{act}/")["status"] == status
    changed = employer.patch(f"{API}openings/{opening}/", {"title": "Krojač"}, "json").json()
    assert (changed["status"], changed["is_vetted"]) == ("submitted", False)
    assert post(employer, f"openings/{opening}/close/")["status"] == "closed"


def test_words_are_linked_to_skills(cast: Cast, client_of: As, skill: str) -> None:
    for user in (cast.counsellor, cast.employer_user):
        [linked] = post(client_of(user), "skills/link/", phrases=["шивење"])
        assert linked["links"][0]["skill"] == skill


def test_the_employer_side_is_set_up_by_staff(cast: Cast, client_of: As) -> None:
    client, lead = client_of(cast.counsellor), client_of(cast.lead)
    employer = post(client, "employers/", 201, name="Konac d.o.o.", tax_number="RS 100002887", sector="C")["id"]
    post(client, f"employers/{employer}/correct/", registry_number="17162543", address="Glavna 1")
    for item in Check.Item.values:
        post(client, f"employers/{employer}/check/", item=item, result="passed", evidence="APR")
    post(lead, f"employers/{employer}/vet/", 400, outcome="cleared", note="APR")
    post(client, f"employers/{employer}/propose/", note="APR")
    post(client, f"employers/{employer}/vet/", 403, outcome="cleared", note="APR")
    assert post(lead, f"employers/{employer}/vet/", outcome="cleared", note="APR")["status"] == "cleared"
    contact = post(client, "contacts/", 201, employer=employer, name="Ana", email="ana@example.org")["id"]
    post(client, f"contacts/{contact}/invite/")
    post(client, f"contacts/{contact}/invite/", 409)
    assert User.objects.get(email="ana@example.org").is_employer
    assert post(client, f"contacts/{contact}/end/")["ended_on"]
    post(client, f"contacts/{contact}/end/", 409)


def test_a_file_of_openings_is_taken_row_by_row(cast: Cast, client_of: As) -> None:
    content = (
        '[{"@type": "JobPosting", "title": "Krojačica", "datePosted": "2026-11-01", "validThrough": "2026-12-01",'
        f' "hiringOrganization": {{"@type": "Organization", "name": "{cast.employer.name}",'
        f' "taxID": "{cast.employer.tax_number}"}}}}, {{"@type": "JobPosting"}}]'
    ).encode()
    for added, unchanged in ((1, 0), (0, 1)):
        upload = SimpleUploadedFile("openings.json", content, "application/ld+json")
        report = client_of(cast.counsellor).post(f"{API}openings/import/", {"file": upload}).json()
        assert (report["added"], report["unchanged"], report["refused"]) == (added, unchanged, 1)
        assert report["rows"][1]["errors"][0].keys() == {"field", "reason"}
    assert Opening.objects.get(title="Krojačica").status == "submitted"
