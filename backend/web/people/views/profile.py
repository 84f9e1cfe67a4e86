"""Her profile: skills, languages, experience, wishes."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from backend.beneficiaries import policies, services
from backend.beneficiaries.models import Beneficiary, Wishes
from backend.skills.linking import SURE, link_skills

from ...desks import counsellors, signed_in
from ..fields import ActForm
from ..forms.profile import ExperienceForm, LanguageForm, SkillForm, WishesForm
from ..frame import adding, changing, own_person, posted, show, succeeds, today

PROFILE = "web:person_profile"
SUGGESTIONS = 6
LIKELY = 0.3
"""Below this score a suggestion is a guess at the letters, not at what she means."""


def profile_page(
    request: HttpRequest,
    person: Beneficiary,
    language: ActForm | None = None,
    experience: ActForm | None = None,
    wishes: ActForm | None = None,
    bound: dict[UUID, ActForm] | None = None,
) -> HttpResponse:
    known = Wishes.objects.filter(beneficiary=person).prefetch_related("occupations").first()
    return show(
        request,
        person,
        PROFILE,
        "people/profile.html",
        skills=person.skills.select_related("skill").order_by("-level", "-noted_on"),
        spoken=person.languages.order_by("-spoken"),
        experiences=person.experiences.select_related("occupation").order_by("-years"),
        language_form=language or LanguageForm(),
        experience_form=experience or ExperienceForm(),
        wishes_form=wishes or WishesForm(instance=known),
    )


@counsellors
@require_safe
def profile(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a ranking is made from."""
    return profile_page(request, own_person(request, pk))


@counsellors
@require_http_methods(["GET", "HEAD", "POST"])
def note_skill(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Her words, then the skills they may mean, then level and evidence.

    While she types, htmx fetches the suggestions alone; without it a button does.
    """
    person, actor = own_person(request, pk), signed_in(request)
    words = (request.POST.get("phrase") or request.GET.get("words") or "").replace("\0", "").strip()[:200]
    form = SkillForm(posted(request), actor=actor, initial={"phrase": words})
    if request.method == "POST" and succeeds(form, services.note_skill, actor=actor, beneficiary=person, **today()):
        messages.success(request, _("“%(skill)s” is in her profile.") % {"skill": form.cleaned_data["skill"]})
        return redirect(PROFILE, pk=person.pk)
    found = link_skills([words], k=SUGGESTIONS)[0] if words else []
    links = [link for link in found if link.score >= LIKELY]
    # Only what she surely means is chosen for her; everything else somebody has to choose.
    chosen = form.data.get("skill") or (str(links[0].skill.pk) if links and links[0].score >= SURE else "")
    context = {"form": form, "words": words, "links": links, "chosen": chosen}
    if request.htmx and request.method == "GET":  # type: ignore[attr-defined]
        return render(request, "people/skill_choices.html", context | {"person": person})
    return show(request, person, PROFILE, "people/skill.html", **context)


remove_skill = changing(
    "held_skill",
    policies.visible_held_skills,
    services.remove_skill,
    profile_page,
    PROFILE,
    gettext_lazy("The skill is removed."),
)
note_language = adding(
    "language", LanguageForm, services.note_language, profile_page, PROFILE, gettext_lazy("The language is saved.")
)
remove_language = changing(
    "language_skill",
    policies.visible_language_skills,
    services.remove_language,
    profile_page,
    PROFILE,
    gettext_lazy("The language is removed."),
)
note_experience = adding(
    "experience", ExperienceForm, services.note_experience, profile_page, PROFILE, gettext_lazy("Her work is saved.")
)
remove_experience = changing(
    "experience",
    policies.visible_experiences,
    services.remove_experience,
    profile_page,
    PROFILE,
    gettext_lazy("The line is removed."),
)
save_wishes = adding(
    "wishes", WishesForm, services.save_wishes, profile_page, PROFILE, gettext_lazy("Her wishes are saved.")
)
