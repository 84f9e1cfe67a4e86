"""Openings with what they ask for, their reviews, and their import."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from backend.employers import services
from backend.employers.models import Opening, OpeningReview, Requirement
from backend.employers.policies import (
    visible_employers,
    visible_openings,
    visible_requirements,
    visible_reviews,
)
from backend.employers.screening import screen_opening
from backend.matches.tasks import refresh_all_soon

from .base import LEAD, PORTAL, STAFF, NounViewSet, act, takes, today
from .filters import CodeFilter, NounFilter
from .forms import (
    MAX_LIST,
    LanguagesField,
    NounForm,
    NounSerializer,
    Plain,
    VisibleRelatedField,
    licences,
    municipality,
    occupation,
    shifts,
    skill,
)


class RequirementSerializer(NounSerializer):
    label = serializers.CharField(source="skill.label", allow_null=True, default=None)  # type: ignore[assignment]

    class Meta:
        model = Requirement
        fields = ["id", "opening", "skill", "label", "phrase", "importance", "level", "created_at"]


class RequirementForm(NounForm):
    skill = skill(allow_null=True, required=False)

    class Meta:
        model = Requirement
        fields = ["skill", "phrase", "importance", "level"]

    def to_internal_value(self, data: Any) -> Any:
        return services.RequirementInput(**super().to_internal_value(data))


OWN_FIELDS = [
    "title", "description", "occupation", "municipality", "end_client", "positions", "contract", "hours_per_week",
    "shifts", "pay_from", "pay_to", "pay_period", "currency", "live_in", "night", "isolated", "cash", "languages",
    "licences", "valid_through",
]  # fmt: skip


class OpeningSerializer(NounSerializer):
    employer_name = serializers.CharField(source="employer.name")
    requirements = RequirementSerializer(many=True)
    is_vetted = serializers.BooleanField()

    class Meta:
        model = Opening
        fields = [
            "id", "employer", "employer_name", *OWN_FIELDS, "posted_on", "status", "source", "content_hash",
            "is_vetted", "requirements", "created_at",
        ]  # fmt: skip


class RevisionForm(NounForm):
    occupation = occupation(allow_null=True, required=False)
    municipality = municipality(allow_null=True, required=False)
    end_client = VisibleRelatedField(visible=visible_employers, allow_null=True, required=False)
    shifts = shifts(allow_null=True, required=False)
    languages = LanguagesField(required=False)
    licences = licences(required=False)
    requirements = serializers.ListField(child=RequirementForm(), max_length=MAX_LIST, required=False)

    class Meta:
        model = Opening
        fields = [*OWN_FIELDS, "requirements"]
        extra_kwargs = {"valid_through": {"required": False}}


class OpeningForm(RevisionForm):
    employer = VisibleRelatedField(visible=visible_employers)

    class Meta(RevisionForm.Meta):
        fields = ["employer", *RevisionForm.Meta.fields]


class ReviewForm(NounForm):
    content_hash = serializers.CharField(max_length=64)  # what was read: approval binds to content

    class Meta:
        model = OpeningReview
        fields = ["outcome", "content_hash", "note", "enquiry"]


class ImportForm(Plain):
    file = serializers.FileField()

    def validate_file(self, upload: Any) -> Any:
        if upload.size > settings.IMPORT_MAX_BYTES:
            raise ValidationError(_("The file is larger than %(size)d MB.") % {"size": settings.IMPORT_MAX_BYTES >> 20})
        return upload


class RowErrorSerializer(Plain):
    field = serializers.CharField()
    reason = serializers.CharField()

    def to_representation(self, instance: tuple[str, str]) -> dict[str, str]:
        return dict(zip(("field", "reason"), instance, strict=True))


class RowReportSerializer(Plain):
    number = serializers.IntegerField()
    outcome = serializers.ChoiceField(["added", "changed", "unchanged", "refused"])
    title = serializers.CharField()
    opening = serializers.UUIDField(source="opening.pk", default=None, allow_null=True)
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]


class ImportReportSerializer(Plain):
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = RowReportSerializer(many=True)
    unknown_columns = serializers.ListField(child=serializers.CharField())


class SignSerializer(Plain):
    code = serializers.CharField()
    severity = serializers.CharField()
    hard_stop = serializers.BooleanField()
    phrase = serializers.CharField()


class ScreeningSerializer(Plain):
    verdict = serializers.CharField()
    signs = SignSerializer(many=True)


class OpeningFilter(NounFilter):
    municipality = CodeFilter(field_name="municipality_id")

    class Meta:
        model = Opening
        fields = {
            "employer": ["exact"],
            "occupation": ["exact"],
            "status": ["exact"],
            "contract": ["exact"],
            "posted_on": ["gte", "lte"],
            "valid_through": ["gte", "lte"],
            "pay_from": ["gte"],
            "live_in": ["exact"],
        }


class OpeningViewSet(NounViewSet):
    visible = staticmethod(visible_openings)
    served = PORTAL
    related = ("employer",)
    prefetched = ("requirements__skill",)
    serializer_class = OpeningSerializer
    filterset_class = OpeningFilter
    search_fields = ("title",)
    ordering_fields = ("posted_on", "valid_through", "title", "created_at")

    @takes(OpeningForm)
    def create(self, request: Request) -> Response:
        return self.perform(services.draft_opening, on=today(), status=201)

    @takes(RevisionForm)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an opening; one that was approved and now says something else goes back to vetting."""
        return self.perform(services.revise_opening, opening=self.get_object(), on=today())

    @act()
    def submit(self, request: Request, pk: str) -> Response:
        """Hand it in for vetting."""
        return self.perform(services.submit_opening, opening=self.get_object(), on=today())

    @act(ReviewForm, served=STAFF)
    def review(self, request: Request, pk: str) -> Response:
        """Publish or refuse it as it stood at `content_hash`."""
        answer = self.perform(services.review_opening, opening=self.get_object(), on=today())
        refresh_all_soon()
        return answer

    @act()
    def pause(self, request: Request, pk: str) -> Response:
        return self.perform(services.pause_opening, opening=self.get_object(), on=today())

    @act()
    def resume(self, request: Request, pk: str) -> Response:
        return self.perform(services.resume_opening, opening=self.get_object(), on=today())

    @act()
    def renew(self, request: Request, pk: str) -> Response:
        """Keep it open for another 60 days."""
        return self.perform(services.renew_opening, opening=self.get_object(), on=today())

    @act()
    def close(self, request: Request, pk: str) -> Response:
        return self.perform(services.close_opening, opening=self.get_object(), on=today())

    @act(served=LEAD, detail=False, methods=["get"], answers=OpeningSerializer(many=True))
    def waiting(self, request: Request) -> Response:
        """What waits for a decision, in the order of the page: what needs most care first, then the longest waiting."""
        self.ordering = ("-severity", "created_at")
        waiting = self.filter_queryset(self.get_queryset().filter(status=Opening.Status.SUBMITTED))
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(waiting), many=True).data)

    @act(served=STAFF, methods=["get"], answers=ScreeningSerializer)
    def screening(self, request: Request, pk: str) -> Response:
        """The signs that a reviewer should see, with the phrases they were found in."""
        return Response(ScreeningSerializer(screen_opening(self.get_object(), on=today())).data)

    @takes(ImportForm, answers=ImportReportSerializer)
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser])
    def import_file(self, request: Request) -> Response:
        """Take openings from a JobPosting (JSON-LD), CSV or XLSX file, with a report for every row."""
        upload = self.read_form()["file"]
        report = services.import_openings(actor=self.actor, name=upload.name, content=upload.read(), on=today())
        return Response(ImportReportSerializer(report).data)


class RequirementFilter(NounFilter):
    class Meta:
        model = Requirement
        fields = {"opening": ["exact"], "skill": ["exact"], "importance": ["exact"]}


class RequirementViewSet(NounViewSet):
    """What openings ask for. It is written with its opening, because approval binds to both."""

    visible = staticmethod(visible_requirements)
    served = PORTAL
    related = ("skill",)
    serializer_class = RequirementSerializer
    filterset_class = RequirementFilter


class ReviewSerializer(NounSerializer):
    class Meta:
        model = OpeningReview
        fields = ["id", "opening", "outcome", "note", "decided_on", "created_at"]


class StaffReviewSerializer(ReviewSerializer):
    class Meta(ReviewSerializer.Meta):
        fields = [*ReviewSerializer.Meta.fields, "enquiry", "content_hash", "red_flags", "decided_by"]


class ReviewFilter(NounFilter):
    class Meta:
        model = OpeningReview
        fields = {"opening": ["exact"], "outcome": ["exact"]}


class ReviewViewSet(NounViewSet):
    visible = staticmethod(visible_reviews)
    served = PORTAL
    filterset_class = ReviewFilter

    def get_serializer_class(self) -> type[Any]:
        return ReviewSerializer if self.at_portal else StaffReviewSerializer
