"""Quarters as they were frozen: the numbers of the pages and of the reports, for the lead's own programs."""

from backend.reports.models import Snapshot
from backend.reports.policies import visible_snapshots

from .base import LEAD, NounViewSet
from .filters import NounFilter
from .forms import NounSerializer


class SnapshotSerializer(NounSerializer):
    class Meta:
        model = Snapshot
        fields = [
            "id",
            "quarter",
            "done",
            "steps",
            "has_failed",
            "data_on",
            "software",
            "definitions",
            "figures",
            "created_at",
        ]


class SnapshotFilter(NounFilter):
    class Meta:
        model = Snapshot
        fields = {"quarter": ["exact"]}


class SnapshotViewSet(NounViewSet):
    visible = staticmethod(visible_snapshots)
    served = LEAD
    serializer_class = SnapshotSerializer
    filterset_class = SnapshotFilter
    ordering_fields = ("quarter", "created_at")
