"""Independence assessments and warning flags."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.beneficiaries.policies import visible_beneficiaries
from backend.outcomes import services
from backend.outcomes.models import INDEPENDENCE_DOMAINS, Assessment, WarningFlag
from backend.outcomes.policies import visible_assessments, visible_follow_ups, visible_warning_flags

from .base import NounViewSet, act, takes, today
from .filters import NounFilter
from .forms import NounForm, NounSerializer, Plain, VisibleRelatedField


class AssessmentSerializer(NounSerializer):
    class Meta:
        model = Assessment
        fields = [
            "id",
            "beneficiary",
            "assessed_on",
            *INDEPENDENCE_DOMAINS,
            "needs_met",
            "agrees",
            "assessed_by",
            "created_at",
        ]


class AssessmentForm(NounForm):
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)

    class Meta:
        model = Assessment
        fields = ["beneficiary", *INDEPENDENCE_DOMAINS, "needs_met", "agrees"]


class AssessmentFilter(NounFilter):
    class Meta:
        model = Assessment
        fields = {"beneficiary": ["exact"], "assessed_on": ["gte", "lte"]}


class AssessmentViewSet(NounViewSet):
    visible = staticmethod(visible_assessments)
    serializer_class = AssessmentSerializer
    filterset_class = AssessmentFilter
    ordering_fields = ("assessed_on", "created_at")

    @takes(AssessmentForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.record_assessment, on=today(), status=201)


class FlagSerializer(NounSerializer):
    class Meta:
        model = WarningFlag
        fields = [
            "id", "beneficiary", "follow_up", "kind", "severity", "raised_on", "due_on", "resolved_on", "resolution",
            "raised_by", "created_at",
        ]  # fmt: skip


class FlagForm(NounForm):
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)
    follow_up = VisibleRelatedField(visible=visible_follow_ups, allow_null=True, required=False)

    class Meta:
        model = WarningFlag
        fields = ["beneficiary", "follow_up", "kind"]


class ResolutionForm(Plain):
    resolution = serializers.CharField(max_length=1000)


class FlagFilter(NounFilter):
    class Meta:
        model = WarningFlag
        fields = {
            "beneficiary": ["exact"],
            "severity": ["exact"],
            "due_on": ["gte", "lte"],
            "resolved_on": ["isnull"],
        }


class FlagViewSet(NounViewSet):
    visible = staticmethod(visible_warning_flags)
    serializer_class = FlagSerializer
    filterset_class = FlagFilter
    ordering_fields = ("severity", "due_on", "raised_on", "created_at")
    ordering = ("-severity", "due_on")  # most_urgent_first

    @takes(FlagForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.raise_flag, on=today(), status=201)

    @act(ResolutionForm)
    def resolve(self, request: Request, pk: str) -> Response:
        return self.perform(services.resolve_flag, flag=self.get_object(), on=today())
