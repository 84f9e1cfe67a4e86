"""The counsellor's caseload: the person, her identity, and her ranked openings."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts.policies import visible_users
from backend.beneficiaries import services
from backend.beneficiaries.models import Beneficiary, Consent, Identity
from backend.beneficiaries.policies import visible_beneficiaries
from backend.beneficiaries.queries import completeness
from backend.beneficiaries.services.codes import HandOverReason
from backend.matches.policies import visible_matches
from backend.matches.queries import Hidden, concept_labels, hidden_openings
from backend.matches.services import current_run, rank_beneficiary
from backend.outcomes.services import erase_person

from .base import NounViewSet, act, takes, today
from .filters import CodeFilter, NounFilter
from .forms import NounForm, NounSerializer, Plain, VisibleRelatedField, licences, municipality
from .matches import RankedMatchSerializer


class BeneficiarySerializer(NounSerializer):
    class Meta:
        model = Beneficiary
        fields: list[str] = [
            "id", "code", "counsellor", "status", "entered_on", "municipality", "permit", "licences", "created_at",
        ]  # fmt: skip


class BeneficiaryDetailSerializer(BeneficiarySerializer):
    missing = serializers.SerializerMethodField()

    class Meta(BeneficiarySerializer.Meta):
        fields = [*BeneficiarySerializer.Meta.fields, "missing"]

    def get_missing(self, beneficiary: Beneficiary) -> list[str]:
        """The fields that matching would use and that are empty."""
        return completeness(beneficiary)


class IdentitySerializer(NounSerializer):
    class Meta:
        model = Identity
        fields = [
            "first_name", "last_name", "birth_date", "phone", "email", "address", "safe_channel", "safe_hours",
            "code_word",
        ]  # fmt: skip


class IdentityForm(NounForm):
    phone = PhoneNumberField(required=False, allow_blank=True)

    class Meta(IdentitySerializer.Meta):
        pass


class SupportConsentForm(NounForm):
    class Meta:
        model = Consent
        fields = ["method", "language", "given_on", "expires_on"]


class BeneficiaryForm(NounForm):
    municipality = municipality(allow_null=True, required=False)
    licences = licences(required=False)
    identity = IdentityForm(required=False)
    support_consent = SupportConsentForm(required=False)

    class Meta:
        model = Beneficiary
        fields = ["code", "entered_on", "municipality", "permit", "licences", "identity", "support_consent"]


class BeneficiaryUpdateForm(BeneficiaryForm):
    identity = support_consent = None  # type: ignore[assignment]

    class Meta:
        model = Beneficiary
        fields = ["status", "entered_on", "municipality", "permit", "licences"]


class HandOverForm(Plain):
    to = VisibleRelatedField(visible=visible_users)
    reason = serializers.ChoiceField(HandOverReason.choices)


class ErasureForm(Plain):
    """Why she goes: on her request alone. It is said so that no program erases by a slip."""

    reason = serializers.ChoiceField([("her_request", gettext_lazy("she asked for it"))])


class RankingSerializer(Plain):
    """The last ranking: what is shown, and how many openings each rule keeps from being shown."""

    ran_at = serializers.DateTimeField(allow_null=True)
    considered = serializers.IntegerField()
    excluded = serializers.DictField(child=serializers.IntegerField())
    matches = RankedMatchSerializer(many=True)
    labels = serializers.DictField(child=serializers.CharField())  # of the concepts that reasons and gaps name


class RuleSerializer(Plain):
    code = serializers.CharField()
    detail = serializers.DictField()


class HiddenSerializer(Plain):
    opening = serializers.UUIDField(source="opening.pk")
    title = serializers.CharField(source="opening.title")
    employer_name = serializers.CharField(source="opening.employer.name")
    rules = serializers.SerializerMethodField()

    @extend_schema_field(RuleSerializer(many=True))
    def get_rules(self, hidden: Hidden) -> list[dict[str, Any]]:
        return [{"code": code, "detail": detail} for code, detail in hidden.rules]


class BeneficiaryFilter(NounFilter):
    municipality = CodeFilter(field_name="municipality_id")

    class Meta:
        model = Beneficiary
        fields = {"code": ["exact"], "status": ["exact"], "permit": ["exact"], "entered_on": ["gte", "lte"]}


class BeneficiaryViewSet(NounViewSet):
    visible = staticmethod(visible_beneficiaries)
    filterset_class = BeneficiaryFilter
    ordering_fields = ("code", "entered_on", "created_at")

    def get_serializer_class(self) -> type[Any]:
        return BeneficiarySerializer if self.action == "list" else BeneficiaryDetailSerializer

    @takes(BeneficiaryForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.register_beneficiary, on=today(), status=201)

    @takes(BeneficiaryUpdateForm)
    def partial_update(self, request: Request, pk: str) -> Response:
        return self.perform(services.update_beneficiary, beneficiary=self.get_object(), on=today())

    @act(methods=["get"], answers=IdentitySerializer)
    def identity(self, request: Request, pk: str) -> Response:
        """Who she is and how to reach her safely. Every reading is noted."""
        try:
            identity = services.read_identity(actor=self.actor, beneficiary=self.get_object())
        except Identity.DoesNotExist as error:
            raise Http404 from error
        return Response(IdentitySerializer(identity).data)

    @identity.mapping.put  # type: ignore[attr-defined, untyped-decorator]
    @takes(IdentityForm, answers=IdentitySerializer)
    def save_identity(self, request: Request, pk: str) -> Response:
        her, values = self.get_object(), self.read_form()
        identity = services.save_identity(actor=self.actor, beneficiary=her, on=today(), **values)
        return Response(IdentitySerializer(identity).data)

    @act(HandOverForm, answers={200: BeneficiaryDetailSerializer, 204: None})
    def hand_over(self, request: Request, pk: str) -> Response:
        """Pass her on to a colleague. The answer is empty: from now on only the colleague sees her."""
        return self.perform(services.hand_over, beneficiary=self.get_object())

    @act(ErasureForm, answers={204: None})
    def erase(self, request: Request, pk: str) -> Response:
        """Erase her on her request. There is no way back; what only counts stays, without her."""
        her = self.get_object()
        self.read_form()
        erase_person(actor=self.actor, beneficiary=her, now=timezone.now())
        return Response(status=204)

    @act(answers=RankingSerializer)
    def rank(self, request: Request, pk: str) -> Response:
        """Rank the open openings for her anew."""
        beneficiary = self.get_object()
        rank_beneficiary(actor=self.actor, beneficiary=beneficiary, now=timezone.now())
        return self._ranking(beneficiary)

    @act(methods=["get"], answers=RankingSerializer)
    def matches(self, request: Request, pk: str) -> Response:
        """Her ranked openings with reasons, gaps, missing data and lane, and how many are not shown by which rule."""
        return self._ranking(self.get_object())

    @act(methods=["get"], answers=HiddenSerializer(many=True), filter_backends=[], pagination_class=None)
    def excluded(self, request: Request, pk: str) -> Response:
        """The openings that are not shown, and by which rule."""
        hidden = hidden_openings(self.get_object(), on=today())
        return Response(HiddenSerializer(hidden, many=True).data)

    def _ranking(self, beneficiary: Beneficiary) -> Response:
        run = current_run(beneficiary=beneficiary, now=timezone.now())
        current = visible_matches(self.actor).filter(beneficiary=beneficiary).current(on=today())
        matches = list(current.select_related("opening__employer").order_by("-score", "pk"))
        ranking = {
            "ran_at": run.ran_at,
            "considered": run.considered,
            "excluded": run.excluded,
            "matches": matches,
            "labels": concept_labels(matches),
        }
        return Response(RankingSerializer(ranking).data)
