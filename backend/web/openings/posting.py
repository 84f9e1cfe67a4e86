"""Writing an opening, the same for an employer and for the staff who write for one: check, save, submit."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.accounts.models import User
from backend.employers.models import Employer, Opening, Requirement
from backend.employers.screening import Screening, screen_opening
from backend.employers.services import RequirementInput, draft_opening, revise_opening, submit_opening
from backend.skills.codes import Language
from backend.skills.linking import link_occupation, suggest_skills
from backend.web.acts import attempt

from .forms import OpeningForm
from .skill_rows import AskedSkillFormSet, row_of

Stored = Sequence[Requirement | RequirementInput]


class Posting:
    """The posting form: the opening's own fields, and the skills it asks for."""

    def __init__(
        self,
        data: Any = None,
        *,
        initial: dict[str, Any] | None = None,
        asked: Stored = (),
        employers: QuerySet[Employer] | None = None,
    ) -> None:
        self.form = OpeningForm(data, initial=initial, employers=employers)
        self.skills = AskedSkillFormSet(data, initial=[row_of(one) for one in asked], stored=asked, prefix="skills")

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.skills.is_valid()])

    @property
    def requirements(self) -> list[RequirementInput]:
        """The skills in the rows, and those ticked among the suggestions."""
        asked = [one for row in self.skills if (one := row.asked) is not None]
        ticked = [RequirementInput(skill=skill) for skill in self.form.cleaned_data["suggested"]]
        return asked + ticked

    def again(self, employers: QuerySet[Employer] | None) -> "Posting":
        """The form anew, with everything as it was understood and fresh empty rows."""
        initial = {name: self.form[name].value() for name in self.form.fields if name != "suggested"}
        return Posting(initial=initial, asked=self.requirements, employers=employers)

    def suggest(self) -> None:
        """Offer the skills that the title and the tasks speak of and no row asks for."""
        asked = {row.understood for row in self.skills}
        text = f"{self.form['title'].value() or ''}\n{self.form['description'].value() or ''}"
        found = [link.skill for link in suggest_skills(text) if str(link.skill.pk) not in asked]
        self.form.fields["suggested"].choices = [(skill.pk, skill.label) for skill in found]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the form stands: template, page after saving, entry in the menu; and employers to choose from, if any."""

    template: str
    after: str
    section: str
    employers: QuerySet[Employer] | None = None


def write_opening(
    request: HttpRequest,
    actor: User,
    desk: Desk,
    *,
    employer: Employer | None = None,
    opening: Opening | None = None,
) -> HttpResponse:
    """Answer the posting form for a new opening of `employer` (or of the one chosen in it), or for `opening`."""
    asked = list(opening.requirements.select_related("skill")) if opening else []
    employers = desk.employers if opening is None else None
    if request.method != "POST":
        initial = initial_of(opening) if opening else {"employer": request.GET.get("employer")}
        posting = Posting(initial=initial, asked=asked, employers=employers)
        return show(request, desk, posting, opening)
    posting = Posting(request.POST, asked=asked, employers=employers)
    if not posting.is_valid():
        return show(request, desk, posting, opening)
    act = request.POST.get("do")
    if act == "check":
        screening = attempt(posting.form, _rehearse, actor=actor, employer=employer, opening=opening, posting=posting)
        return show(request, desk, posting.again(employers) if screening else posting, opening, screening)
    saved = attempt(
        posting.form, _save, actor=actor, employer=employer, opening=opening, posting=posting, submit=act == "submit"
    )
    if saved is None:
        return show(request, desk, posting, opening)
    messages.success(request, _("The opening was handed in.") if act == "submit" else _("The opening was saved."))
    return redirect(desk.after, pk=saved.pk)


def show(
    request: HttpRequest,
    desk: Desk,
    posting: Posting,
    opening: Opening | None = None,
    screening: Screening | None = None,
) -> HttpResponse:
    """The page with the form; after a check, with what the screening found."""
    posting.suggest()
    context = {
        "form": posting.form,
        "skills": posting.skills,
        "opening": opening,
        "section": desk.section,
        "screening": screening,
        "may_submit": opening is None or opening.status in (Opening.Status.DRAFT, Opening.Status.REFUSED),
    }
    return render(request, desk.template, context)


def initial_of(opening: Opening) -> dict[str, Any]:
    """An opening as the initial values of its form."""
    initial = model_to_dict(opening, fields=OpeningForm.Meta.fields)
    initial |= {name: f"{value.normalize():f}" for name, value in initial.items() if isinstance(value, Decimal)}
    if opening.occupation and link_occupation(opening.title) != opening.occupation:
        initial["occupation"] = opening.occupation.label
    return initial | {f"language_{code}": opening.languages.get(code, "") for code in Language.values}


@transaction.atomic
def _save(
    *,
    actor: User,
    employer: Employer | None,
    opening: Opening | None,
    posting: Posting,
    submit: bool = False,
) -> Opening:
    today = timezone.localdate()
    said, requirements = posting.form.said, posting.requirements
    if opening is None:
        for_whom = employer or posting.form.cleaned_data["employer"]
        saved = draft_opening(actor=actor, employer=for_whom, on=today, requirements=requirements, **said)
    else:
        saved = revise_opening(actor=actor, opening=opening, on=today, requirements=requirements, **said)
    return submit_opening(actor=actor, opening=saved, on=today) if submit else saved


def _rehearse(**arguments: Any) -> Screening:
    """Screen the opening as it would be saved, and save nothing."""
    with transaction.atomic():
        screening = screen_opening(_save(**arguments), on=timezone.localdate())
        transaction.set_rollback(True)
    return screening
