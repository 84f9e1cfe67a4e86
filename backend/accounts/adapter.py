"""How Korak bends allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUpAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """Nobody signs up: accounts are made by an administrator or by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
