"""P11 for employers: two leads at one moment, each over a real connection of her own."""

import datetime as dt
from collections.abc import Callable
from threading import Barrier

import pytest

from backend.accounts.models import User
from backend.core.exceptions import Conflict
from backend.employers import services
from backend.employers.models import Check, Employer, Vetting
from tests.conftest import Cast, _cast
from tests.factories import EmployerFactory, MembershipFactory
from tests.races import outcomes

TODAY = dt.date(2026, 11, 2)
LEADS = 4


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return _cast()


@pytest.fixture
def proposed(crowd: Cast) -> Employer:
    """An employer whose checklist is in order, proposed by the counsellor."""
    employer = EmployerFactory(programme=crowd.programme)
    for item in Check.Item:
        services.record_check(
            actor=crowd.counsellor, employer=employer, item=item, result="passed", evidence="Pregledano.", on=TODAY
        )
    services.propose_clearance(actor=crowd.counsellor, employer=employer, note="Sve je u redu.", on=TODAY)
    return employer


@pytest.fixture
def leads(crowd: Cast) -> list[User]:
    return [MembershipFactory(organisation=crowd.programme, role="lead").user for _number in range(LEADS)]


def confirming(employer: Employer, lead: User) -> Callable[[], None]:
    def act() -> None:
        stale = Employer.objects.get(pk=employer.pk)
        stale.status = "registered"
        services.vet_employer(actor=lead, employer=stale, outcome="cleared", note="Saglasna.", on=TODAY)

    return act


def test_one_lead_confirms_a_clearance_and_the_others_are_told(proposed: Employer, leads: list[User]) -> None:
    ended = outcomes([confirming(proposed, lead) for lead in leads])
    assert ended == {"won": 1, "Conflict": LEADS - 1}
    assert Vetting.objects.filter(employer=proposed, outcome="cleared").count() == 1
    proposed.refresh_from_db()
    assert (proposed.status, proposed.cleared_until) == ("cleared", TODAY + dt.timedelta(days=365))


def test_a_clearance_and_a_ban_end_in_a_ban(proposed: Employer, leads: list[User]) -> None:
    """Whichever comes first, a banned employer is not cleared."""

    def ban() -> None:
        services.ban_employer(actor=leads[1], employer=proposed, reason="Mamac", on=TODAY)

    ended = outcomes([confirming(proposed, leads[0]), ban])
    proposed.refresh_from_db()
    assert ended["won"] >= 1
    assert (proposed.status, proposed.cleared_until) == ("banned", None)


def test_the_race_would_show_a_clearance_without_its_lock(proposed: Employer, leads: list[User]) -> None:
    """The negative control: everybody reads the proposal before anybody decides."""
    everybody_has_read = Barrier(LEADS)

    def act() -> None:
        last = Vetting.objects.filter(employer=proposed).order_by("-created_at").first()
        everybody_has_read.wait(timeout=20)
        if last is None or last.outcome != "proposed":
            raise Conflict("too late")
        Vetting.objects.create(
            employer=proposed, outcome="cleared", note="x", decided_by=leads[0], proposed_by=last.decided_by,
            decided_on=TODAY, expires_on=TODAY + dt.timedelta(days=1),
        )  # fmt: skip

    assert outcomes([act] * LEADS)["won"] == LEADS
