"""The busiest pages and endpoints with 10 and with 1,000 rows: queries, median time, peak memory.

    python -m benchmarks.pages

The counsellor's search by name opens the sealed names of all her people, so its time grows with them (PROTECTION.md).
Every size runs in a process and a SQLite database of its own. The number of queries must not grow with the rows; that
is also tested, this prints it beside the time. Memory is what Python allocated at the peak of one request
(tracemalloc), measured in a run of its own because tracing slows.
"""

import datetime as dt
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from statistics import median
from typing import Any

SIZES = (10, 1000)
REPEATS = 5


def main() -> None:
    measured: dict[str, dict[int, dict[str, float]]] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {
                "DEMO": "1",
                "SECRET_KEY": secrets.token_urlsafe(50),
                "VAULT_KEYS": secrets.token_urlsafe(32),
                "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
                "DJANGO_SETTINGS_MODULE": "backend.config.settings",
            }
            answer = subprocess.run(
                [sys.executable, "-m", "benchmarks.pages", str(size)],
                env=environment,
                cwd=Path(__file__).parents[1],
                stdout=subprocess.PIPE,
                check=True,
            )
        for page, figures in json.loads(answer.stdout.splitlines()[-1]).items():
            measured.setdefault(page, {})[size] = figures
    print(f"{'page or endpoint':<44}{'rows':>6}{'queries':>9}{'ms':>9}{'peak MB':>9}")
    for page, by_size in measured.items():
        for size, figures in by_size.items():
            row = f"{size:>6}{figures['queries']:>9}{figures['ms']:>9.1f}{figures['peak_mb']:>9.1f}"
            print(f"{page if size == SIZES[0] else '':<44}{row}")
        if len({figures["queries"] for figures in by_size.values()}) > 1:
            print(f"{'':<44}the number of queries differs between the sizes")


def measure(size: int) -> dict[str, dict[str, float]]:
    """Fill the database with `size` rows of every noun and call each page as the role that uses it."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from backend.core.tenancy import in_every_programme

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    with in_every_programme():
        users, pages = _fill(size, dt.datetime.now(dt.UTC))
    figures = {}
    for role, url, sent in pages:
        client = Client(headers={"host": "localhost"})
        client.force_login(users[role])

        def call(client: Client = client, url: str = url, sent: dict[str, str] | None = sent) -> None:
            response = client.post(url, sent) if sent else client.get(url)
            if response.status_code != 200:
                raise SystemExit(f"{url}: {response.status_code}")

        call()
        with CaptureQueriesContext(connection) as queries:
            call()
        asked = len(queries)  # counted now: the next request empties the log
        times = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            call()
            times.append(time.perf_counter() - started)
        tracemalloc.start()
        call()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        figures[_shown(url)] = {"queries": asked, "ms": 1000 * median(times), "peak_mb": peak / 2**20}
    return figures


def _shown(url: str) -> str:
    return "/".join("{id}" if len(part) == 36 else part for part in url.split("/"))


def _fill(size: int, now: dt.datetime) -> tuple[dict[str, Any], list[tuple[str, str, dict[str, str] | None]]]:
    """One programme with `size` rows of every noun that the measured pages list; the pages: role, URL, what is sent."""
    from django.urls import reverse

    from backend.beneficiaries.models import Beneficiary, Consent
    from backend.employers.models import Opening, Requirement
    from backend.matches.models import Introduction, Match, MatchRun
    from backend.outcomes.models import EmploymentSpell, FollowUp
    from tests import factories

    today = now.date()
    programme = factories.OrganisationFactory()
    users = {
        role: factories.MembershipFactory(organisation=programme, role=role).user for role in ("counsellor", "lead")
    }
    employer = factories.EmployerFactory(programme=programme, cleared=True, with_portal=True)
    users["employer"] = employer.contacts.get().user
    place, occupation = factories.MunicipalityFactory(), factories.OccupationFactory()
    skills = factories.SkillFactory.create_batch(20)

    people = factories.BeneficiaryFactory.build_batch(
        size, organisation=programme, counsellor=users["counsellor"], municipality=place, entered_on=today
    )
    Beneficiary.objects.bulk_create(people)
    for person in people:
        factories.IdentityFactory(beneficiary=person)
    openings = factories.OpeningFactory.build_batch(
        size,
        employer=employer,
        municipality=place,
        occupation=occupation,
        status=Opening.Status.PUBLISHED,
        content_hash="a" * 64,
        vetted_hash="a" * 64,
        posted_on=today,
        valid_through=today + dt.timedelta(days=30),
    )
    Opening.objects.bulk_create(openings)
    Requirement.objects.bulk_create(
        Requirement(opening=opening, skill=skills[(i + j) % 20]) for i, opening in enumerate(openings) for j in range(5)
    )
    run = MatchRun.objects.create(beneficiary=people[0], ran_at=now, considered=size, excluded={"travel": 3})
    reasons = [{"code": "distance", "contribution": 0.5, "detail": {"km": 3.0}}]
    matches = [
        Match(
            beneficiary=people[0], opening=opening, run=run, lane=Match.Lane.NOW, score=0.5, reasons=reasons,
        )
        for opening in openings
    ]  # fmt: skip
    Match.objects.bulk_create(matches)
    consents = [
        Consent(
            beneficiary=people[0],
            purpose=Consent.Purpose.BLIND_INTRODUCTION,
            recipient=employer,
            opening=opening,
            opening_hash="a" * 64,
            text_version="1",
            language="sr",
            method=Consent.Method.SPOKEN,
            given_on=today,
            recorded_by=users["counsellor"],
        )
        for opening in openings
    ]
    Consent.objects.bulk_create(consents)
    Introduction.objects.bulk_create(
        Introduction(
            match=match,
            state=Introduction.State.SHARED_BLIND,
            pseudonym=f"C-{number:05d}",
            opening_hash="a" * 64,
            blind_consent=consent,
            shared_at=now,
        )
        for number, (match, consent) in enumerate(zip(matches, consents, strict=True))
    )
    spells = [
        EmploymentSpell(
            beneficiary=person,
            employer=employer,
            job_title="work",
            contract="permanent",
            started_on=today - dt.timedelta(days=200 + number % 100),
            evidence="A",
            verified_on=today - dt.timedelta(days=number % 100),
        )
        for number, person in enumerate(people)
    ]
    EmploymentSpell.objects.bulk_create(spells)
    FollowUp.objects.bulk_create(
        FollowUp(spell=spell, day=180, due_on=spell.started_on + dt.timedelta(days=180)) for spell in spells
    )
    her = str(people[0].pk)
    read = [
        ("counsellor", reverse("web:today")),
        ("counsellor", reverse("web:caseload")),
        ("counsellor", reverse("web:person", args=[her])),
        ("counsellor", reverse("web:matches", args=[her])),
        ("counsellor", reverse("web:openings")),
        ("employer", reverse("web:portal_openings")),
        ("employer", reverse("web:portal_inbox")),
        ("lead", reverse("web:overview")),
        ("lead", reverse("web:retention")),
        ("counsellor", "/api/v1/beneficiaries/"),
        ("counsellor", f"/api/v1/beneficiaries/{her}/matches/"),
        ("employer", "/portal/api/v1/openings/"),
    ]
    found = ("counsellor", reverse("web:find_people"), {"name": "nobody of this name"})
    return users, [*((role, url, None) for role, url in read), found]


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps(measure(int(sys.argv[1]))))
    else:
        main()
