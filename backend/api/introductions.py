"""Introductions: the counsellor's view, and the employer's by stage."""

from typing import Any

from django.utils import timezone
from django_filters import filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.beneficiaries.models import Consent
from backend.matches import services
from backend.matches.models import Introduction
from backend.matches.policies import visible_introductions
from backend.matches.queries import NAMED_FIELDS, employer_view, preview_profile

from .base import PORTAL, STAFF, NounViewSet, act, today
from .filters import NounFilter
from .forms import BoundedDateTimeField, NounForm, NounSerializer, Plain

SHARED = [(state.value, state.label) for state in Introduction.SHARED]


class IntroductionSerializer(NounSerializer):
    beneficiary = serializers.UUIDField(source="match.beneficiary_id")
    opening = serializers.UUIDField(source="match.opening_id")

    class Meta:
        model = Introduction
        fields = [
            "id", "match", "beneficiary", "opening", "state", "pseudonym", "shared_profile", "blind_consent",
            "identity_consent", "shared_at", "answered_at", "employer_reason", "question", "interview_at", "created_at",
        ]  # fmt: skip


class CandidateSerializer(NounSerializer):
    """A candidate in the list: which opening, how far it has come."""

    candidate = serializers.CharField(source="pseudonym")
    state = serializers.ChoiceField(SHARED)
    opening = serializers.UUIDField(source="match.opening_id")

    class Meta:
        model = Introduction
        fields = [
            "id", "candidate", "state", "opening", "shared_at", "answered_at", "question", "interview_at", "created_at",
        ]  # fmt: skip


class CandidateDetailSerializer(CandidateSerializer):
    """A candidate as far as she is shared: a profile first, who she is only once she agrees."""

    profile = serializers.DictField()
    identity = serializers.DictField(child=serializers.CharField())

    class Meta(CandidateSerializer.Meta):
        fields = [*CandidateSerializer.Meta.fields, "profile", "identity"]

    def to_representation(self, instance: Introduction) -> dict[str, Any]:
        view = employer_view(instance, on=today())
        identity = {name: view[name] for name in NAMED_FIELDS if name in view}
        return CandidateSerializer(instance).data | {"profile": view["profile"], "identity": identity}


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


class CandidateFilter(NounFilter):
    opening = filters.UUIDFilter(field_name="match__opening")
    state = filters.ChoiceFilter(choices=SHARED)

    class Meta:
        model = Introduction
        fields = ["opening", "state"]


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


class PreviewSerializer(Plain):
    profile = serializers.DictField()


class AnswerForm(Plain):
    answer = serializers.ChoiceField(["interested", "declined", "question"])
    reason = serializers.ChoiceField(Introduction.EmployerReason.choices, required=False, allow_blank=True)
    question = serializers.CharField(max_length=400, required=False, allow_blank=True)


class InterviewForm(Plain):
    interview_at = BoundedDateTimeField()


class AdvanceForm(Plain):
    to_state = serializers.ChoiceField([Introduction.State.TRIAL.value, Introduction.State.OFFER.value])


class IntroductionViewSet(NounViewSet):
    visible = staticmethod(visible_introductions)
    served = PORTAL
    related = ("match__opening__employer", "match__beneficiary", "blind_consent", "identity_consent")

    @property
    def filterset_class(self) -> type[NounFilter]:
        return CandidateFilter if self.is_for_employer else IntroductionFilter

    def get_serializer_class(self) -> type[Any]:
        if not self.is_for_employer:
            return IntroductionSerializer
        return CandidateSerializer if self.action == "list" else CandidateDetailSerializer

    def _perform(self, service: Any, **given: Any) -> Response:
        return self.perform(service, introduction=self.get_object(), now=timezone.now(), **given)

    @act(AnswerForm, answers={200: CandidateDetailSerializer, 204: None})
    def answer(self, request: Request, pk: str) -> Response:
        """The employer's answer. After a refusal the answer is empty: the candidate is no longer shown."""
        return self._perform(services.answer_introduction)

    @act(served=STAFF, methods=["get"], answers=PreviewSerializer)
    def preview(self, request: Request, pk: str) -> Response:
        """Exactly what the employer would see."""
        return Response({"profile": preview_profile(self.get_object())})

    @act(AgreementForm, served=STAFF)
    def agree(self, request: Request, pk: str) -> Response:
        """She agrees to be introduced without a name."""
        return self._perform(services.record_agreement)

    @act(served=STAFF)
    def share(self, request: Request, pk: str) -> Response:
        """Show the unnamed profile to the employer."""
        return self._perform(services.share_introduction)

    @act(IdentityConsentForm, served=STAFF)
    def consent(self, request: Request, pk: str) -> Response:
        """She consents to be named, and says what may be told."""
        return self._perform(services.record_identity_consent)

    @act(served=STAFF)
    def disclose(self, request: Request, pk: str) -> Response:
        """Tell the employer her name."""
        return self._perform(services.disclose_identity)

    @act(InterviewForm, served=STAFF)
    def interview(self, request: Request, pk: str) -> Response:
        return self._perform(services.set_interview)

    @act(AdvanceForm, served=STAFF)
    def advance(self, request: Request, pk: str) -> Response:
        return self._perform(services.advance_introduction)

    @act(served=STAFF)
    def withdraw(self, request: Request, pk: str) -> Response:
        """End it from the counsellor's side."""
        return self._perform(services.withdraw_introduction)

    @act(served=STAFF)
    def decline(self, request: Request, pk: str) -> Response:
        """She says no."""
        return self._perform(services.decline_for_her)
