"""What the page frame needs on every page."""

from django.conf import settings
from django.http import HttpRequest

from backend.accounts.models import User

from .desks import menu


def shell(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    return {
        "menu": menu(user) if isinstance(user, User) else (),
        "organisation": user.organisation if isinstance(user, User) else None,
        "languages": settings.LANGUAGES,
        "quick_exit_url": settings.QUICK_EXIT_URL,
        "is_demo": settings.LOCAL,
    }
