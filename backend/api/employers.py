"""Employers, the people to talk to there, and their vetting."""

from typing import Any

from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework.request import Request
from rest_framework.response import Response

from backend.employers import services
from backend.employers.models import Contact, Employer, Vetting
from backend.employers.policies import visible_contacts, visible_employers, visible_vettings

from .base import PORTAL, STAFF, NounViewSet, act, takes, today
from .filters import BY_FOLDED_NAME, CodeFilter, NounFilter
from .forms import NounForm, NounSerializer, VisibleRelatedField, municipality


class EmployerSerializer(NounSerializer):
    class Meta:
        model = Employer
        fields = [
            "id", "name", "tax_number", "registry_number", "sector", "municipality", "is_agency", "status",
            "cleared_until", "created_at",
        ]  # fmt: skip


class StaffEmployerSerializer(EmployerSerializer):
    class Meta(EmployerSerializer.Meta):
        fields = [*EmployerSerializer.Meta.fields, "parent"]


class EmployerForm(NounForm):
    municipality = municipality(allow_null=True, required=False)
    parent = VisibleRelatedField(  # type: ignore[assignment]
        visible=visible_employers, allow_null=True, required=False
    )

    class Meta:
        model = Employer
        fields = ["name", "tax_number", "registry_number", "sector", "municipality", "is_agency", "parent"]


class VettingForm(NounForm):
    class Meta:
        model = Vetting
        fields = ["outcome", "note"]


class EmployerFilter(NounFilter):
    municipality = CodeFilter(field_name="municipality_id")

    class Meta:
        model = Employer
        fields = {
            "status": ["exact"],
            "sector": ["exact"],
            "is_agency": ["exact"],
            "tax_number": ["exact"],
            "cleared_until": ["gte", "lte"],
        }


class EmployerViewSet(NounViewSet):
    visible = staticmethod(visible_employers)
    served = PORTAL
    filterset_class = EmployerFilter
    filter_backends = BY_FOLDED_NAME
    search_fields = ("name_folded",)
    ordering_fields = ("name_folded", "created_at")

    def get_serializer_class(self) -> type[Any]:
        return EmployerSerializer if self.is_for_employer else StaffEmployerSerializer

    @takes(EmployerForm, served=STAFF)
    def create(self, request: Request) -> Response:
        return self.perform(services.register_employer, status=201)

    @act(VettingForm, served=STAFF)
    def vet(self, request: Request, pk: str) -> Response:
        """Clear, refuse or suspend an employer."""
        return self.perform(services.vet_employer, employer=self.get_object(), on=today())


class ContactSerializer(NounSerializer):
    class Meta:
        model = Contact
        fields = ["id", "employer", "name", "job_title", "email", "phone", "created_at"]


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
    serializer_class = ContactSerializer
    filterset_class = ContactFilter

    @takes(ContactForm, served=STAFF)
    def create(self, request: Request) -> Response:
        return self.perform(services.add_contact, status=201)

    @act(served=STAFF)
    def invite(self, request: Request, pk: str) -> Response:
        """Give the contact an account on the portal."""
        return self.perform(
            services.invite_contact, contact=self.get_object(), on=today(), origin=request.build_absolute_uri("/")
        )


class VettingSerializer(NounSerializer):
    class Meta:
        model = Vetting
        fields = ["id", "employer", "outcome", "note", "decided_by", "decided_on", "expires_on", "created_at"]


class VettingFilter(NounFilter):
    class Meta:
        model = Vetting
        fields = {"employer": ["exact"], "outcome": ["exact"]}


class VettingViewSet(NounViewSet):
    visible = staticmethod(visible_vettings)
    serializer_class = VettingSerializer
    filterset_class = VettingFilter
