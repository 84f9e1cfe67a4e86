"""What she can do, has done and wants."""

from rest_framework import serializers
from rest_framework.mixins import DestroyModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from backend.beneficiaries import services
from backend.beneficiaries.models import Experience, HeldSkill, LanguageSkill, Wishes
from backend.beneficiaries.policies import (
    visible_beneficiaries,
    visible_experiences,
    visible_held_skills,
    visible_language_skills,
    visible_wishes,
)

from .base import NounViewSet, takes, today
from .filters import NounFilter
from .forms import MAX_LIST, NounForm, NounSerializer, VisibleRelatedField, occupation, shifts, skill


class HeldSkillSerializer(NounSerializer):
    label = serializers.CharField(source="skill.label")  # type: ignore[assignment]

    class Meta:
        model = HeldSkill
        fields = ["id", "beneficiary", "skill", "label", "phrase", "level", "evidence", "noted_on", "created_at"]


class HeldSkillForm(NounForm):
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)
    skill = skill()

    class Meta:
        model = HeldSkill
        fields = ["beneficiary", "skill", "phrase", "level", "evidence"]
        extra_kwargs = {"level": {"required": True}, "evidence": {"required": True}}


class HeldSkillFilter(NounFilter):
    class Meta:
        model = HeldSkill
        fields = {"beneficiary": ["exact"], "skill": ["exact"], "evidence": ["exact"], "level": ["exact", "gte"]}


class HeldSkillViewSet(DestroyModelMixin, NounViewSet):
    visible = staticmethod(visible_held_skills)
    related = ("skill",)
    serializer_class = HeldSkillSerializer
    filterset_class = HeldSkillFilter

    @takes(HeldSkillForm)
    def create(self, request: Request) -> Response:
        """Note a skill, or its new level and evidence."""
        return self.perform(services.note_skill, on=today(), status=201)

    def perform_destroy(self, instance: HeldSkill) -> None:
        services.remove_skill(actor=self.actor, held_skill=instance)


class LanguageSkillSerializer(NounSerializer):
    class Meta:
        model = LanguageSkill
        fields = ["id", "beneficiary", "language", "spoken", "written", "created_at"]


class LanguageSkillForm(NounForm):
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)

    class Meta:
        model = LanguageSkill
        fields = ["beneficiary", "language", "spoken", "written"]


class LanguageSkillFilter(NounFilter):
    class Meta:
        model = LanguageSkill
        fields = {"beneficiary": ["exact"], "language": ["exact"]}


class LanguageSkillViewSet(DestroyModelMixin, NounViewSet):
    visible = staticmethod(visible_language_skills)
    serializer_class = LanguageSkillSerializer
    filterset_class = LanguageSkillFilter

    @takes(LanguageSkillForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.note_language, status=201)

    def perform_destroy(self, instance: LanguageSkill) -> None:
        services.remove_language(actor=self.actor, language_skill=instance)


class ExperienceSerializer(NounSerializer):
    class Meta:
        model = Experience
        fields = ["id", "beneficiary", "title", "occupation", "years", "created_at"]


class ExperienceForm(NounForm):
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)
    occupation = occupation(allow_null=True, required=False)

    class Meta:
        model = Experience
        fields = ["beneficiary", "title", "occupation", "years"]


class ExperienceFilter(NounFilter):
    class Meta:
        model = Experience
        fields = {"beneficiary": ["exact"], "occupation": ["exact"]}


class ExperienceViewSet(DestroyModelMixin, NounViewSet):
    visible = staticmethod(visible_experiences)
    serializer_class = ExperienceSerializer
    filterset_class = ExperienceFilter

    @takes(ExperienceForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.note_experience, status=201)

    def perform_destroy(self, instance: Experience) -> None:
        services.remove_experience(actor=self.actor, experience=instance)


class WishesSerializer(NounSerializer):
    class Meta:
        model = Wishes
        fields = [
            "id", "beneficiary", "occupations", "own_words", "min_hours", "max_hours", "shifts", "max_travel_km",
            "min_pay_per_hour", "created_at",
        ]  # fmt: skip


class WishesForm(NounForm):
    beneficiary = VisibleRelatedField(visible=visible_beneficiaries)
    occupations = serializers.ListField(child=occupation(), max_length=MAX_LIST)
    shifts = shifts(allow_null=True, required=False)

    class Meta:
        model = Wishes
        fields = [
            "beneficiary", "occupations", "own_words", "min_hours", "max_hours", "shifts", "max_travel_km",
            "min_pay_per_hour",
        ]  # fmt: skip


class WishesFilter(NounFilter):
    class Meta:
        model = Wishes
        fields = {"beneficiary": ["exact"]}


class WishesViewSet(NounViewSet):
    visible = staticmethod(visible_wishes)
    prefetched = ("occupations",)
    serializer_class = WishesSerializer
    filterset_class = WishesFilter

    @takes(WishesForm)
    def create(self, request: Request) -> Response:
        """Write down what she wants; fields not given stay as they are."""
        return self.perform(services.save_wishes, status=201)
