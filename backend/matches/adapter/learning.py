"""What a programme's outcomes taught, kept in this process while its newest version stays the same."""

from threading import Lock
from uuid import UUID

import matching
from matching.types import InvalidValue

from ..models import RankerVersion


class Rankers:
    """The ranker of each programme's newest version."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_programme: dict[UUID, tuple[UUID, matching.Ranker | None]] = {}

    def get(self, programme_id: UUID) -> tuple[str, matching.Ranker | None]:
        """The id of the version in use, and its ranker; "" and None where the prior alone ranks."""
        versions = RankerVersion.objects.filter(programme=programme_id)
        newest = versions.values_list("pk", flat=True).first()
        if newest is None:
            return "", None
        with self._lock:
            known, ranker = self._by_programme.get(programme_id, (None, None))
            if known != newest:
                ranker = _read(versions.get(pk=newest))
                self._by_programme[programme_id] = newest, ranker
        return (str(newest), ranker) if ranker else ("", None)


rankers = Rankers()


def _read(version: RankerVersion) -> matching.Ranker | None:
    """None if it is no better than the prior, or was learned on components that the score has no more."""
    try:
        ranker = matching.Ranker.from_dict(version.ranker)
    except InvalidValue:
        return None
    return ranker if ranker.used else None
