"""The page that takes a file of openings, the same at both desks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from backend.accounts.models import User
from backend.employers.services import import_openings
from backend.web.acts import attempt

from .forms import ImportForm


def answer_import(request: HttpRequest, actor: User, template: str, section: str) -> HttpResponse:
    """The form, and after an upload the report on every row."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    report = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        report = attempt(
            form, import_openings, actor=actor, name=file.name, content=file.read(), on=timezone.localdate()
        )
    return render(request, template, {"form": form, "report": report, "section": section})
