"""One path per noun, for the programme's own people.

There is no root that lists them: not every role may know every noun.
"""

from django.http import Http404
from django.urls import path, re_path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from . import (
    assessments,
    beneficiaries,
    break_glass,
    candidates,
    caseloads,
    courses,
    employers,
    enrolments,
    introductions,
    matches,
    openings,
    organisations,
    places,
    plans,
    profiles,
    skills,
    snapshots,
    spells,
)
from .base import NounViewSet, Role
from .schema import docs_view, schema_view

NOUNS: dict[str, type[NounViewSet]] = {
    "organisations": organisations.OrganisationViewSet,
    "users": organisations.UserViewSet,
    "memberships": organisations.MembershipViewSet,
    "countries": places.CountryViewSet,
    "districts": places.DistrictViewSet,
    "municipalities": places.MunicipalityViewSet,
    "skills": skills.SkillViewSet,
    "occupations": skills.OccupationViewSet,
    "employers": employers.EmployerViewSet,
    "contacts": employers.ContactViewSet,
    "vettings": employers.VettingViewSet,
    "openings": openings.OpeningViewSet,
    "requirements": openings.RequirementViewSet,
    "reviews": openings.ReviewViewSet,
    "break-glass": break_glass.BreakGlassViewSet,
    "caseloads": caseloads.CaseloadViewSet,
    "beneficiaries": beneficiaries.BeneficiaryViewSet,
    "held-skills": profiles.HeldSkillViewSet,
    "languages": profiles.LanguageSkillViewSet,
    "experiences": profiles.ExperienceViewSet,
    "wishes": profiles.WishesViewSet,
    "goals": plans.GoalViewSet,
    "safety-rules": plans.SafetyRuleViewSet,
    "consents": plans.ConsentViewSet,
    "courses": courses.CourseViewSet,
    "sessions": courses.SessionViewSet,
    "enrolments": enrolments.EnrolmentViewSet,
    "credentials": enrolments.CredentialViewSet,
    "match-runs": matches.MatchRunViewSet,
    "matches": matches.MatchViewSet,
    "decisions": matches.DecisionViewSet,
    "introductions": introductions.IntroductionViewSet,
    "candidates": candidates.CandidateViewSet,
    "spells": spells.SpellViewSet,
    "follow-ups": spells.FollowUpViewSet,
    "assessments": assessments.AssessmentViewSet,
    "flags": assessments.FlagViewSet,
    "snapshots": snapshots.SnapshotViewSet,
}


def router_of(nouns: dict[str, type[NounViewSet]]) -> SimpleRouter:
    router = SimpleRouter()
    for noun, viewset in nouns.items():
        router.register(noun, viewset, basename=noun)
    return router


class UnknownPathView(APIView):
    """Answers what is not there in the same shape as everything else."""

    schema = None
    permission_classes = [IsAuthenticated]
    metadata_class = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404

    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        raise Http404


app_name = "api"
# Employers come in by a door of their own: portal_urls.
router = router_of({noun: viewset for noun, viewset in NOUNS.items() if viewset.served - {Role.EMPLOYER}})
urlpatterns = [
    *router.urls,
    path("schema/", schema_view, name="schema"),
    path("docs/", docs_view, name="docs"),
    re_path(r"", UnknownPathView.as_view(), name="unknown"),
]
