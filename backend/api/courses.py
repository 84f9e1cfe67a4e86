"""Courses and their sessions."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.trainings import services
from backend.trainings.models import Course, GrantedSkill, Session
from backend.trainings.policies import visible_courses, visible_sessions

from .base import NounViewSet, takes
from .filters import CodeFilter, NounFilter
from .forms import MAX_LIST, NounForm, NounSerializer, VisibleRelatedField, municipality, skill


class GrantedSkillSerializer(NounSerializer):
    label = serializers.CharField(source="skill.label")  # type: ignore[assignment]

    class Meta:
        model = GrantedSkill
        fields = ["skill", "label", "level"]


class CourseSerializer(NounSerializer):
    grants = GrantedSkillSerializer(many=True)

    class Meta:
        model = Course
        fields = ["id", "title", "provider", "description", "hours", "grants", "created_at"]


class GrantForm(NounForm):
    skill = skill()

    class Meta:
        model = GrantedSkill
        fields = ["skill", "level"]


class CourseForm(NounForm):
    grants = serializers.ListField(child=GrantForm(), max_length=MAX_LIST, required=False)

    class Meta:
        model = Course
        fields = ["title", "provider", "description", "hours", "grants"]

    def validate_grants(self, grants: list[dict[str, object]]) -> list[tuple[object, object]]:
        return [(grant["skill"], grant.get("level", GrantedSkill._meta.get_field("level").default)) for grant in grants]


class CourseFilter(NounFilter):
    class Meta:
        model = Course
        fields = {"provider": ["exact"], "hours": ["gte", "lte"], "grants__skill": ["exact"]}


class CourseViewSet(NounViewSet):
    visible = staticmethod(visible_courses)
    prefetched = ("grants__skill",)
    serializer_class = CourseSerializer
    filterset_class = CourseFilter
    search_fields = ("title", "provider")
    ordering_fields = ("title", "created_at")

    @takes(CourseForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.plan_course, status=201)


class SessionSerializer(NounSerializer):
    course_title = serializers.CharField(source="course.title")

    class Meta:
        model = Session
        fields = [
            "id", "course", "course_title", "starts_on", "ends_on", "municipality", "capacity", "created_at",
        ]  # fmt: skip


class SessionForm(NounForm):
    course = VisibleRelatedField(visible=visible_courses)
    municipality = municipality(allow_null=True, required=False)

    class Meta:
        model = Session
        fields = ["course", "starts_on", "ends_on", "municipality", "capacity"]


class SessionFilter(NounFilter):
    municipality = CodeFilter(field_name="municipality_id")

    class Meta:
        model = Session
        fields = {"course": ["exact"], "starts_on": ["gte", "lte"], "ends_on": ["gte", "lte"]}


class SessionViewSet(NounViewSet):
    visible = staticmethod(visible_sessions)
    related = ("course",)
    serializer_class = SessionSerializer
    filterset_class = SessionFilter
    ordering_fields = ("starts_on", "ends_on", "created_at")

    @takes(SessionForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.plan_session, status=201)
