"""Fixtures that several floors share: the cast of one programme, and of another."""

import datetime as dt
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core.management.base import BaseCommand
from django.db.models.signals import post_migrate
from django.utils import translation
from django_tasks.base import Task

from backend.accounts.models import Organisation, User
from backend.beneficiaries.models import Beneficiary
from backend.core.tenancy import in_every_programme, in_programme
from backend.employers.models import Employer

from . import proofs
from .factories import BeneficiaryFactory, EmployerFactory, MembershipFactory, OrganisationFactory

# Emptying the database between races deletes events too; the tests of the triggers that refuse it make them.
post_migrate.disconnect(sender=apps.get_app_config("audit"), dispatch_uid="audit")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    made = yield
    made.user_properties += [("proof", found) for found in proofs.taken()]
    return made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ended = [made for outcome in ("passed", "failed") for made in terminalreporter.stats.get(outcome, [])]
    found = [tuple(value) for made in ended for name, value in made.user_properties if name == "proof"]
    for line in proofs.lines(found):
        terminalreporter.write_line(line)


@dataclass(frozen=True)
class Cast:
    """One programme: who works there, one person on the caseload, one cleared employer with its portal user."""

    programme: Organisation
    counsellor: User
    colleague: User
    lead: User
    administrator: User
    beneficiary: Beneficiary
    employer: Employer
    employer_user: User


def _cast() -> Cast:
    programme = OrganisationFactory()

    def member(role: str) -> User:
        return MembershipFactory(organisation=programme, role=role).user

    counsellor = member("counsellor")
    employer = EmployerFactory(programme=programme, cleared=True, with_portal=True)
    return Cast(
        programme=programme,
        counsellor=counsellor,
        colleague=member("counsellor"),
        lead=member("lead"),
        administrator=member("administrator"),
        beneficiary=BeneficiaryFactory(organisation=programme, counsellor=counsellor),
        employer=employer,
        employer_user=employer.contacts.get().user,
    )


@pytest.fixture(autouse=True)
def _from_outside() -> Iterator[None]:
    """Tests look at rows of all programmes; every request, command and job they call opens its own.

    A command or a job starts here as it does outside, with none open.
    """
    # A request leaves its language behind in the thread.
    with in_every_programme(), translation.override(None), pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseCommand, "execute", _with_none_open(BaseCommand.execute))
        patch.setattr(Task, "call", _with_none_open(Task.call))
        yield


def _with_none_open(start: Callable[..., Any]) -> Callable[..., Any]:
    def started(*given: Any, **options: Any) -> Any:
        with in_programme(None):
            return start(*given, **options)

    return started


@pytest.fixture
def today() -> dt.date:
    return dt.date(2026, 11, 2)


@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def cast(db: None) -> Cast:
    return _cast()


@pytest.fixture
def other_cast(db: None) -> Cast:
    """A second programme, whose people must never be seen by the first."""
    return _cast()
