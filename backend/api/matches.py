"""Rankings, matches and what was decided about them."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.matches import services
from backend.matches.models import Decision, Match, MatchRun
from backend.matches.policies import visible_decisions, visible_match_runs, visible_matches

from .base import NounViewSet, act
from .filters import NounFilter
from .forms import BoundedDateField, NounForm, NounSerializer
from .introductions import IntroductionSerializer


class MatchRunSerializer(NounSerializer):
    class Meta:
        model = MatchRun
        fields = ["id", "beneficiary", "ran_at", "considered", "excluded", "created_at"]


class MatchRunFilter(NounFilter):
    class Meta:
        model = MatchRun
        fields = {"beneficiary": ["exact"]}


class MatchRunViewSet(NounViewSet):
    visible = staticmethod(visible_match_runs)
    serializer_class = MatchRunSerializer
    filterset_class = MatchRunFilter
    ordering_fields = ("ran_at", "created_at")


class RankedMatchSerializer(NounSerializer):
    """A match with what a list of them shows of its opening."""

    title = serializers.CharField(source="opening.title")
    employer = serializers.UUIDField(source="opening.employer_id")
    employer_name = serializers.CharField(source="opening.employer.name")
    municipality = serializers.CharField(source="opening.municipality_id", allow_null=True)

    class Meta:
        model = Match
        fields: list[str] = [
            "id", "opening", "title", "employer", "employer_name", "municipality", "state", "lane", "score", "reasons",
            "gaps", "missing", "snoozed_until",
        ]  # fmt: skip


class MatchSerializer(RankedMatchSerializer):
    class Meta(RankedMatchSerializer.Meta):
        fields = [*RankedMatchSerializer.Meta.fields, "beneficiary", "run", "is_eligible", "created_at"]


class DecisionForm(NounForm):
    # The state the match was read in; when given, a match decided meanwhile answers 409.
    expected_state = serializers.ChoiceField(Match.State.choices, required=False)
    snoozed_until = BoundedDateField(required=False, allow_null=True)

    class Meta:
        model = Decision
        fields = ["kind", "reason", "note", "expected_state", "snoozed_until"]


class MatchFilter(NounFilter):
    class Meta:
        model = Match
        fields = {
            "beneficiary": ["exact"],
            "opening": ["exact"],
            "run": ["exact"],
            "state": ["exact"],
            "lane": ["exact"],
            "is_eligible": ["exact"],
            "score": ["gte"],
        }


class MatchViewSet(NounViewSet):
    visible = staticmethod(visible_matches)
    related = ("opening__employer",)
    serializer_class = MatchSerializer
    filterset_class = MatchFilter
    ordering_fields = ("score", "created_at")

    @act(DecisionForm)
    def decide(self, request: Request, pk: str) -> Response:
        """Record what was decided, by the counsellor or by her."""
        return self.perform(services.decide, match=self.get_object(), now=timezone.now())

    @act(answers={201: IntroductionSerializer})
    def introduce(self, request: Request, pk: str) -> Response:
        """Begin an introduction. Nothing leaves before she agrees."""
        introduction = services.propose_introduction(actor=self.actor, match=self.get_object(), now=timezone.now())
        return Response(IntroductionSerializer(introduction).data, status=201)


class DecisionSerializer(NounSerializer):
    class Meta:
        model = Decision
        fields = ["id", "match", "kind", "reason", "note", "decided_by", "decided_at", "created_at"]


class DecisionFilter(NounFilter):
    class Meta:
        model = Decision
        fields = {"match": ["exact"], "match__beneficiary": ["exact"], "kind": ["exact"], "reason": ["exact"]}


class DecisionViewSet(NounViewSet):
    visible = staticmethod(visible_decisions)
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilter
    ordering_fields = ("decided_at", "created_at")
