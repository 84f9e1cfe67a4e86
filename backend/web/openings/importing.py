"""The page that takes a file of openings, the same at both desks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.employers.services import ImportReport, import_openings
from backend.reports.exports import export
from backend.web.acts import attempt
from backend.web.downloads import download

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
    if report and "report" in request.POST:
        return _download(actor, report)
    # What was found in an opening is the programme's to know.
    context = {"form": form, "report": report, "section": section, "tells_verdicts": actor.is_programme_staff}
    return render(request, template, context)


def _download(actor: User, report: ImportReport) -> HttpResponse:
    """The report as a table, to be worked through beside the file it is about."""
    outcomes = {"added": _("added"), "changed": _("changed"), "unchanged": _("known already"), "refused": _("refused")}
    assert actor.organisation is not None  # noqa: S101 - who may import works somewhere
    file = export(
        actor=actor,
        obj=actor.organisation,
        what="import_report",
        form="xlsx",
        on=timezone.localdate(),
        header=[_("Row"), _("Opening"), _("Result"), _("Reasons")],
        rows=[
            [row.number, row.title, outcomes[row.outcome], "; ".join(f"{name}: {why}" for name, why in row.errors)]
            for row in report.rows
        ],
    )
    return download(file)
