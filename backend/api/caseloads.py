"""How many people each counsellor looks after, for the lead, who gives them to another; never who they are."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts.models import User
from backend.accounts.policies import visible_counsellors
from backend.beneficiaries import services
from backend.beneficiaries.policies import visible_caseloads
from backend.beneficiaries.services.codes import HandOverReason

from .base import LEAD, NounViewSet, act
from .forms import NounSerializer, Plain, VisibleRelatedField


class CaseloadSerializer(NounSerializer):
    """A counsellor, by her user, and how many people are hers."""

    people = serializers.IntegerField(read_only=True)

    class Meta:
        model = User
        fields = ["id", "name", "people", "created_at"]


class ShareOutForm(Plain):
    to = VisibleRelatedField(visible=visible_counsellors)
    reason = serializers.ChoiceField(HandOverReason.choices)
    code = serializers.CharField(max_length=20, required=False, allow_blank=True)


class CaseloadViewSet(NounViewSet):
    visible = staticmethod(visible_caseloads)
    served = LEAD
    serializer_class = CaseloadSerializer

    @act(ShareOutForm, answers={200: CaseloadSerializer, 204: None})
    def share_out(self, request: Request, pk: str) -> Response:
        """Give her people to another counsellor, all or the one of that code. Empty once nobody is left."""
        return self.perform(services.share_out, counsellor=self.get_object())
