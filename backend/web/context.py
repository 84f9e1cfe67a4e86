"""What the page frame needs on every page."""

from django.conf import settings
from django.http import HttpRequest

from backend.accounts.models import User
from backend.accounts.policies import can_hold_token
from backend.accounts.sign_in import is_let_in

from .desks import menu


def shell(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    return {
        "menu": menu(user) if isinstance(user, User) and is_let_in(request) else (),
        "organisation": user.organisation if isinstance(user, User) else None,
        "may_hold_tokens": isinstance(user, User) and can_hold_token(user),
        "languages": settings.LANGUAGES,
        "is_demo": settings.LOCAL,
    }
