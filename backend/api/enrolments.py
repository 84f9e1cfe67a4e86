"""Who takes part in a session, who was there, and what it earned."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.beneficiaries.policies import visible_beneficiaries
from backend.trainings import services
from backend.trainings.models import Attendance, Credential, Enrolment
from backend.trainings.policies import visible_credentials, visible_enrolments, visible_sessions

from .base import NounViewSet, act, takes, today
from .filters import NounFilter
from .forms import BoundedDateField, NounForm, NounSerializer, Plain, VisibleRelatedField


class AttendanceSerializer(NounSerializer):
    class Meta:
        model = Attendance
        fields = ["on", "present"]


class EnrolmentSerializer(NounSerializer):
    attendances = AttendanceSerializer(many=True)

    class Meta:
        model = Enrolment
        fields = [
            "id", "session", "beneficiary", "status", "enrolled_on", "ended_on", "attendances", "created_at",
        ]  # fmt: skip


class EnrolmentForm(NounForm):
    session = VisibleRelatedField(visible=visible_sessions)
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)

    class Meta:
        model = Enrolment
        fields = ["session", "beneficiary"]


class AttendanceForm(Plain):
    day = BoundedDateField()
    present = serializers.BooleanField()


class DayForm(Plain):
    on = BoundedDateField()


class CompletionForm(DayForm):
    number = serializers.CharField(max_length=60, required=False, allow_blank=True)


class EnrolmentFilter(NounFilter):
    class Meta:
        model = Enrolment
        fields = {"session": ["exact"], "beneficiary": ["exact"], "status": ["exact"]}


class EnrolmentViewSet(NounViewSet):
    visible = staticmethod(visible_enrolments)
    prefetched = ("attendances",)
    serializer_class = EnrolmentSerializer
    filterset_class = EnrolmentFilter
    ordering_fields = ("enrolled_on", "created_at")

    @takes(EnrolmentForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.enrol, on=today(), status=201)

    @act(AttendanceForm)
    def attendance(self, request: Request, pk: str) -> Response:
        return self.perform(services.record_attendance, enrolment=self.get_object())

    @act(CompletionForm)
    def complete(self, request: Request, pk: str) -> Response:
        """Award the credential; its skills join her profile."""
        return self.perform(services.complete_enrolment, enrolment=self.get_object())

    @act(DayForm)
    def drop(self, request: Request, pk: str) -> Response:
        return self.perform(services.drop_enrolment, enrolment=self.get_object())


class CredentialSerializer(NounSerializer):
    class Meta:
        model = Credential
        fields = ["id", "enrolment", "awarded_on", "number", "created_at"]


class CredentialFilter(NounFilter):
    class Meta:
        model = Credential
        fields = {"enrolment": ["exact"], "enrolment__beneficiary": ["exact"], "awarded_on": ["gte", "lte"]}


class CredentialViewSet(NounViewSet):
    visible = staticmethod(visible_credentials)
    serializer_class = CredentialSerializer
    filterset_class = CredentialFilter
    ordering_fields = ("awarded_on", "created_at")
