"""The taxonomy, and the way from words to skills."""

from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.skills.linking import link_skills
from backend.skills.models import Occupation, OccupationSkill, Skill

from .base import EVERYONE, PORTAL, NounViewSet, takes
from .filters import BY_FOLDED_NAME, NounFilter
from .forms import NounSerializer, Plain


class SkillSerializer(NounSerializer):
    label = serializers.CharField()  # type: ignore[assignment]

    class Meta:
        model = Skill
        fields = ["id", "uri", "source", "kind", "label", "preferred_labels", "created_at"]


class SkillFilter(NounFilter):
    class Meta:
        model = Skill
        fields = {"uri": ["exact"], "source": ["exact"], "kind": ["exact"]}


class PhrasesForm(Plain):
    phrases = serializers.ListField(child=serializers.CharField(max_length=200), min_length=1, max_length=50)
    limit = serializers.IntegerField(min_value=1, max_value=20, default=5)


class SkillLinkSerializer(Plain):
    skill = serializers.UUIDField(source="skill.pk")
    label = serializers.CharField()  # type: ignore[assignment]
    score = serializers.FloatField()


class LinkedPhraseSerializer(Plain):
    phrase = serializers.CharField()
    links = SkillLinkSerializer(many=True)


class ConceptViewSet(NounViewSet):
    served = EVERYONE
    filter_backends = BY_FOLDED_NAME
    search_fields = ("labels__folded",)


class SkillViewSet(ConceptViewSet):
    visible = staticmethod(lambda actor: Skill.objects.all())
    serializer_class = SkillSerializer
    filterset_class = SkillFilter

    @takes(PhrasesForm, served=PORTAL, answers=LinkedPhraseSerializer(many=True))
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def link(self, request: Request) -> Response:
        """The skills that each phrase may mean, the likeliest first."""
        given = self.read_form()
        linked = link_skills(given["phrases"], k=given["limit"])
        rows = [{"phrase": phrase, "links": links} for phrase, links in zip(given["phrases"], linked, strict=True)]
        return Response(LinkedPhraseSerializer(rows, many=True).data)


class OccupationSerializer(NounSerializer):
    label = serializers.CharField()  # type: ignore[assignment]

    class Meta:
        model = Occupation
        fields: list[str] = ["id", "uri", "source", "isco", "label", "preferred_labels", "created_at"]


class OccupationSkillSerializer(NounSerializer):
    label = serializers.CharField(source="skill.label")  # type: ignore[assignment]

    class Meta:
        model = OccupationSkill
        fields = ["skill", "label", "is_essential"]


class OccupationDetailSerializer(OccupationSerializer):
    skills = OccupationSkillSerializer(many=True, source="occupation_skills")

    class Meta(OccupationSerializer.Meta):
        fields = [*OccupationSerializer.Meta.fields, "skills"]


class OccupationFilter(NounFilter):
    class Meta:
        model = Occupation
        fields = {"uri": ["exact"], "source": ["exact"], "isco": ["exact", "startswith"]}


class OccupationViewSet(ConceptViewSet):
    visible = staticmethod(lambda actor: Occupation.objects.all())
    serializer_class = OccupationSerializer
    filterset_class = OccupationFilter

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = super().get_queryset()
        return rows.prefetch_related("occupation_skills__skill") if self.action == "retrieve" else rows

    def get_serializer_class(self) -> type[Any]:
        return OccupationDetailSerializer if self.action == "retrieve" else OccupationSerializer
