"""Who works in the programme and signs in."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from backend.accounts.models import Membership, Organisation, User

from .draws import Draws
from .reference import Reference
from .rows import Rows

PASSWORD = "korak-demo-2026"  # noqa: S105 - synthetic accounts, refused outside DEMO and DEBUG
COUNSELLOR = "savetnica@demo.example"
LEAD = "rukovoditeljka@demo.example"
EMPLOYER = "poslodavac@demo.example"
ADMINISTRATOR = "administratorka@demo.example"


@dataclass(frozen=True)
class Staff:
    organisation: Organisation
    counsellors: list[User]
    lead: User


class Accounts:
    """Makes users who all sign in with the one documented password, hashed once."""

    def __init__(self, draws: Draws, reference: Reference, rows: Rows) -> None:
        self._draws, self._words, self._rows = draws, reference.words, rows
        self._password = make_password(PASSWORD)

    def organisation(self, name: str, kind: str, since: dt.date) -> Organisation:
        return self._rows.add(
            Organisation(id=self._draws.uuid(), name=name, kind=kind, created_at=self._draws.instant(since))
        )

    def member(self, organisation: Organisation, role: str, email: str, since: dt.date) -> User:
        draws = self._draws
        name = f"{draws.choice(self._words['first_names'])} {draws.choice(self._words['surnames'])}"
        user = User(id=draws.uuid(), email=email, name=name, password=self._password, created_at=draws.instant(since))
        self._rows.add(user)
        self._rows.add(
            Membership(
                id=draws.uuid(),
                user=user,
                organisation=organisation,
                role=role,
                started_on=since,
                created_at=user.created_at,
            )
        )
        return user


def make_staff(accounts: Accounts, *, name: str, emails: list[str], lead: str, since: dt.date) -> Staff:
    """The programme's organisation, a counsellor for each address, its lead and its administrator."""
    organisation = accounts.organisation(name, Organisation.Kind.PROGRAMME, since)
    Role = Membership.Role
    accounts.member(organisation, Role.ADMINISTRATOR, f"administratorka@{lead.split('@')[1]}", since)
    return Staff(
        organisation=organisation,
        lead=accounts.member(organisation, Role.LEAD, lead, since),
        counsellors=[accounts.member(organisation, Role.COUNSELLOR, email, since) for email in emails],
    )
