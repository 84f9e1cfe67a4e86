"""The one form of allauth that would tell by its time what it does not tell in words."""

from typing import Any

from allauth.account import forms
from django.http import HttpRequest
from django.utils.translation import get_language

from backend.audit.services import record

from .models import User
from .tasks import send_letter


class ResetPasswordForm(forms.ResetPasswordForm):  # type: ignore[misc]  # allauth is not typed
    def save(self, request: HttpRequest, **_: Any) -> str:
        """Do the same work for an address that nobody has: the letter is written, or not, behind the queue."""
        user = next(iter(self.users), None) or User()
        record(actor=None, act="ask_for_password", obj=user)
        send_letter.enqueue("password", str(user.pk), request.build_absolute_uri("/"), get_language())
        return str(self.cleaned_data["email"])
