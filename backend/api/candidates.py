"""The employer's own noun: candidates for its openings, each at its stage."""

from typing import Any

from django.utils import timezone
from django_filters import filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts.models import Membership
from backend.matches import services
from backend.matches.card import STAGES
from backend.matches.models import Introduction
from backend.matches.policies import visible_introductions
from backend.skills.codes import CEFR

from .base import NounViewSet, act, takes
from .filters import NounFilter
from .forms import NounSerializer, Plain
from .pagination import SharedCursorPagination

NAMES = {stage.name: state for state, stage in STAGES.items()}
STAGE_CHOICES = [(name, name) for name in (*NAMES, "closed")]


class SkillLine(Plain):
    label = serializers.CharField()  # type: ignore[assignment]
    level = serializers.CharField()


class LanguageLine(Plain):
    language = serializers.CharField()
    spoken = serializers.ChoiceField(CEFR.choices)
    written = serializers.ChoiceField(CEFR.choices, allow_blank=True)


class ExperienceLine(Plain):
    label = serializers.CharField()  # type: ignore[assignment]
    years = serializers.CharField()


class SkillsProfile(Plain):
    skills = SkillLine(many=True, required=False)
    languages = LanguageLine(many=True, required=False)
    licences = serializers.ListField(child=serializers.CharField(), required=False)
    experience = ExperienceLine(many=True, required=False)


class FullProfile(SkillsProfile):
    hours = serializers.CharField(allow_null=True, required=False)
    shifts = serializers.ListField(child=serializers.CharField(), allow_null=True, required=False)


class CandidateName(Plain):
    first_name = serializers.CharField(required=False)
    last_name = serializers.CharField(required=False)


class CandidateContact(CandidateName):
    phone = serializers.CharField(required=False)
    email = serializers.CharField(required=False)


class ClosedCandidate(Plain):
    """A candidate who is no longer available."""

    id = serializers.UUIDField()
    candidate = serializers.CharField()
    stage = serializers.ChoiceField(STAGE_CHOICES)
    opening = serializers.CharField()


class NewCandidate(ClosedCandidate):
    """Skills, languages, licences and experience."""

    shared_at = serializers.DateTimeField(required=False, allow_null=True)
    answered_at = serializers.DateTimeField(required=False, allow_null=True)
    question = serializers.CharField(required=False, allow_blank=True)
    reply = serializers.CharField(required=False, allow_blank=True)
    profile = SkillsProfile(required=False)


class InterestingCandidate(NewCandidate):
    """Availability as well."""

    profile = FullProfile(required=False)


class NamedCandidate(InterestingCandidate):
    """The name as well, as far as the candidate agreed."""

    identity = CandidateName(required=False)


class InvitedCandidate(NamedCandidate):
    """Phone and e-mail as well, as far as the candidate agreed."""

    interview_at = serializers.DateTimeField(required=False, allow_null=True)
    identity = CandidateContact(required=False)


BY_STAGE: dict[str, type[ClosedCandidate]] = {
    "closed": ClosedCandidate,
    "new": NewCandidate,
    "interested": InterestingCandidate,
    "agreed": InterestingCandidate,
    "named": NamedCandidate,
    **dict.fromkeys(("interview", "trial", "offer", "hired"), InvitedCandidate),
}
CANDIDATE = InvitedCandidate
"""What the OpenAPI document says: what no stage requires may be missing."""


def at_stage(introduction: Introduction, view: dict[str, Any]) -> dict[str, Any]:
    """The candidate in the shape of the stage that `view` is at."""
    return dict(BY_STAGE[view["stage"]](view | {"id": introduction.pk}).data)


class CandidateLine(NounSerializer):
    """A candidate in the list: for which opening, how far it has come."""

    candidate = serializers.CharField(source="pseudonym")
    stage = serializers.SerializerMethodField()
    opening = serializers.UUIDField(source="match.opening_id")

    class Meta:
        model = Introduction
        # When it was first thought of is not theirs to know.
        fields = ["id", "candidate", "stage", "opening", "shared_at", "answered_at"]

    def get_stage(self, introduction: Introduction) -> str:
        return STAGES[introduction.state].name


class CandidateFilter(NounFilter):
    opening = filters.UUIDFilter(field_name="match__opening")
    stage = filters.ChoiceFilter(choices=[(name, name) for name in NAMES], method="at_stage")

    class Meta:
        model = Introduction
        fields = ["opening", "stage"]

    def at_stage(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(state=NAMES[value])


class AnswerForm(Plain):
    answer = serializers.ChoiceField(["interested", "declined", "question"])
    reason = serializers.ChoiceField(Introduction.EmployerReason.choices, required=False, allow_blank=True)
    question = serializers.CharField(max_length=400, required=False, allow_blank=True)


class CandidateViewSet(NounViewSet):
    visible = staticmethod(visible_introductions)
    served = frozenset({Membership.Role.EMPLOYER})
    related = ("match__opening__employer", "match__beneficiary")
    serializer_class = CandidateLine
    filterset_class = CandidateFilter
    pagination_class = SharedCursorPagination
    ordering_fields = ("shared_at",)

    @takes(None, answers=CANDIDATE)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A candidate as far as the stage allows."""
        introduction = self.get_object()
        told = services.read_card(actor=self.actor, introduction=introduction, now=timezone.now())
        return Response(at_stage(introduction, told))

    @act(AnswerForm, answers={200: CandidateLine, 204: None})
    def answer(self, request: Request, pk: str) -> Response:
        """Yes, no or a question. After a no the answer is empty: the candidate is no longer shown."""
        return self.perform(services.answer_introduction, introduction=self.get_object(), now=timezone.now())
