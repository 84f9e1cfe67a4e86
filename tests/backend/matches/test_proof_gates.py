"""P6 and P7: what a rule bars is neither ranked nor introduced, and who she is changes no ranking."""

import datetime as dt
import json
import math
from dataclasses import asdict, dataclass, replace
from random import Random
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from backend.beneficiaries.models import Beneficiary, Identity, SafetyRule
from backend.beneficiaries.services import set_goal
from backend.employers.models import Employer
from backend.matches import adapter, services
from backend.matches.adapter import openings as openings_adapter
from backend.matches.models import Match, MatchRun
from backend.outcomes import services as outcomes
from backend.places.models import Municipality
from tests.conftest import Cast
from tests.factories import CountryFactory, EmployerFactory, OpeningFactory, OrganisationFactory
from tests.proofs import PARTS, cases, report

TODAY = dt.date(2026, 11, 2)
NOW = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
PLACES = ((45.25, 19.84), (45.38, 20.39), (44.82, 20.46), (44.02, 20.91), (43.32, 21.90), (46.10, 19.66))
SECTORS = ("C", "G", "I", "")
CONDITIONS = ("live_in", "night", "isolated", "cash")
MOST = 5

# -- a world as plain data, and the oracle over it --------------------------------------------------------------------


@dataclass(frozen=True)
class Firm:
    owner: int | None
    sector: str
    is_agency: bool


@dataclass(frozen=True)
class Job:
    firm: int
    client: int | None
    place: int | None
    told: tuple[bool | None, ...]


@dataclass(frozen=True)
class Rule:
    kind: str
    number: int
    radius: int


@dataclass(frozen=True)
class Plan:
    firms: tuple[Firm, ...]
    jobs: tuple[Job, ...]
    rules: tuple[Rule, ...]


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance on a sphere of 6371 km, by the spherical law of cosines."""
    (p1, l1), (p2, l2) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    cosine = math.sin(p1) * math.sin(p2) + math.cos(p1) * math.cos(p2) * math.cos(l1 - l2)
    return 6371 * math.acos(min(1.0, cosine))


def group(plan: Plan, firm: int) -> set[int]:
    """All that hang together with a firm by ownership, grown one link at a time."""
    found = {firm}
    while True:
        grown = found | {n for n, one in enumerate(plan.firms) if one.owner in found}
        grown |= {one.owner for n, one in enumerate(plan.firms) if n in found and one.owner is not None}
        if grown == found:
            return found
        found = grown


def barred(plan: Plan, job: Job) -> bool:
    """Whether a rule bars the job; what nobody has said counts against it."""
    firm = plan.firms[job.firm]
    works_for = job.client if job.client is not None else None if firm.is_agency else job.firm
    for rule in plan.rules:
        if rule.kind == "employer":
            group_ = group(plan, rule.number % len(plan.firms))
            if job.firm in group_ or works_for is None or works_for in group_:
                return True
        elif rule.kind == "sector":
            sector = plan.firms[works_for].sector if works_for is not None else ""
            if not sector or sector == SECTORS[rule.number % 3]:
                return True
        elif rule.kind == "condition":
            if job.told[rule.number % len(CONDITIONS)] is not False:
                return True
        elif job.place is None or kilometres(PLACES[job.place], PLACES[rule.number % len(PLACES)]) <= rule.radius:
            return True
    return False


indices = st.integers(0, 11)
plans = st.integers(1, MOST).flatmap(
    lambda firms: st.builds(
        Plan,
        st.tuples(
            *[
                st.builds(
                    Firm,
                    st.none() | st.integers(0, firms - 1).filter(lambda owner, n=n: owner != n),
                    st.sampled_from(SECTORS),
                    st.booleans(),
                )
                for n in range(firms)
            ]
        ),
        st.lists(
            st.builds(
                Job,
                st.integers(0, firms - 1),
                st.none() | st.integers(0, firms - 1),
                st.none() | st.integers(0, len(PLACES) - 1),
                st.tuples(*[st.sampled_from((None, True, False, False))] * len(CONDITIONS)),
            ),
            min_size=1,
            max_size=MOST,
        ).map(tuple),
        st.lists(
            st.builds(Rule, st.sampled_from(("employer", "sector", "condition", "place")), indices, st.integers(0, 90)),
            max_size=3,
        ).map(tuple),
    )
)


# -- the same world in the database -----------------------------------------------------------------------------------


class World:
    """A plan as rows; undone by whoever made it."""

    def __init__(self, plan: Plan, cast: Cast) -> None:
        self.plan, self.cast = plan, cast
        programme = OrganisationFactory()  # an index is kept per programme
        self.her = Beneficiary.objects.create(
            organisation=programme, counsellor=cast.counsellor, code=f"K-{programme.pk.hex[:8].upper()}",
            entered_on=TODAY, permit="citizen",
        )  # fmt: skip
        cast.counsellor.memberships.update(organisation=programme)
        vars(cast.counsellor).pop("membership", None)
        country = CountryFactory()
        places = Municipality.objects.bulk_create(
            Municipality(
                code=f"P{n}-{programme.pk.hex[:8]}", country=country, name=f"Mesto {n}", name_folded=f"mesto {n}",
                latitude=latitude, longitude=longitude,
            )
            for n, (latitude, longitude) in enumerate(PLACES)
        )  # fmt: skip
        firms = [
            EmployerFactory(
                programme=programme, cleared=True, sector=firm.sector, is_agency=firm.is_agency, municipality=None
            )
            for firm in plan.firms
        ]
        for firm, row in zip(plan.firms, firms, strict=True):
            row.parent = firms[firm.owner] if firm.owner is not None else None
        Employer.objects.bulk_update(firms, ["parent"])
        self.openings = [
            OpeningFactory(
                published=True, employer=firms[job.firm],
                end_client=firms[job.client] if job.client is not None else None,
                municipality=places[job.place] if job.place is not None else None,
                **dict(zip(CONDITIONS, job.told, strict=True)),
            )
            for job in plan.jobs
        ]  # fmt: skip
        SafetyRule.objects.bulk_create(self._rule(rule, firms, places) for rule in plan.rules)

    def _rule(self, rule: Rule, firms: list[Employer], places: list[Municipality]) -> SafetyRule:
        row = SafetyRule(beneficiary=self.her, kind=rule.kind, set_on=TODAY)
        if rule.kind == "employer":
            row.employer_id = firms[rule.number % len(firms)].pk
        elif rule.kind == "sector":
            row.sector = SECTORS[rule.number % 3]
        elif rule.kind == "condition":
            row.condition = CONDITIONS[rule.number % len(CONDITIONS)]
        else:
            row.municipality_id, row.radius_km = places[rule.number % len(places)].pk, rule.radius
        return row

    def ranked(self) -> set[int]:
        """The numbers of the jobs that are ranked for her."""
        ids = {UUID(ranked.opening_id) for ranked in adapter.rank(self.her, TODAY).ranked}
        return {n for n, opening in enumerate(self.openings) if opening.pk in ids}

    def introduced(self, number: int) -> bool:
        """Whether she can be introduced for a job, whatever the ranking said of it."""
        run = MatchRun.objects.create(beneficiary=self.her, ran_at=NOW, considered=1, excluded={})
        match = Match.objects.create(
            beneficiary=self.her, opening=self.openings[number], run=run, lane="now", score=0.5, state="accepted"
        )
        try:
            services.propose_introduction(actor=self.cast.counsellor, match=match, now=NOW)
        except ValidationError:
            return False
        return True


def wrong(plan: Plan, cast: Cast) -> list[str]:
    """Where the database and the oracle disagree about a plan."""
    with transaction.atomic():
        world = World(plan, cast)
        ranked = world.ranked()
        allowed = {n for n, job in enumerate(plan.jobs) if not barred(plan, job)}
        found = [f"ranked: {ranked ^ allowed}"] if ranked != allowed else []
        outside = sorted(set(range(len(plan.jobs))) - allowed)[:2]
        found += [f"introduced: {number}" for number in outside if world.introduced(number)]
        transaction.set_rollback(True)
    if plan.rules:
        fewer = replace(plan, rules=plan.rules[:-1])
        if not allowed <= {n for n, job in enumerate(plan.jobs) if not barred(fewer, job)}:
            found.append("the oracle shows more for a rule more")
        with transaction.atomic():
            if not ranked <= World(fewer, cast).ranked():
                found.append("one rule more shows more")
            transaction.set_rollback(True)
    return found


def search(cast: Cast, examples: int, start: int = 0) -> tuple[int, list[str]]:
    tried, found = 0, []

    @seed(start)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(plans)
    def one(plan: Plan) -> None:
        nonlocal tried
        tried += 1
        found.extend(f"{plan}: {line}" for line in wrong(plan, cast))

    one()
    return tried, found


def test_what_a_rule_bars_is_neither_ranked_nor_introduced(cast: Cast) -> None:
    _tried, found = search(cast, 25)
    assert found == []


def test_without_the_ownership_chain_the_oracle_would_object(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: only the barred employer itself is kept from her, not its group."""
    monkeypatch.setattr(
        openings_adapter, "roots_of", lambda programme: {pk: pk for pk in Employer.objects.values_list("pk", flat=True)}
    )
    owned = Plan(
        firms=(Firm(None, "C", False), Firm(0, "C", False)),
        jobs=(Job(1, None, 0, (False,) * 4),),
        rules=(Rule("employer", 0, 0),),
    )
    assert wrong(owned, cast)


@pytest.mark.proof
@pytest.mark.parametrize("part", range(PARTS))
def test_p6(cast: Cast, part: int) -> None:
    tried, found = search(cast, -(-cases(10_000) // PARTS), start=part)
    report("P6", tried="random programmes of firms, jobs and rules", count=tried, failed=len(found))


# -- P7 ---------------------------------------------------------------------------------------------------------------


def ranking(her: Beneficiary) -> bytes:
    found = adapter.rank(Beneficiary.objects.get(pk=her.pk), TODAY)
    return json.dumps(
        [[asdict(one) for one in found.ranked], [asdict(one) for one in found.exclusions]], default=str
    ).encode()


def swap(cast: Cast, random: Random) -> None:
    """Another sex, age, nationality and history: all that her file holds outside of what she can, wants and may."""
    given = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    first, last = random.choice([("Milica", "Petrović"), ("Marko", "Nikolić"), ("Ajshe", "Berisha"), ("Nguyen", "Thi")])
    Identity.objects.update_or_create(
        beneficiary=cast.beneficiary,
        defaults={
            "first_name": first, "last_name": last, "address": f"Ulica {random.random()}", "email": "x@example.org",
            "birth_date": dt.date(1950, 1, 1) + dt.timedelta(days=random.randint(0, 20_000)),
            "phone": random.choice(["+381641234567", "+355671234567", ""]), "code_word": "jabuka",
        },
    )  # fmt: skip
    Beneficiary.objects.filter(pk=cast.beneficiary.pk).update(
        code=f"X-{random.randint(0, 10**9)}", entered_on=TODAY - dt.timedelta(days=random.randint(0, 900)),
        permit=random.choice(["citizen", "permit"]),
    )  # fmt: skip
    set_goal(
        **given, domain=random.choice(["medical", "psychological", "legal"]), text="terapija", owner="ona", on=TODAY
    )
    score = {name: random.randint(1, 4) for name in ("safety", "housing", "health", "legal")}
    outcomes.record_assessment(**given, on=TODAY, **score)
    outcomes.raise_flag(**given, kind=random.choice(["third_party", "threats", "wages_withheld"]), on=TODAY)
    outcomes.start_spell(
        **given,
        started_on=TODAY - dt.timedelta(days=60),
        job_title="Krojačica",
        contract="permanent",
        evidence="A",
        on=TODAY,
    )


def changed(cast: Cast, count: int) -> int:
    """How many swaps changed a byte of the ranking."""
    before, changes = ranking(cast.beneficiary), 0
    assert b"opening_id" in before
    for number in range(count):
        with transaction.atomic():
            swap(cast, Random(number))
            changes += ranking(cast.beneficiary) != before
            transaction.set_rollback(True)
    return changes


def test_who_she_is_changes_no_ranking(cast: Cast, match: Match) -> None:
    assert changed(cast, 6) == 0


def test_a_ranking_that_knew_her_age_would_be_noticed(
    cast: Cast, match: Match, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: her date of birth among the words that are matched."""
    profile_of = adapter.profile_of

    def knowing(beneficiary: Beneficiary, on: dt.date) -> object:
        born = Identity.objects.filter(beneficiary=beneficiary).first()
        return replace(profile_of(beneficiary, on), permit=born is None)

    monkeypatch.setattr(adapter, "profile_of", knowing)
    assert changed(cast, 6) > 0


@pytest.mark.proof
def test_p7(cast: Cast, match: Match) -> None:
    count = cases(500)
    report("P7", tried="swaps of protected attributes", count=count, failed=changed(cast, count))
