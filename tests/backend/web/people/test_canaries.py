"""P15: what is written down about people is nowhere in the clear: not in the database's files, logs, mail, queue."""

import base64
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
from backend.config.logs import MaskedFormatter
from backend.matches.tasks import refresh_all_matches
from matching.text import fold
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory
from tests.proofs import cases, report

from .conftest import World

LETTERS = "abvgdeziklmnoprstu"
ENCODINGS = ("utf-8", "utf-16", "base64", "hex", "url", "json", "other script", "folded")


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
    """Write canaries into every sealed field that pages have, and have pages refuse and fail with some."""

    def post(name: str, *keys: object, expected: int = 302, **values: object) -> None:
        answer = client.post(url(name, *keys), values)
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
    for flag in person.warning_flags.filter(resolved_on__isnull=True):
        post("resolve_flag", person.pk, flag.pk, resolution=word())
    assert actor.pk == person.counsellor_id
    refresh_all_matches.enqueue()


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
