"""Who sits where: which pages a role's menu holds, and the guard that makes other people's pages absent.

What a person may see or do inside a page is decided by the policies; a desk only says whose page it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import Membership, User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
Role = Membership.Role


@dataclass(frozen=True)
class Page:
    """One entry of the menu; `name` is a URL name, its first word the section that is marked as current."""

    name: str
    title: str | Promise


MENUS: dict[str, tuple[Page, ...]] = {
    Role.COUNSELLOR: (
        Page("web:today", _("Today")),
        Page("web:caseload", _("Caseload")),
        Page("web:openings", _("Openings")),
        Page("web:employers", _("Employers")),
        Page("web:trainings", _("Trainings")),
    ),
    Role.LEAD: (
        Page("web:overview", _("Overview")),
        Page("web:retention", _("Retention")),
        Page("web:reports", _("Reports")),
        Page("web:employers", _("Employers")),
        Page("web:openings", _("Openings")),
        Page("web:trainings", _("Trainings")),
        Page("web:trail", _("Who looked")),
    ),
    Role.EMPLOYER: (
        Page("web:portal_openings", _("Openings")),
        Page("web:portal_inbox", _("Inbox")),
        Page("web:portal_company", _("Company")),
    ),
    Role.ADMINISTRATOR: (
        Page("web:members", _("Colleagues")),
        Page("web:tokens", _("Tokens")),
    ),
}


def signed_in(request: HttpRequest) -> User:
    """The signed-in user; LoginRequiredMiddleware has sent everybody else away."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def menu(user: User) -> tuple[Page, ...]:
    return MENUS.get(user.role or "", ())


def first_page(user: User) -> str | None:
    pages = menu(user)
    return pages[0].name if pages else None


def desk(*roles: str) -> Callable[[View[P]], View[P]]:
    """Serve a page to these roles only; for everybody else it does not exist."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if signed_in(request).role not in roles:
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return guard


counsellors = desk(Role.COUNSELLOR)
leads = desk(Role.LEAD)
staff = desk(Role.COUNSELLOR, Role.LEAD)
employers = desk(Role.EMPLOYER)
administrators = desk(Role.ADMINISTRATOR)
