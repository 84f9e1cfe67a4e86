"""Acts take their locks in the order of core.locking, read from the statements they send.

By table: that an act takes rows of one table by key is left to `hold_all`.
"""

import datetime as dt
import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from backend.audit.services import record
from backend.beneficiaries import services as files
from backend.employers import services as employers
from backend.employers.models import Opening
from backend.matches import services as matching
from backend.matches.models import Introduction, Match
from backend.matches.services import links
from backend.outcomes import services as outcomes
from backend.skills.models import Skill
from backend.trainings import services as trainings
from backend.trainings.models import Course, GrantedSkill
from tests.backend.matches.conftest import match, opening, sewing, walk
from tests.conftest import Cast
from tests.factories import EmployerFactory, OpeningFactory, SkillFactory

__all__ = ["match", "opening", "sewing", "walk"]
SERVICES = (files, employers, matching, outcomes, trainings)
LOCK = re.compile(r'^UPDATE "(\w+)"|^DELETE FROM "(\w+)"|^SELECT .*? FROM "(\w+)".* FOR (?:NO KEY )?UPDATE', re.S)
ORDER = {
    "employers_opening": 1,
    "employers_requirement": 1,
    "beneficiaries_beneficiary": 2,
    "matches_answerlink": 3,
    "employers_invitation": 3,
    "beneficiaries_consent": 4,
    "outcomes_employmentspell": 5.5,
    "matches_introduction": 6,
    "employers_employer": 7,
    "accounts_user": 7.5,
    "audit_chain": 8,
}
HER_LINES = 5
NO_PART = ("vault_datakey", "django_tasks_database_dbtaskresult")
"""Taken last or by nobody else."""


def disorder(statements: list[str]) -> list[str]:
    """Tables that are locked for the first time after one that comes later."""
    seen: dict[str, float] = {}
    wrong = []
    for statement in statements:
        found = LOCK.match(statement)
        table = next(filter(None, found.groups())) if found else ""
        if not table or table in seen or table in NO_PART:
            continue
        place = ORDER.get(table, HER_LINES)
        wrong += [f"{table} after {other}" for other, before in seen.items() if before > place]
        seen[table] = place
    return wrong


class Watch:
    """Notes of every service it is put over what it did, and what it locked out of order."""

    def __init__(self) -> None:
        self.acts: set[str] = set()
        self.wrong: list[tuple[str, str]] = []

    def over(self, service: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(service)
        def watched(*given: Any, **named: Any) -> Any:
            statements: list[str] = []

            def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
                statements.append(sql)
                return execute(sql, *rest)

            with connection.execute_wrapper(note):
                done = service(*given, **named)
            self.acts.add(service.__name__)
            self.wrong += [(service.__name__, what) for what in disorder(statements)]
            return done

        return watched


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, settings, tmp_path: Path) -> Watch:
    settings.ERASURE_LEDGER = str(tmp_path / "ledger")
    if not connection.features.has_select_for_update:  # SQLite locks all or nothing: let it say what it is asked for
        for able in ("has_select_for_update", "has_select_for_update_of", "has_select_for_no_key_update"):
            monkeypatch.setattr(connection.features, able, True)
        monkeypatch.setattr(connection.ops, "for_update_sql", lambda **_how: "/* FOR UPDATE */")
    watch = Watch()
    for package in SERVICES:
        for name in _acts(package):
            monkeypatch.setattr(package, name, watch.over(getattr(package, name)))
    return watch


def _acts(package: ModuleType) -> list[str]:
    """Functions that are called by keyword only."""
    names = getattr(package, "__all__", None) or vars(package)
    return [name for name in names if getattr(getattr(package, name), "__kwdefaults__", None) is not None
            or hasattr(getattr(package, name), "__wrapped__")]  # fmt: skip


def test_the_way_to_a_job_and_what_follows(cast: Cast, watch: Watch, walk: Any, today: dt.date) -> None:
    """Proposed to hired, a job, its contacts with a red sign, the next job, and erasure."""
    introduction = walk("offer")
    hers = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    job = {"job_title": "x", "contract": "permanent", "evidence": "A", "on": today}
    before = outcomes.start_spell(**hers, **job, started_on=today - dt.timedelta(days=90))
    contacts = list(before.follow_ups.order_by("day"))
    outcomes.keep_draft(actor=cast.counsellor, follow_up=contacts[0], on=today, now=introduction.created_at, note="x")
    seen = {"result": "reached", "status": "same_employer", "contacted_on": today, "on": today}
    outcomes.record_follow_up(actor=cast.counsellor, follow_up=contacts[0], **seen, flags=["third_party"])
    outcomes.end_spell(actor=cast.counsellor, spell=before, ended_on=today, reason="moved", on=today)
    tomorrow = today + dt.timedelta(days=1)
    spell = outcomes.start_spell(**hers, **job | {"on": tomorrow}, started_on=tomorrow, introduction=introduction)
    other = matching.propose_introduction(**_another(cast, introduction.created_at))
    outcomes.record_follow_up(
        actor=cast.counsellor, follow_up=spell.follow_ups.first(), flags=["threats", "confinement"],
        **seen | {"contacted_on": tomorrow, "on": tomorrow},
    )  # fmt: skip
    assert Introduction.objects.get(pk=other.pk).state == "frozen"
    outcomes.raise_flag(**hers, kind="threats", on=today)
    files.set_goal(**hers, domain="legal", text="x", owner="y", on=today)
    files.add_safety_rule(**hers, kind="sector", sector="C", on=today)
    again = matching.propose_introduction(**_another(cast, introduction.created_at, sector="M"))
    outcomes.erase_person(**hers, now=introduction.created_at)
    assert Introduction.objects.get(pk=again.pk).state == "withdrawn"
    assert watch.wrong == []
    assert {"share_introduction", "disclose_identity", "start_spell", "record_follow_up", "erase_person"} <= watch.acts


def _another(cast: Cast, now: dt.datetime, sector: str = "") -> dict[str, Any]:
    employer = cast.employer
    if sector:
        employer = EmployerFactory(programme=cast.programme, cleared=True, sector=sector)
    opening = OpeningFactory(published=True, employer=employer, night=False, live_in=False)
    run = cast.beneficiary.match_runs.first()
    match = Match.objects.create(beneficiary=cast.beneficiary, opening=opening, run=run, lane="now", score=0.5)
    return {"actor": cast.counsellor, "match": match, "now": now}


def test_what_ends_an_introduction(cast: Cast, watch: Watch, walk: Any, now: dt.datetime) -> None:
    introduction = walk("shared_blind")
    token = links.issue_link(introduction=introduction, contact=cast.employer.contacts.get(), now=now)
    watch.over(links.answer_by_link)(token=token, answer="question", question="Kada?", now=now)
    matching.reply_to_question(
        actor=cast.counsellor, introduction=Introduction.objects.get(), reply="U ponedeljak", now=now
    )
    matching.nudge_employers(now=now + dt.timedelta(days=9))
    matching.lapse_introductions(now=now + dt.timedelta(days=30))
    assert Introduction.objects.get().state == "lapsed"
    second = matching.propose_introduction(**_another(cast, now))
    matching.record_agreement(actor=cast.counsellor, introduction=second, method="signed", language="sr", now=now)
    matching.withdraw_consent(actor=cast.counsellor, consent=second.blind_consent, now=now)
    third = _another(cast, now)
    matching.decide(**third, kind="she_says_yes")
    introduction = matching.propose_introduction(**third)
    matching.decide(**third, kind="she_says_no")
    assert Introduction.objects.get(pk=introduction.pk).state == "declined_by_her"
    assert watch.wrong == []
    assert {"answer_by_link", "lapse_introductions", "withdraw_consent", "decide"} <= watch.acts


def test_files_trainings_and_employers(
    cast: Cast, watch: Watch, sewing: Skill, today: dt.date, now: dt.datetime
) -> None:
    hers = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    course = Course.objects.create(programme=cast.programme, title="Kurs", provider="Škola", hours=4)
    for skill in (sewing, SkillFactory()):
        GrantedSkill.objects.create(course=course, skill=skill)
        files.note_skill(**hers, skill=skill, level=1, evidence="self", on=today)
    session = trainings.plan_session(actor=cast.counsellor, course=course, starts_on=today, ends_on=today, capacity=3)
    enrolment = trainings.enrol(**hers, session=session, on=today)
    trainings.record_attendance(actor=cast.counsellor, enrolment=enrolment, day=today, present=True)
    trainings.complete_enrolment(actor=cast.counsellor, enrolment=enrolment, on=today)
    matching.rank_beneficiary(**hers, now=now)
    files.remove_skill(actor=cast.counsellor, held_skill=cast.beneficiary.skills.first())
    files.hand_over(**hers, to=cast.colleague, reason="leave")
    employer = EmployerFactory(programme=cast.programme)
    employers.ban_employer(actor=cast.lead, employer=employer, reason="x", on=today)
    table = "naziv;poslodavac;šifra;opis\nKrojačica;{0};A1;{1}\nKuvarica;{0};A2;{1}\n"
    for words in ("prvi", "drugi"):
        content = table.format(cast.employer.name, words).encode()
        employers.import_openings(actor=cast.counsellor, name="a.csv", content=content, on=today)
    assert Opening.objects.filter(source="import").count() == 2
    assert watch.wrong == []
    assert {"complete_enrolment", "rank_beneficiary", "remove_skill", "ban_employer", "import_openings"} <= watch.acts


def test_an_act_out_of_order_would_be_noticed(cast: Cast, watch: Watch, walk: Any) -> None:
    """A negative control: recorded first, changed after."""
    introduction = walk("proposed")

    @transaction.atomic
    def hasty() -> None:
        record(actor=cast.counsellor, act="decide", obj=introduction)
        Introduction.objects.filter(pk=introduction.pk).update(question="x")

    watch.over(hasty)()
    assert watch.wrong == [("hasty", "matches_introduction after audit_chain")]


def test_a_refusal_is_an_act_too(cast: Cast, watch: Watch, walk: Any, now: dt.datetime) -> None:
    introduction = walk("agreed_by_her")
    Opening.objects.update(content_hash="b" * 64, status="submitted")
    with pytest.raises(ValidationError):
        matching.share_introduction(actor=cast.counsellor, introduction=introduction, now=now)
    assert watch.wrong == []
