"""A programme's newest ranker takes part in its rankings; one that is no better, or cannot be read, does not."""

import datetime as dt

import pytest

from backend.accounts.models import Organisation
from backend.audit.models import Event
from backend.employers.models import Opening
from backend.matches import adapter, services
from backend.matches.models import Match, MatchRun, RankerVersion
from matching import Ranker
from tests.conftest import Cast
from tests.factories import OpeningFactory

pytestmark = pytest.mark.django_db


def learned(programme: Organisation, now: dt.datetime, *, used: bool = True, **changed: object) -> RankerVersion:
    """A ranker that halves the chances, to the satisfaction of the newest quarter or not."""
    ranker = Ranker()
    ranker.intercept, ranker.used = -1.0, used
    return services.adopt_ranker(programme=programme, ranker=ranker.to_dict() | changed, outcomes=40, now=now)


def test_what_was_learned_is_a_reason_and_the_reasons_still_add_up(cast: Cast, match: Match, now: dt.datetime) -> None:
    before = match.score
    learned(cast.programme, now)
    services.current_run(beneficiary=cast.beneficiary, now=now)
    match.refresh_from_db()
    (experience,) = [reason for reason in match.reasons if reason["code"] == "experience"]
    assert match.score < before
    assert experience["contribution"] == match.score - before
    assert experience["detail"] == {"without": before}
    assert sum(reason["contribution"] for reason in match.reasons) == match.score


def test_a_new_ranker_makes_a_new_ranking(cast: Cast, match: Match, now: dt.datetime) -> None:
    first = services.current_run(beneficiary=cast.beneficiary, now=now)
    learned(cast.programme, now)
    second = services.current_run(beneficiary=cast.beneficiary, now=now)
    assert second != first
    assert services.current_run(beneficiary=cast.beneficiary, now=now) == second
    learned(cast.programme, now + dt.timedelta(days=30))
    third = services.current_run(beneficiary=cast.beneficiary, now=now)
    assert len({first.signature, second.signature, third.signature}) == 3


def test_one_that_is_not_used_or_cannot_be_read_changes_nothing(cast: Cast, match: Match, now: dt.datetime) -> None:
    today = now.date()
    alone = adapter.rank(cast.beneficiary, today)
    for changed in ({"used": False}, {"columns": ["charm"]}, {"weights": []}):
        learned(cast.programme, now, **changed)
        assert adapter.rank(cast.beneficiary, today) == alone
    # The newest counts, also where an older one was better than the prior then.
    learned(cast.programme, now - dt.timedelta(days=30))
    assert adapter.rank(cast.beneficiary, today) == alone
    learned(cast.programme, now + dt.timedelta(days=1))
    assert adapter.rank(cast.beneficiary, today) != alone


def test_another_programmes_outcomes_teach_nothing_here(
    cast: Cast, other_cast: Cast, match: Match, now: dt.datetime
) -> None:
    alone = adapter.rank(cast.beneficiary, now.date())
    learned(other_cast.programme, now)
    assert adapter.rank(cast.beneficiary, now.date()) == alone


def test_the_gates_stand_before_what_was_learned(cast: Cast, match: Match, opening: Opening, now: dt.datetime) -> None:
    OpeningFactory(published=True, employer=cast.employer, night=None)
    learned(cast.programme, now)
    ranking = adapter.rank(cast.beneficiary, now.date())
    assert {ranked.opening_id for ranked in ranking.ranked}.isdisjoint(
        exclusion.opening_id for exclusion in ranking.exclusions
    )


def test_taking_one_up_is_on_record(cast: Cast, now: dt.datetime) -> None:
    version = learned(cast.programme, now)
    event = Event.objects.get(act="adopt_ranker")
    assert (event.object_id, event.detail) == (str(version.pk), {"outcomes": 40, "used": True})
    with pytest.raises(TypeError, match="append-only"):
        version.save()
    assert not MatchRun.objects.exists()
