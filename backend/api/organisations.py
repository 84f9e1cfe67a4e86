"""Organisations and their users: one's own."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts import services
from backend.accounts.models import Membership, Organisation, User
from backend.accounts.policies import visible_memberships, visible_organisations, visible_users

from .base import OFFICE, NounViewSet, Role, act, takes, today
from .filters import NounFilter
from .forms import BoundedDateField, NounForm, NounSerializer, Plain, VisibleRelatedField

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})


class OrganisationSerializer(NounSerializer):
    class Meta:
        model = Organisation
        fields = ["id", "name", "kind", "created_at"]


class OrganisationViewSet(NounViewSet):
    visible = staticmethod(visible_organisations)
    served = OFFICE
    serializer_class = OrganisationSerializer


class UserSerializer(NounSerializer):
    class Meta:
        model = User
        fields = ["id", "name", "email", "is_active", "created_at"]

    def to_representation(self, instance: User) -> dict[str, Any]:
        return super().to_representation(instance) | {"email": instance.address}


class UserForm(NounForm):
    organisation = VisibleRelatedField(visible=visible_organisations)
    email = serializers.EmailField(max_length=254)  # whether it is taken, the service says
    role = serializers.ChoiceField(Role.choices)

    class Meta:
        model = User
        fields = ["organisation", "email", "name", "role"]


class UserViewSet(NounViewSet):
    visible = staticmethod(visible_users)
    served = OFFICE
    serializer_class = UserSerializer

    @takes(UserForm, served=ADMINISTRATOR)
    def create(self, request: Request) -> Response:
        return self.perform(services.invite_member, on=today(), origin=request.build_absolute_uri("/"), status=201)


class MembershipSerializer(NounSerializer):
    class Meta:
        model = Membership
        fields = ["id", "user", "organisation", "role", "started_on", "ended_on", "created_at"]


class MembershipFilter(NounFilter):
    class Meta:
        model = Membership
        fields = {"user": ["exact"], "role": ["exact"]}


class EndForm(Plain):
    on = BoundedDateField()


class MembershipViewSet(NounViewSet):
    visible = staticmethod(visible_memberships)
    served = OFFICE
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilter
    ordering_fields = ("started_on", "created_at")

    @act(EndForm, served=ADMINISTRATOR)
    def end(self, request: Request, pk: str) -> Response:
        return self.perform(services.end_membership, membership=self.get_object())
