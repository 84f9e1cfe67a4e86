"""Introductions, as the counsellor sees them; the employer's side is in `candidates`."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.beneficiaries.models import Consent
from backend.matches import services
from backend.matches.card import NAMED_FIELDS
from backend.matches.models import Introduction
from backend.matches.policies import visible_introductions

from .base import NounViewSet, act
from .candidates import CANDIDATE, AnswerForm, at_stage
from .filters import NounFilter
from .forms import BoundedDateTimeField, NounForm, NounSerializer, Plain


class IntroductionSerializer(NounSerializer):
    beneficiary = serializers.UUIDField(source="match.beneficiary_id")
    opening = serializers.UUIDField(source="match.opening_id")

    class Meta:
        model = Introduction
        fields = [
            "id", "match", "beneficiary", "opening", "state", "pseudonym", "shared_profile", "blind_consent",
            "identity_consent", "shared_at", "answered_at", "employer_reason", "question", "reply", "interview_at",
            "created_at",
        ]  # fmt: skip


class IntroductionFilter(NounFilter):
    class Meta:
        model = Introduction
        fields = {
            "match": ["exact"],
            "match__beneficiary": ["exact"],
            "match__opening": ["exact"],
            "match__opening__employer": ["exact"],
            "state": ["exact"],
        }


class AgreementForm(NounForm):
    class Meta:
        model = Consent
        fields = ["method", "language"]


class IdentityConsentForm(AgreementForm):
    fields = serializers.ListField(  # type: ignore[assignment]
        child=serializers.ChoiceField(NAMED_FIELDS), min_length=1, max_length=len(NAMED_FIELDS)
    )

    class Meta(AgreementForm.Meta):
        fields = [*AgreementForm.Meta.fields, "fields"]


class ReplyForm(Plain):
    reply = serializers.CharField(max_length=400)


class InterviewForm(Plain):
    interview_at = BoundedDateTimeField()


class AdvanceForm(Plain):
    to_state = serializers.ChoiceField([Introduction.State.TRIAL.value, Introduction.State.OFFER.value])


class IntroductionViewSet(NounViewSet):
    visible = staticmethod(visible_introductions)
    serializer_class = IntroductionSerializer
    filterset_class = IntroductionFilter
    related = ("match__opening__employer", "match__beneficiary", "blind_consent", "identity_consent")

    def _perform(self, service: Any, **given: Any) -> Response:
        return self.perform(service, introduction=self.get_object(), now=timezone.now(), **given)

    @act(AnswerForm)
    def answer(self, request: Request, pk: str) -> Response:
        """The employer answered by telephone."""
        return self._perform(services.record_answer)

    @act(ReplyForm)
    def reply(self, request: Request, pk: str) -> Response:
        """Answer the employer's question."""
        return self._perform(services.reply_to_question)

    @act(methods=["get"], answers=CANDIDATE)
    def preview(self, request: Request, pk: str) -> Response:
        """Exactly what the employer reads, or would read if it were shared now."""
        introduction = self.get_object()
        told = services.read_preview(actor=self.actor, introduction=introduction, now=timezone.now())
        return Response(at_stage(introduction, told))

    @act(AgreementForm)
    def agree(self, request: Request, pk: str) -> Response:
        """She agrees to be introduced without a name."""
        return self._perform(services.record_agreement)

    @act()
    def share(self, request: Request, pk: str) -> Response:
        """Show the unnamed profile to the employer."""
        return self._perform(services.share_introduction)

    @act(IdentityConsentForm)
    def consent(self, request: Request, pk: str) -> Response:
        """She consents to be named, and says what may be told."""
        return self._perform(services.record_identity_consent)

    @act()
    def disclose(self, request: Request, pk: str) -> Response:
        """Tell the employer her name."""
        return self._perform(services.disclose_identity)

    @act(InterviewForm)
    def interview(self, request: Request, pk: str) -> Response:
        return self._perform(services.set_interview)

    @act(AdvanceForm)
    def advance(self, request: Request, pk: str) -> Response:
        return self._perform(services.advance_introduction)

    @act()
    def withdraw(self, request: Request, pk: str) -> Response:
        """End it from the counsellor's side."""
        return self._perform(services.withdraw_introduction)

    @act()
    def decline(self, request: Request, pk: str) -> Response:
        """She says no."""
        return self._perform(services.decline_for_her)
