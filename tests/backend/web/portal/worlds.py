"""Pairs of worlds that differ only in what no employer may learn, and everything that an employer can do in them."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary, Identity
from backend.beneficiaries.services import add_safety_rule, give_consent, note_experience, save_wishes, set_goal
from backend.employers.models import Opening
from backend.employers.obligations import VERSION
from backend.matches import services
from backend.matches.models import Introduction, Match
from backend.matches.services.links import issue_link
from backend.matches.services.notices import tell_employer
from backend.outcomes import services as outcomes
from backend.outcomes.models import EmploymentSpell
from tests.conftest import Cast
from tests.factories import BeneficiaryFactory, EmployerFactory, IdentityFactory, MunicipalityFactory, OpeningFactory

from .test_portal_openings import FORM

API_NOUNS = (
    "candidates", "contacts", "countries", "districts", "employers", "municipalities", "occupations", "openings",
    "requirements", "reviews", "skills",
)  # fmt: skip
STATES = ("shared_blind", "interested", "consented", "identified", "interview", "trial", "offer", "hired", "ended")
"""How far the introduction has come; how one ended is itself no employer's business."""
ENDINGS = (services.withdraw_introduction, services.decline_for_her)

# -- what differs -----------------------------------------------------------------------------------------------------
# Each leaves her open to the one opening: what a gate does with these is another proof.


# Places are public, so both worlds know them; which of them is hers is not.
SHELTER = {"code": "RS-x-1", "name": "Jedno mesto", "latitude": 45.3, "longitude": 19.9}
FAR = {"code": "RS-x-2", "name": "Drugo mesto", "latitude": 42.0, "longitude": 21.5}


def her_name(cast: Cast, random: Random, now: dt.datetime) -> None:
    """The consent is to the first name and the phone; the rest of her identity is hers."""
    identity = Identity.objects.filter(beneficiary=cast.beneficiary).first()
    if identity is None:
        return
    identity.last_name, identity.email = f"Druga{random.random()}", f"{random.random()}@example.org"
    identity.address, identity.code_word = "Sigurna kuća, Tajna 2", "jabuka"
    identity.birth_date = dt.date(1990, 1, 1) + dt.timedelta(days=random.randint(0, 9000))
    identity.save()


def her_place(cast: Cast, random: Random, now: dt.datetime) -> None:
    place = MunicipalityFactory(**SHELTER)
    Beneficiary.objects.filter(pk=cast.beneficiary.pk).update(municipality=place)


def her_code(cast: Cast, random: Random, now: dt.datetime) -> None:
    Beneficiary.objects.filter(pk=cast.beneficiary.pk).update(
        code=f"X-{random.randint(0, 10**9)}", entered_on=dt.date(2025, 1, 1), status="light_touch"
    )


def her_rules(cast: Cast, random: Random, now: dt.datetime) -> None:
    given = {"actor": cast.counsellor, "beneficiary": cast.beneficiary, "on": now.date()}
    far = MunicipalityFactory(**FAR)
    add_safety_rule(**given, kind="place", municipality=far, radius_km=random.randint(1, 60))
    add_safety_rule(**given, kind="employer", employer=EmployerFactory(programme=cast.programme))
    add_safety_rule(**given, kind="condition", condition="night")


def her_history(cast: Cast, random: Random, now: dt.datetime) -> None:
    given = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    note_experience(**given, title=f"Radionica sigurne kuće {random.random()}", years=2)
    save_wishes(**given, own_words=f"daleko od njega {random.random()}")
    set_goal(**given, domain="psychological", text="terapija", owner="ona", on=now.date())
    outcomes.record_assessment(**given, on=now.date(), safety=random.randint(1, 4), housing=1)
    outcomes.raise_flag(**given, kind=random.choice(["third_party", "threats"]), on=now.date())


def her_consents(cast: Cast, random: Random, now: dt.datetime) -> None:
    given = {"actor": cast.counsellor, "beneficiary": cast.beneficiary, "method": "signed", "language": "sq"}
    for purpose in ("support", "research"):
        give_consent(**given, purpose=purpose, given_on=now.date() - dt.timedelta(days=random.randint(0, 90)))


def others(cast: Cast, random: Random, now: dt.datetime) -> None:
    """Other people of the programme, and an introduction of hers to another employer."""
    for _number in range(random.randint(1, 3)):
        IdentityFactory(beneficiary=BeneficiaryFactory(organisation=cast.programme, counsellor=cast.counsellor))
    elsewhere = EmployerFactory(programme=cast.programme, cleared=True, with_portal=True)
    opening = OpeningFactory(published=True, employer=elsewhere, night=False, live_in=False)
    run = Match.objects.filter(beneficiary=cast.beneficiary).first().run  # type: ignore[union-attr]
    match = Match.objects.create(beneficiary=cast.beneficiary, opening=opening, run=run, lane="now", score=0.4)
    hers = {"actor": cast.counsellor, "now": now}
    introduction = services.propose_introduction(match=match, **hers)
    services.record_agreement(introduction=introduction, method="signed", language="sr", **hers)
    if random.random() < 0.5:
        services.share_introduction(introduction=introduction, **hers)


Secret = Callable[[Cast, Random, dt.datetime], None]
SECRETS: tuple[Secret, ...] = (
    her_name, her_place, her_code, her_rules, her_history, her_consents, others,
)  # fmt: skip


# -- what an employer can do ------------------------------------------------------------------------------------------


def operations(
    cast: Cast, introduction: Introduction, opening: Opening, now: dt.datetime
) -> Iterator[tuple[str, bytes]]:
    """Every page, form, API operation and mail of the employer, with the answer as it goes over the wire."""
    user = User.objects.get(pk=cast.employer_user.pk)
    page = Client(headers={"accept-language": "en"})
    page.force_login(user)
    api = APIClient()
    api.force_authenticate(user)
    token = issue_link(introduction=introduction, contact=cast.employer.contacts.get(), now=now)
    one, its = [introduction.pk], [opening.pk]
    pages: list[tuple[str, list[Any]]] = [
        ("openings", []), ("new_opening", []), ("paste", []), ("import", []), ("opening", its), ("edit_opening", its),
        ("inbox", []), ("candidate", one), ("company", []), ("answer", [token]),
    ]  # fmt: skip
    for name, args in pages:
        yield f"GET {name}", wire(page.get(reverse(f"web:portal_{name}", args=args)))
    yield "GET inbox of one opening", wire(page.get(reverse("web:portal_inbox"), {"opening": opening.pk}))
    yield "GET another person's page", wire(page.get(f"/people/{introduction.match.beneficiary_id}/"))
    for path in ("", "inbox/", "company/", "openings/new/"):
        yield f"POST {path}", wire(page.post(f"/portal/{path}", {}))
    for noun in API_NOUNS:
        yield f"API {noun}", wire(api.get(f"/portal/api/v1/{noun}/"))
    details = {"candidate": f"candidates/{one[0]}/", "opening": f"openings/{its[0]}/", "schema": "schema/?format=json"}
    for name, path in (details | {"her file": "beneficiaries/", "her matches": "matches/"}).items():
        yield f"API {name}", wire(api.get(f"/portal/api/v1/{path}"))
    yield "API filter", wire(api.get(f"/portal/api/v1/candidates/?opening={opening.pk}&stage=new&ordering=shared_at"))
    mail.outbox = []
    tell_employer.func(str(introduction.pk))
    yield "mail", "\n".join(str(one.message()) for one in mail.outbox).encode()
    answers = (
        {},
        {"answer": "interested"},
        {"answer": "declined", "reason": "filled"},
        {"answer": "question", "question": "?"},
    )
    for answer in answers:
        for name, args in (("candidate", one), ("answer", [token])):
            with transaction.atomic():
                response = page.post(reverse(f"web:portal_{name}", args=args), answer)
                yield f"POST {name} {answer}", wire(response) + wire(page.get(reverse("web:portal_inbox")))
                transaction.set_rollback(True)
        with transaction.atomic():
            yield f"API {answer}", wire(api.post(f"/portal/api/v1/candidates/{one[0]}/answer/", answer, "json"))
            transaction.set_rollback(True)
    yield from writes(page, api, cast, opening)


def writes(page: Client, api: APIClient, cast: Cast, opening: Opening) -> Iterator[tuple[str, bytes]]:
    """Everything else that an employer can change, with good values; each undone."""
    asked = EmploymentSpell.objects.get(employer=cast.employer).follow_ups.get(day=30)
    bytes_ = b"external_id,title,description,valid_through\nk-1,Pekarka,Mesi hleb.,2026-12-20\n"
    forms: list[tuple[str, list[Any], dict[str, Any]]] = [
        *[("new_opening", [], FORM | {"do": do}) for do in ("check", "save", "submit")],
        ("edit_opening", [opening.pk], FORM | {"do": "save"}),
        *[("move_opening", [opening.pk, act], {}) for act in ("pause", "resume", "renew", "close", "submit")],
        ("paste", [], {"text": "Tražimo pekarku u Novom Sadu, 40 sati nedeljno, plata 90.000 dinara."}),
        ("import", [], {"file": SimpleUploadedFile("openings.csv", bytes_, "text/csv")}),
        ("obligations", [], {"version": VERSION}),
        *[("still_employed", [asked.pk], {"works_here": said}) for said in ("yes", "no")],
    ]
    for name, args, given in forms:
        with transaction.atomic():
            response = page.post(reverse(f"web:portal_{name}", args=args), given)
            after = [wire(page.get(reverse(f"web:portal_{shown}"))) for shown in ("openings", "inbox")]
            how = given.get("do") or given.get("works_here") or args[1:]
            yield f"POST {name} {how}", wire(response) + b"".join(after)
            transaction.set_rollback(True)
    one = f"/portal/api/v1/openings/{opening.pk}/"
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("post", "/portal/api/v1/openings/", {"employer": str(cast.employer.pk), "title": "Pekarka"}),
        ("post", "/portal/api/v1/skills/link/", {"phrases": ["šivenje"]}),
        ("patch", one, {"title": "Pekarka"}),
        *[("post", f"{one}{act}/", {}) for act in ("pause", "renew", "close")],
    ]
    for method, path, given in calls:
        with transaction.atomic():
            response = getattr(api, method)(path, given, "json")
            yield (
                f"API {method} {path.replace(str(opening.pk), '')}",
                wire(response) + wire(api.get("/portal/api/v1/openings/")),
            )
            transaction.set_rollback(True)


def wire(response: Any) -> bytes:
    headers = sorted((name, value) for name, value in response.headers.items())
    return json.dumps([response.status_code, headers]).encode() + response.content


# Random values that nothing confidential goes into: keys of rows and signatures over them, codes of candidates, tokens
# against forged requests, what a mail is numbered by, and the database's clock. Each becomes its place in the order of
# first appearance.
FRESH = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}(?::|=3A|%3A)[\w=\n-]{43,60}"
    rb"|C-[0-9A-Z]{6}\b|(?<=csrfmiddlewaretoken\" value=\")\w+|(?<=x-csrftoken\": \")\w+"
    rb"|(?<=\"created_at\":\")[^\"]+|(?<=Message-ID: )<[^>]+>|(?<=Date: )[^\n]+"
)


def _work_at_the_employer(cast: Cast, now: dt.datetime) -> None:
    """Work there from before, that the employer is asked about."""
    given = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    started = now.date() - dt.timedelta(days=40)
    outcomes.start_spell(
        **given, employer=cast.employer, started_on=started, job_title="Krojačica", contract="permanent",
        evidence="A", on=started,
    )  # fmt: skip
    give_consent(**given, purpose="employer_contact", method="signed", language="sr", given_on=started)


def canonical(answers: Iterator[tuple[str, bytes]]) -> dict[str, bytes]:
    order: dict[bytes, bytes] = {}

    def place(match: re.Match[bytes]) -> bytes:
        return order.setdefault(match.group(), b"<%d>" % len(order))

    return {name: FRESH.sub(place, body) for name, body in answers}


def answers(
    cast: Cast,
    match: Match,
    walk: Callable[[str], Introduction],
    state: str,
    now: dt.datetime,
    secrets: Sequence[Secret],
    seed: int,
) -> dict[str, bytes]:
    """What the employer gets in the world in which these secrets are so; the world is undone."""
    with transaction.atomic():
        random = Random(seed)
        MunicipalityFactory(**SHELTER), MunicipalityFactory(**FAR)
        for secret in secrets:
            secret(cast, random, now)
        _work_at_the_employer(cast, now)
        introduction = walk("interested" if state == "ended" else state)
        if her_name in secrets:
            her_name(cast, random, now)  # the walk writes an identity down
        if state == "ended":
            end = random.choice(ENDINGS) if secrets else ENDINGS[0]
            end(actor=cast.counsellor, introduction=introduction, now=now)
        found = canonical(operations(cast, introduction, match.opening, now))
        transaction.set_rollback(True)
    return found
