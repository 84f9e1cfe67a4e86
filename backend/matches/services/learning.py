"""Taking up what a programme's outcomes taught."""

import datetime as dt
from typing import Any

from django.db import transaction

from backend.accounts.models import Organisation
from backend.audit.services import record

from ..models import RankerVersion


@transaction.atomic
def adopt_ranker(*, programme: Organisation, ranker: dict[str, Any], outcomes: int, now: dt.datetime) -> RankerVersion:
    """Keep a newly trained ranker; from now on it counts, and if it is no better than the prior, the prior does.

    The system does this by itself: nobody chooses a ranker that the newest outcomes speak against.
    """
    version = RankerVersion.objects.create(programme=programme, trained_at=now, outcomes=outcomes, ranker=ranker)
    record(actor=None, act="adopt_ranker", obj=version, outcomes=outcomes, used=ranker["used"])
    return version
