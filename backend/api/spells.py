"""Employment spells and their follow-ups."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.beneficiaries.models import Identity
from backend.beneficiaries.policies import visible_beneficiaries
from backend.employers.policies import visible_employers
from backend.matches.policies import visible_introductions
from backend.outcomes import services
from backend.outcomes.models import ContactAttempt, EmploymentSpell, FollowUp, WarningFlag
from backend.outcomes.policies import visible_follow_ups, visible_spells

from .base import NounViewSet, act, takes, today
from .filters import NounFilter
from .forms import BoundedDateField, NounForm, NounSerializer, Plain, VisibleRelatedField


class SpellSerializer(NounSerializer):
    class Meta:
        model = EmploymentSpell
        fields = [
            "id", "beneficiary", "employer", "introduction", "job_title", "contract", "hours_per_week",
            "net_pay_per_month", "is_written", "is_subsidised", "started_on", "ended_on", "end_reason", "evidence",
            "verified_on", "created_at",
        ]  # fmt: skip


class SpellForm(NounForm):
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)
    employer = VisibleRelatedField(visible=visible_employers, allow_null=True, required=False)
    introduction = VisibleRelatedField(visible=visible_introductions, allow_null=True, required=False)

    class Meta:
        model = EmploymentSpell
        fields = [
            "beneficiary", "employer", "introduction", "job_title", "contract", "hours_per_week", "net_pay_per_month",
            "is_written", "is_subsidised", "started_on", "ended_on", "end_reason", "evidence",
        ]  # fmt: skip


class SpellEndForm(Plain):
    ended_on = BoundedDateField()
    end_reason = serializers.ChoiceField(EmploymentSpell.EndReason.choices, source="reason")


class SpellFilter(NounFilter):
    class Meta:
        model = EmploymentSpell
        fields = {
            "beneficiary": ["exact"],
            "employer": ["exact"],
            "contract": ["exact"],
            "started_on": ["gte", "lte"],
            "ended_on": ["gte", "lte", "isnull"],
            "end_reason": ["exact"],
        }


class SpellViewSet(NounViewSet):
    visible = staticmethod(visible_spells)
    serializer_class = SpellSerializer
    filterset_class = SpellFilter
    ordering_fields = ("started_on", "created_at")

    @takes(SpellForm)
    def create(self, request: Request) -> Response:
        """Record a placement; its follow-ups are planned from the first day worked."""
        return self.perform(services.start_spell, on=today(), status=201)

    @act(SpellEndForm)
    def end(self, request: Request, pk: str) -> Response:
        return self.perform(services.end_spell, spell=self.get_object(), on=today())

    @act()
    def keep_in_touch(self, request: Request, pk: str) -> Response:
        """Plan contact up to 36 months, if she wishes; 409 if it is planned, or that is past."""
        return self.perform(services.keep_in_touch, spell=self.get_object(), on=today())


class AttemptSerializer(NounSerializer):
    class Meta:
        model = ContactAttempt
        fields = ["id", "attempted_at", "channel", "result", "attempted_by"]


class FollowUpSerializer(NounSerializer):
    beneficiary = serializers.UUIDField(source="spell.beneficiary_id")
    attempts = AttemptSerializer(many=True)

    class Meta:
        model = FollowUp
        fields = [
            "id", "spell", "beneficiary", "day", "due_on", "result", "status", "contacted_on", "evidence",
            "pay_on_time", "feels_safe", "note", "recorded_by", "attempts", "created_at",
        ]  # fmt: skip


class FollowUpForm(NounForm):
    flags = serializers.ListField(
        child=serializers.ChoiceField(WarningFlag.Kind.choices), max_length=len(WarningFlag.Kind), required=False
    )

    class Meta:
        model = FollowUp
        fields = ["result", "status", "contacted_on", "evidence", "pay_on_time", "feels_safe", "note", "flags"]
        extra_kwargs = {
            "result": {"required": True, "allow_blank": False},
            "contacted_on": {"required": True, "allow_null": False},
        }


class AttemptForm(Plain):
    channel = serializers.ChoiceField(Identity.Channel.choices)
    result = serializers.ChoiceField(FollowUp.Result.choices)


class FollowUpFilter(NounFilter):
    class Meta:
        model = FollowUp
        fields = {
            "spell": ["exact"],
            "spell__beneficiary": ["exact"],
            "day": ["exact"],
            "due_on": ["gte", "lte"],
            "contacted_on": ["isnull"],
            "result": ["exact"],
            "status": ["exact"],
        }


class FollowUpViewSet(NounViewSet):
    visible = staticmethod(visible_follow_ups)
    related = ("spell",)
    prefetched = ("attempts",)
    serializer_class = FollowUpSerializer
    filterset_class = FollowUpFilter
    ordering_fields = ("due_on", "created_at")

    @act(FollowUpForm)
    def record(self, request: Request, pk: str) -> Response:
        """Write down what the contact found. A second record answers 409; one that was missed takes a later answer."""
        return self.perform(services.record_follow_up, follow_up=self.get_object(), on=today())

    @act(AttemptForm)
    def attempts(self, request: Request, pk: str) -> Response:
        """Note a try to reach her."""
        return self.perform(services.log_attempt, follow_up=self.get_object(), now=timezone.now())
