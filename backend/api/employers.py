"""Employers, the people to talk to there, and their vetting."""

from typing import Any

from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.employers import services
from backend.employers.models import Ban, Check, Contact, Employer, Vetting
from backend.employers.policies import visible_contacts, visible_employers, visible_vettings

from .base import PORTAL, STAFF, NounViewSet, act, takes, today
from .filters import BY_FOLDED_NAME, CodeFilter, NounFilter
from .forms import NounForm, NounSerializer, VisibleRelatedField, municipality


class EmployerSerializer(NounSerializer):
    # What an employer reads of itself; staff read more below.
    status = serializers.CharField(source="standing")

    class Meta:
        model = Employer
        fields = [
            "id", "name", "tax_number", "registry_number", "sector", "municipality", "address", "is_agency", "status",
            "cleared_until", "created_at",
        ]  # fmt: skip


class StaffEmployerSerializer(EmployerSerializer):
    status = serializers.ChoiceField(Employer.Status.choices)  # type: ignore[assignment]

    class Meta(EmployerSerializer.Meta):
        fields = [*EmployerSerializer.Meta.fields, "parent", "answers"]


class EmployerForm(NounForm):
    municipality = municipality(allow_null=True, required=False)
    # Checked by the service, which reads a number however it is written.
    tax_number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    registry_number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    parent = VisibleRelatedField(  # type: ignore[assignment]
        visible=visible_employers, allow_null=True, required=False
    )

    class Meta:
        model = Employer
        fields = ["name", "tax_number", "registry_number", "sector", "municipality", "address", "is_agency", "parent"]


class VettingForm(NounForm):
    class Meta:
        model = Vetting
        fields = ["outcome", "note"]


class ProposalForm(NounForm):
    class Meta:
        model = Vetting
        fields = ["note"]


class CorrectionForm(NounForm):
    tax_number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    registry_number = serializers.CharField(max_length=40, required=False, allow_blank=True)

    class Meta:
        model = Employer
        fields = ["tax_number", "registry_number", "address"]


class CheckForm(NounForm):
    class Meta:
        model = Check
        fields = ["item", "result", "evidence"]


class BanForm(NounForm):
    class Meta:
        model = Ban
        fields = ["reason"]


class EmployerFilter(NounFilter):
    municipality = CodeFilter(field_name="municipality_id")

    class Meta:
        model = Employer
        fields = {
            "sector": ["exact"],
            "is_agency": ["exact"],
            "tax_number": ["exact"],
            "cleared_until": ["gte", "lte"],
        }


class StaffEmployerFilter(EmployerFilter):
    # An employer reads its standing, and must not find out by filters what stands behind it.

    class Meta(EmployerFilter.Meta):
        fields = EmployerFilter.Meta.fields | {"status": ["exact"]}


class EmployerViewSet(NounViewSet):
    visible = staticmethod(visible_employers)
    served = PORTAL
    filter_backends = BY_FOLDED_NAME
    search_fields = ("name_folded",)
    ordering_fields = ("name_folded", "created_at")

    @property
    def filterset_class(self) -> type[EmployerFilter]:
        return EmployerFilter if self.at_portal else StaffEmployerFilter

    def get_serializer_class(self) -> type[Any]:
        return EmployerSerializer if self.at_portal else StaffEmployerSerializer

    @takes(EmployerForm, served=STAFF)
    def create(self, request: Request) -> Response:
        return self.perform(services.register_employer, status=201)

    @act(VettingForm, served=STAFF)
    def vet(self, request: Request, pk: str) -> Response:
        """Clear, refuse or suspend an employer."""
        return self.perform(services.vet_employer, employer=self.get_object(), on=today())

    @act(ProposalForm, served=STAFF)
    def propose(self, request: Request, pk: str) -> Response:
        """Say that an employer whose checklist is in order may be cleared; another person confirms."""
        return self.perform(services.propose_clearance, employer=self.get_object(), on=today())

    @act(CheckForm, served=STAFF)
    def check(self, request: Request, pk: str) -> Response:
        """Write down what was looked into and what it rests on."""
        return self.perform(services.record_check, employer=self.get_object(), on=today())

    @act(CorrectionForm, served=STAFF)
    def correct(self, request: Request, pk: str) -> Response:
        """Give the numbers and the address of an employer that came without."""
        return self.perform(services.correct_employer, employer=self.get_object())

    @act(BanForm, served=STAFF)
    def ban(self, request: Request, pk: str) -> Response:
        """Never work with this company again, whatever it calls itself."""
        return self.perform(services.ban_employer, employer=self.get_object(), on=today())


class ContactSerializer(NounSerializer):
    class Meta:
        model = Contact
        fields = ["id", "employer", "name", "job_title", "email", "phone", "created_at"]


class StaffContactSerializer(ContactSerializer):
    class Meta(ContactSerializer.Meta):
        fields = [*ContactSerializer.Meta.fields, "ended_on"]


class ContactForm(NounForm):
    employer = VisibleRelatedField(visible=visible_employers)
    phone = PhoneNumberField(required=False, allow_blank=True)

    class Meta:
        model = Contact
        fields = ["employer", "name", "job_title", "email", "phone"]


class ContactFilter(NounFilter):
    class Meta:
        model = Contact
        fields = {"employer": ["exact"]}


class ContactViewSet(NounViewSet):
    visible = staticmethod(visible_contacts)
    served = PORTAL
    filterset_class = ContactFilter

    def get_serializer_class(self) -> type[Any]:
        return ContactSerializer if self.at_portal else StaffContactSerializer

    @takes(ContactForm, served=STAFF)
    def create(self, request: Request) -> Response:
        return self.perform(services.add_contact, status=201)

    @act(served=STAFF)
    def invite(self, request: Request, pk: str) -> Response:
        """Give the contact an account on the portal."""
        return self.perform(
            services.invite_contact, contact=self.get_object(), on=today(), origin=request.build_absolute_uri("/")
        )

    @act(served=STAFF)
    def end(self, request: Request, pk: str) -> Response:
        """Shut the contact out of the portal, of mails and of the links in them."""
        return self.perform(services.end_contact, contact=self.get_object(), on=today())


class VettingSerializer(NounSerializer):
    class Meta:
        model = Vetting
        fields = [
            "id",
            "employer",
            "outcome",
            "note",
            "proposed_by",
            "decided_by",
            "decided_on",
            "expires_on",
            "created_at",
        ]


class VettingFilter(NounFilter):
    class Meta:
        model = Vetting
        fields = {"employer": ["exact"], "outcome": ["exact"]}


class VettingViewSet(NounViewSet):
    visible = staticmethod(visible_vettings)
    serializer_class = VettingSerializer
    filterset_class = VettingFilter
