"""A colleague's person opened in an emergency, and the lead's review of it."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.beneficiaries import services
from backend.beneficiaries.models import BreakGlass
from backend.beneficiaries.policies import visible_break_glasses

from .base import NounViewSet, Role, act, takes
from .filters import NounFilter
from .forms import NounSerializer, Plain


class BreakGlassSerializer(NounSerializer):
    """When, who and why; whom it concerns is told to the counsellor who opened her alone, in answer to that."""

    class Meta:
        model = BreakGlass
        fields = [
            "id", "opened_by", "reason", "opened_at", "closes_at", "verdict", "reviewed_by", "reviewed_at",
            "created_at",
        ]  # fmt: skip


class OpenedSerializer(BreakGlassSerializer):
    class Meta(BreakGlassSerializer.Meta):
        fields = [*BreakGlassSerializer.Meta.fields, "beneficiary"]


class BreakGlassForm(Plain):
    code = serializers.CharField(max_length=20)
    reason = serializers.CharField(max_length=400)


class VerdictForm(Plain):
    verdict = serializers.ChoiceField(BreakGlass.Verdict.choices)


class BreakGlassFilter(NounFilter):
    class Meta:
        model = BreakGlass
        fields = {"verdict": ["exact"], "opened_at": ["gte", "lte"]}


class BreakGlassViewSet(NounViewSet):
    visible = staticmethod(visible_break_glasses)
    serializer_class = BreakGlassSerializer
    filterset_class = BreakGlassFilter
    ordering_fields = ("opened_at", "created_at")

    @takes(BreakGlassForm, served=frozenset({Role.COUNSELLOR}), answers={201: OpenedSerializer})
    def create(self, request: Request) -> Response:
        """Open a colleague's person for sixty minutes; the lead and her counsellor are told."""
        opened = services.break_glass(actor=self.actor, now=timezone.now(), **self.read_form())
        return Response(OpenedSerializer(opened).data, status=201)

    @act(VerdictForm, served=frozenset({Role.LEAD}))
    def review(self, request: Request, pk: str) -> Response:
        """Say whether it was needed."""
        return self.perform(services.review_break_glass, opened=self.get_object(), now=timezone.now())
