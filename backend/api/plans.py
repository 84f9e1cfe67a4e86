"""The individual plan, the safety rules and the consents."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.beneficiaries import services
from backend.beneficiaries.models import Consent, Goal, SafetyRule
from backend.beneficiaries.policies import (
    visible_beneficiaries,
    visible_consents,
    visible_goals,
    visible_safety_rules,
)
from backend.employers.policies import visible_employers, visible_openings
from backend.matches.services import keep_from_her, withdraw_consent

from .base import NounViewSet, act, takes, today
from .filters import NounFilter
from .forms import NounForm, NounSerializer, Plain, VisibleRelatedField, municipality


class GoalSerializer(NounSerializer):
    class Meta:
        model = Goal
        fields = ["id", "beneficiary", "domain", "text", "owner", "set_on", "due_on", "achieved_on", "created_at"]


class GoalForm(NounForm):
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)

    class Meta:
        model = Goal
        fields = ["beneficiary", "domain", "text", "owner", "due_on"]


class GoalFilter(NounFilter):
    class Meta:
        model = Goal
        fields = {
            "beneficiary": ["exact"],
            "due_on": ["gte", "lte"],
            "achieved_on": ["isnull"],
        }


class GoalViewSet(NounViewSet):
    visible = staticmethod(visible_goals)
    serializer_class = GoalSerializer
    filterset_class = GoalFilter
    ordering_fields = ("set_on", "created_at")

    @takes(GoalForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.set_goal, on=today(), status=201)

    @act()
    def achieve(self, request: Request, pk: str) -> Response:
        return self.perform(services.achieve_goal, goal=self.get_object(), on=today())


class SafetyRuleSerializer(NounSerializer):
    municipality = serializers.CharField(source="municipality_id")
    employer = serializers.UUIDField(source="employer_id", allow_null=True)
    radius_km = serializers.IntegerField(allow_null=True)

    class Meta:
        model = SafetyRule
        fields = [
            "id", "beneficiary", "kind", "municipality", "radius_km", "employer", "sector", "condition", "set_on",
            "lifted_on", "lifted_because", "created_at",
        ]  # fmt: skip


class SafetyRuleForm(NounForm):
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)
    municipality = municipality(allow_null=True, required=False)
    employer = VisibleRelatedField(visible=visible_employers, allow_null=True, required=False)

    class Meta:
        model = SafetyRule
        fields = ["beneficiary", "kind", "municipality", "radius_km", "employer", "sector", "condition"]


class LiftForm(Plain):
    reason = serializers.CharField(max_length=400)


class SafetyRuleFilter(NounFilter):
    class Meta:
        model = SafetyRule
        fields = {"beneficiary": ["exact"], "lifted_on": ["isnull"]}


class SafetyRuleViewSet(NounViewSet):
    visible = staticmethod(visible_safety_rules)
    serializer_class = SafetyRuleSerializer
    filterset_class = SafetyRuleFilter
    ordering_fields = ("set_on", "created_at")

    @takes(SafetyRuleForm)
    def create(self, request: Request) -> Response:
        return self.perform(keep_from_her, now=timezone.now(), status=201)

    @act(LiftForm)
    def lift(self, request: Request, pk: str) -> Response:
        return self.perform(services.lift_safety_rule, rule=self.get_object(), on=today())


class ConsentSerializer(NounSerializer):
    class Meta:
        model = Consent
        fields = [
            "id", "beneficiary", "purpose", "recipient", "opening", "fields", "text_version", "language", "method",
            "given_on", "expires_on", "withdrawn_at", "recorded_by", "created_at",
        ]  # fmt: skip


class ConsentForm(NounForm):
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)
    recipient = VisibleRelatedField(visible=visible_employers, allow_null=True, required=False)
    opening = VisibleRelatedField(visible=visible_openings, allow_null=True, required=False)
    fields = serializers.ListField(  # type: ignore[assignment]
        child=serializers.CharField(max_length=40), max_length=20, required=False
    )

    class Meta:
        model = Consent
        fields = [
            "beneficiary", "purpose", "recipient", "opening", "language", "method", "given_on", "expires_on", "fields",
        ]  # fmt: skip


class ConsentFilter(NounFilter):
    class Meta:
        model = Consent
        fields = {
            "beneficiary": ["exact"],
            "purpose": ["exact"],
            "recipient": ["exact"],
            "opening": ["exact"],
            "expires_on": ["gte", "lte"],
            "withdrawn_at": ["isnull"],
        }


class ConsentViewSet(NounViewSet):
    visible = staticmethod(visible_consents)
    serializer_class = ConsentSerializer
    filterset_class = ConsentFilter
    ordering_fields = ("given_on", "created_at")

    @takes(ConsentForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.give_consent, status=201)

    @act()
    def withdraw(self, request: Request, pk: str) -> Response:
        return self.perform(withdraw_consent, consent=self.get_object(), now=timezone.now())
