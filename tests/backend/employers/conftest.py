"""A place to work in, and shorthands for the acts."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.utils.translation import override

from backend.employers.models import Opening
from backend.employers.services import draft_opening, review_opening, submit_opening
from tests.conftest import Cast
from tests.factories import MunicipalityFactory

Publish = Callable[..., Opening]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Messages are compared in the language they are written in."""
    with override("en"):
        yield


@pytest.fixture
def publish(cast: Cast, today: dt.date) -> Publish:
    """Draft an opening of the cast's employer, hand it in and publish it."""

    def act(**fields: object) -> Opening:
        wanted = {"title": "Krojačica", "pay_from": 80_000, "municipality": MunicipalityFactory(), **fields}
        opening = draft_opening(actor=cast.employer_user, employer=cast.employer, on=today, **wanted)
        opening = submit_opening(actor=cast.employer_user, opening=opening, on=today)
        review_opening(
            actor=cast.lead, opening=opening, outcome="published", content_hash=opening.content_hash, on=today
        )
        opening.refresh_from_db()
        return opening

    return act
