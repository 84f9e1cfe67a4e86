"""A person's own record, handed to her on her request."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backend.beneficiaries.policies import can_take_out_record
from backend.reports.exports import Export
from backend.reports.own_record import read_record
from backend.reports.report_files import record_json, record_pdf

from ...desks import counsellors, signed_in
from ...downloads import download
from ..frame import own_person, posted, show

FILES = {"pdf": (record_pdf, "application/pdf"), "json": (record_json, "application/json")}


class RecordForm(forms.Form):
    """In which language, and whether to read or for a program."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("sr-latn", _("Serbian")), ("sr-cyrl", _("Serbian (Cyrillic)")), ("en", _("English"))],
    )
    form = forms.ChoiceField(
        label=_("File"), choices=[("pdf", _("to read and print (PDF)")), ("json", _("for a program (JSON)"))]
    )


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything that is held on her as a file under a name that says nothing; each making is noted."""
    person, actor = own_person(request, pk), signed_in(request)
    if not can_take_out_record(actor, person):
        raise Http404
    form = RecordForm(posted(request))
    if request.method == "POST" and form.is_valid():
        told = read_record(actor=actor, beneficiary=person, now=timezone.now(), **form.cleaned_data)
        write, content_type = FILES[form.cleaned_data["form"]]
        name = f"document-{told.made_on.isoformat()}.{form.cleaned_data['form']}"
        return download(Export(name, content_type, write(told)))
    return show(request, person, "web:person", "people/record.html", form=form)
