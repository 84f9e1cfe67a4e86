"""P15: what is written down about people is nowhere in the clear: not in the database's files, logs, mail, queue."""

import base64
import datetime as dt
import io
import logging
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from cyrtranslit import to_cyrillic, to_latin
from django.conf import LazySettings
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from backend.beneficiaries import services as files
from backend.beneficiaries.models import Beneficiary
from backend.config.logs import MaskedFormatter
from backend.matches.models import Match, MatchRun
from backend.matches.tasks import refresh_all_matches
from backend.trainings.models import Course, Enrolment, Session
from backend.vault.inspection import sealed_fields
from matching.text import fold
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, OpeningFactory, SkillFactory
from tests.proofs import cases, report

from .conftest import World

LETTERS = "abvgdeziklmnoprstu"
ENCODINGS = ("utf-8", "utf-16", "base64", "hex", "url", "json", "other script", "folded")


CODE, NUMBER, KEY = "one of a few codes", "a number or a day", "the key of a row of a table that names nobody"
WORDLESS = {
    "beneficiaries.Identity.birth_date": NUMBER,
    "beneficiaries.Identity.safe_channel": CODE,
    "beneficiaries.Goal.domain": CODE,
    "beneficiaries.SafetyRule.kind": CODE,
    "beneficiaries.SafetyRule.municipality_id": KEY,
    "beneficiaries.SafetyRule.radius_km": NUMBER,
    "beneficiaries.SafetyRule.employer_id": KEY,
    "beneficiaries.SafetyRule.sector": CODE,
    "beneficiaries.SafetyRule.condition": CODE,
    "matches.MatchRun.excluded": "codes of rules, each with a number",
    "outcomes.ContactAttempt.channel": CODE,
    "outcomes.ContactAttempt.result": CODE,
    "outcomes.WarningFlag.kind": CODE,
}
"""Sealed fields into which no canary goes, and why not: a new one gets a canary or a line here."""


class Aviary:
    """Draws words and numbers that stand nowhere else, and remembers them."""

    def __init__(self) -> None:
        self.draws, self.words = random.Random(15), list[str]()

    def word(self) -> str:
        word = "Kan" + "".join(self.draws.choices(LETTERS, k=11))
        self.words.append(word if self.draws.random() < 0.5 else to_cyrillic(word))
        return self.words[-1]

    def phone(self) -> str:
        self.words.append(f"64{self.draws.randrange(1_000_000, 9_999_999)}")
        return f"+381{self.words[-1]}"

    def email(self) -> str:
        word = fold(self.word())
        self.words.append(word)
        return f"{word}@example.org"


def songs(word: str) -> dict[str, set[bytes]]:
    """How the word looks in each encoding."""
    plain = word.encode()
    # Inside a longer text base64 can begin at any of three bytes; what both ends share with neighbours is left out.
    shifted = {base64.b64encode(bytes(shift) + plain)[4:-4] for shift in range(3)}
    script = to_latin if any(letter > "ӿ" or letter >= "Ѐ" for letter in word) else to_cyrillic
    return {
        "utf-8": {plain},
        "utf-16": {word.encode("utf-16-le"), word.encode("utf-16-be")},
        "base64": shifted,
        "hex": {plain.hex().encode(), plain.hex().upper().encode()},
        "url": {quote(word).encode(), quote(word, safe="").lower().encode()},
        "json": {word.encode("ascii", "backslashreplace")},
        "other script": {script(word).encode()},
        "folded": {fold(word).encode()},
    }


def heard(word: str, air: bytes) -> set[str]:
    low = air.lower()
    return {
        encoding
        for encoding, forms in songs(word).items()
        if any(form in (low if encoding == "folded" else air) for form in forms)
    }


def database() -> bytes:
    """All that the database keeps on disk: the file and its log, or a dump."""
    if connection.vendor == "sqlite":
        file = str(connection.settings_dict["NAME"])
        return b"".join(path.read_bytes() for path in (Path(file), Path(f"{file}-wal")) if path.exists())
    connection.close()
    server = connection.settings_dict
    url = (
        f"postgresql://{server['USER']}:{server['PASSWORD']}@{server['HOST']}:{server['PORT'] or 5432}/{server['NAME']}"
    )
    return subprocess.run(["pg_dump", "--dbname", url], capture_output=True, check=True).stdout


@pytest.fixture
def written(settings: LazySettings) -> Iterator[io.StringIO]:
    """What the product's own handler writes; its mail goes to an administrator."""
    settings.ADMINS = [("", "admin@example.org")]
    handler = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, MaskedFormatter))
    assert isinstance(handler, logging.StreamHandler)
    text = io.StringIO()
    before = handler.setStream(text)
    yield text
    handler.setStream(before)


def url(name: str, *keys: object) -> str:
    return reverse(f"web:{name}", args=keys)


def release(client: Client, world: World, cast: Cast, birds: Aviary, people: int) -> None:
    """Write canaries into every sealed field that holds words, and have pages refuse and fail with some."""

    def post(name: str, *keys: object, expected: int = 302, by: Client = client, **values: object) -> None:
        answer = by.post(url(name, *keys), values)
        assert answer.status_code == expected, (name, getattr(answer, "context", None) and answer.context.get("form"))

    word = birds.word
    for _ in range(people):
        her = BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor)
        who = {"first_name": word(), "last_name": word(), "address": word(), "safe_hours": word(), "code_word": word()}
        who |= {"phone": birds.phone(), "email": birds.email(), "safe_channel": "text"}
        post("person_identity", her.pk, expected=200, **who, birth_date="31.31.1999")
        post("person_identity", her.pk, **who)
        post("set_goal", her.pk, domain="legal", text=word(), owner=word())
        post("note_experience", her.pk, title=word(), years="2")
        post("save_wishes", her.pk, own_words=word())
        client.get(url("person", her.pk), {"q": birds.words[-1]})
        client.get(f"/people/{birds.words[0]}/")
    person, actor = world.person, cast.counsellor
    rule = person.safety_rules.get()
    post("lift_rule", person.pk, rule.pk, reason=word())
    post("follow_up", world.follow_up.pk, result="reached", status="same_employer", contacted_on="2026-11-02",
         evidence="C", pay_on_time="", feels_safe="", note=word())  # fmt: skip
    seen = {"result": "reached", "status": "same_employer", "contacted_on": "2026-11-02", "evidence": "C"}
    waiting = world.spell.follow_ups.exclude(pk=world.follow_up.pk).first()
    post("keep_draft", waiting.pk, **seen, pay_on_time="", feels_safe="", note=word())
    post("note_skill", person.pk, phrase=word(), skill=SkillFactory().pk, level="2", evidence="trainer")
    post("decide", _another_match(cast, person).pk, answer="she_says_yes:", expected_state="proposed", note=word())
    post("complete_enrolment", _enrolment(cast, person).pk, number=word())
    colleague = Client()
    colleague.force_login(cast.colleague)
    post("break_glass", code=person.code, reason=word(), by=colleague)
    for flag in person.warning_flags.filter(resolved_on__isnull=True):
        post("resolve_flag", person.pk, flag.pk, resolution=word())
    assert actor.pk == person.counsellor_id
    refresh_all_matches.enqueue()


def _another_match(cast: Cast, person: Beneficiary) -> Match:
    """One that nothing was decided on."""
    return Match.objects.create(
        beneficiary=person,
        opening=OpeningFactory(published=True, employer=cast.employer),
        run=MatchRun.objects.filter(beneficiary=person).latest("ran_at"),
        lane="now",
        score=0.5,
    )


def _enrolment(cast: Cast, person: Beneficiary) -> Enrolment:
    """In a training that is over."""
    course = Course.objects.create(programme=cast.programme, title="Krojenje", provider="Škola", hours=40)
    starts_on, ends_on = dt.date(2026, 10, 1), dt.date(2026, 10, 20)
    session = Session.objects.create(course=course, starts_on=starts_on, ends_on=ends_on, capacity=5)
    return Enrolment.objects.create(session=session, beneficiary=person, status="enrolled", enrolled_on=starts_on)


def unsung(birds: Aviary) -> set[str]:
    """Sealed fields of which no row holds a canary, but for those that hold no words."""
    silent = set()
    for model, names in sealed_fields().items():
        for name in names:
            label = f"{model._meta.label}.{name}"
            held = " ".join(str(getattr(row, name)) for row in model._base_manager.all())
            if label not in WORDLESS and not any(word in held for word in birds.words):
                silent.add(label)
    return silent


def fail(client: Client, world: World, birds: Aviary, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that says a name, while a form is posted that says another."""
    spoken = birds.word()

    def broken(**_: object) -> None:
        raise RuntimeError(spoken)

    monkeypatch.setattr(files.plan, "record", broken)
    monkeypatch.setattr(client, "raise_request_exception", False)
    goal = {"domain": "legal", "text": birds.word(), "owner": birds.word()}
    assert client.post(url("set_goal", world.person.pk), goal).status_code == 500
    assert mail.outbox


def air(written: io.StringIO) -> bytes:
    letters = "\n".join(f"{letter.subject} {letter.body} {letter.alternatives}" for letter in mail.outbox)
    return database() + written.getvalue().encode() + letters.encode()


@pytest.mark.django_db(transaction=True)
def test_p15_no_canary_sings(
    client: Client, world: World, cast: Cast, written: io.StringIO, settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
    look(client, world, cast, written, monkeypatch, people=3)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_p15_no_canary_of_many_sings(
    client: Client, world: World, cast: Cast, written: io.StringIO, settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
    canaries, failed = look(client, world, cast, written, monkeypatch, people=cases(20))
    report("P15", tried=f"canaries in {len(ENCODINGS)} encodings", count=canaries, failed=failed)


def look(
    client: Client, world: World, cast: Cast, written: io.StringIO, monkeypatch: pytest.MonkeyPatch, people: int
) -> tuple[int, int]:
    birds = Aviary()
    release(client, world, cast, birds, people)
    assert unsung(birds) == set()
    fail(client, world, birds, monkeypatch)
    everything = air(written)
    singing = {word: found for word in birds.words if (found := heard(word, everything))}
    assert not singing
    assert len(birds.words) >= 40
    # The negative control: one is let out in a column that is not sealed, in every encoding.
    planted = birds.words[0]
    loud = b" ".join(form for forms in songs(planted).values() for form in forms).decode("latin-1")
    cast.programme.name = planted
    cast.programme.save()
    assert "utf-8" in heard(planted, air(written))
    assert heard(planted, loud.encode("latin-1")) == set(ENCODINGS)
    return len(birds.words), len(singing)


@pytest.mark.django_db
def test_a_sealed_field_without_a_canary_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: nothing was let out, and then a field is taken off the list of those without words."""
    words = {f"{model._meta.label}.{name}" for model, names in sealed_fields().items() for name in names}
    assert words >= WORDLESS.keys()
    assert unsung(Aviary()) == words - WORDLESS.keys()
    monkeypatch.delitem(WORDLESS, "outcomes.WarningFlag.kind")
    assert "outcomes.WarningFlag.kind" in unsung(Aviary())
