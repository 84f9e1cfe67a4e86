"""What leaves for the evaluation of matching: pseudonyms, what matching may see, and nothing of anybody else."""

import datetime as dt
import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.audit.models import Event
from backend.beneficiaries.models import Beneficiary, Consent, SafetyRule
from backend.matches.models import Decision, Match, MatchRun
from backend.reports.evaluation_set import evaluation_set
from backend.reports.training_set import pseudonym
from matching.__main__ import main
from tests.conftest import Cast
from tests.factories import (
    BeneficiaryFactory,
    EmployerFactory,
    IdentityFactory,
    OccupationFactory,
    OpeningFactory,
)

pytestmark = pytest.mark.django_db


def judged(cast: Cast, now: dt.datetime, *, consents: bool = True) -> Match:
    """Somebody who said no to an opening ten days ago."""
    person = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
    if consents:
        Consent.objects.create(
            beneficiary=person, purpose="research", text_version="1", language="sr", method="signed",
            recorded_by=cast.counsellor, given_on=dt.date(2024, 1, 1),
        )  # fmt: skip
    at = now - dt.timedelta(days=10)
    match = Match.objects.create(
        beneficiary=person,
        opening=OpeningFactory(employer=cast.employer, published=True),
        run=MatchRun.objects.create(beneficiary=person, ran_at=at, considered=1, excluded={}),
        state="declined",
        lane="now",
        score=0.5,
        reasons=[{"code": "distance", "contribution": 0.5, "detail": {}}],
    )
    Decision.objects.create(match=match, kind="she_says_no", decided_by=cast.counsellor, decided_at=at)
    return match


def test_people_who_do_not_consent_are_nowhere(cast: Cast, today: dt.date, now: dt.datetime) -> None:
    match, other = judged(cast, now), judged(cast, now, consents=False)
    found = evaluation_set(cast.programme, today)
    assert [record["id"] for record in found.profiles] == [pseudonym(match.beneficiary_id)]
    assert [(line["profile_id"], line["opening_id"], line["gain"]) for line in found.judged] == [
        (pseudonym(match.beneficiary_id), pseudonym(match.opening_id), 0.0)
    ]
    # Openings are the programme's, not hers: all of them are there to be ranked.
    assert {record["id"] for record in found.openings} == {pseudonym(match.opening_id), pseudonym(other.opening_id)}


def test_nothing_that_leaves_names_a_person_or_a_row_of_the_database(
    cast: Cast, today: dt.date, now: dt.datetime
) -> None:
    match = judged(cast, now)
    person, barred = match.beneficiary, EmployerFactory(programme=cast.programme)
    IdentityFactory(beneficiary=person, first_name="Sintetika", last_name="Primerović", birth_date=dt.date(1990, 3, 1))
    SafetyRule.objects.create(beneficiary=person, kind="employer", employer=barred, set_on=today)
    person.languages.create(language="sr", spoken="C2")
    person.languages.create(language="en", spoken="B1")
    found = evaluation_set(cast.programme, today)
    everything = json.dumps([found.openings, found.profiles, found.judged, found.concepts])
    for secret in ("Sintetika", "Primerovi", "1990", person.code, str(person.pk), str(match.opening_id)):
        assert secret not in everything
    assert str(cast.employer.pk) not in everything
    (profile,) = found.profiles
    assert profile["rules"]["excluded_employers"] == [pseudonym(barred.pk)]
    # The groups stand beside the judgements and in no profile.
    (line,) = found.judged
    assert (line["municipality"], line["language"], line["age_band"]) == ("Novi Sad", "sr", "35-44")
    assert not {"municipality", "age_band", "language"} & set(profile)


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (dt.date(2001, 11, 3), "under 25"),
        (dt.date(2001, 11, 2), "25-34"),  # 25 today
        (dt.date(1971, 11, 3), "45-54"),
        (dt.date(1971, 11, 2), "55 and over"),
    ],
)
def test_age_is_a_band_that_changes_on_the_birthday(
    cast: Cast, today: dt.date, now: dt.datetime, born: dt.date, band: str
) -> None:
    IdentityFactory(beneficiary=judged(cast, now).beneficiary, birth_date=born)
    assert evaluation_set(cast.programme, today).judged[0]["age_band"] == band


def test_what_is_not_known_of_a_person_is_in_no_group(cast: Cast, today: dt.date, now: dt.datetime) -> None:
    Beneficiary.objects.filter(pk=judged(cast, now).beneficiary_id).update(municipality=None)
    assert set(evaluation_set(cast.programme, today).judged[0]) == {"profile_id", "opening_id", "gain"}


def test_the_command_writes_files_that_evaluate_reads(
    cast: Cast, today: dt.date, now: dt.datetime, tmp_path: Path, capsys: Any
) -> None:
    OccupationFactory().labels.create(language="sr", text="krojačica", folded="krojacica", kind="preferred")
    judged(cast, now)
    folder, out = tmp_path / "export", StringIO()
    call_command("export_evaluation", folder, actor=cast.lead.email.upper(), on=today, yes=True, stdout=out)
    assert "1 people, 1 openings, 1 judgements" in out.getvalue()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    event = Event.objects.get(act="export_evaluation")
    assert (event.actor, event.object_id) == (cast.lead, str(cast.programme.pk))
    assert event.detail == {"people": 1, "judged": 1}
    arguments = [f"--{name}={folder / name}.jsonl" for name in ("openings", "profiles", "judged", "concepts")]
    assert main(["evaluate", *arguments, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["judged"], report["withheld"]) == (1, 0)
    # Never over what is there already.
    with pytest.raises(CommandError, match="exists"):
        call_command("export_evaluation", folder, actor=cast.lead.email, on=today, yes=True)
    assert Event.objects.filter(act="export_evaluation").count() == 1


def test_outside_demonstrations_it_has_to_be_said_twice(cast: Cast, tmp_path: Path, settings: Any) -> None:
    settings.LOCAL = False
    with pytest.raises(CommandError, match="--yes"):
        call_command("export_evaluation", tmp_path / "export", actor=cast.lead.email)
    assert not (tmp_path / "export").exists()


def test_a_lead_takes_it_out_and_nobody_else(
    cast: Cast, other_cast: Cast, now: dt.datetime, today: dt.date, tmp_path: Path
) -> None:
    judged(cast, now)

    def refusal(actor: str) -> str:
        with pytest.raises(CommandError) as refused:
            call_command("export_evaluation", tmp_path / "export", actor=actor, on=today, yes=True)
        return str(refused.value)

    for user in (cast.counsellor, cast.colleague, cast.administrator, cast.employer_user):
        assert "only a programme lead" in refusal(user.email)
    assert "there is no user" in refusal("nobody@example.org")
    # Her own programme's, in which nothing is known yet.
    assert "No outcome is known" in refusal(other_cast.lead.email)
    type(cast.lead).objects.filter(pk=cast.lead.pk).update(is_active=False)
    assert "there is no user" in refusal(cast.lead.email)
    with pytest.raises(CommandError, match="--actor"):
        call_command("export_evaluation", str(tmp_path / "export"))
    assert not (tmp_path / "export").exists()
    assert not Event.objects.filter(act="export_evaluation").exists()
