"""What the lead reads of the ranker: whether it is used, from how much, and when not to trust it."""

import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest
from django.urls import reverse

from backend.matches.services import adopt_ranker
from matching import Ranker
from matching.model import COLUMNS
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SAYS_NOT_YET = "Nothing is settled yet that could be learned from."


def trained(people: int = 200) -> Ranker:
    """Openings near by are accepted, in the big city and in one hamlet."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame(random.random((people * 6, len(COLUMNS))) * 0.08, columns=list(COLUMNS))
    persons = np.repeat(np.arange(people), 6)
    wanted = frame["distance"] + random.normal(0, 0.02, len(frame)) > 0.05
    shown_on = np.datetime64("2026-11-01") - np.repeat(np.arange(people) * 3, 6)
    return Ranker().fit(
        frame,
        np.where(wanted, np.where(persons % 60 == 0, "hired", "accepted"), "shown"),
        shown_on=shown_on,
        known_on=shown_on,
        groups=persons,
        beside=pd.DataFrame({"place": np.where(persons == 0, "Hamlet", "City")}),
    )


def test_before_anything_is_learned_it_says_so(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.lead).get(reverse("web:learning"))
    assert SAYS_NOT_YET in page.text
    assert "Learned from" not in page.text


def test_it_says_in_plain_words_what_was_learned(
    cast: Cast, other_cast: Cast, now: dt.datetime, sign_in: SignIn
) -> None:
    ranker = trained()
    assert ranker.used
    adopt_ranker(programme=cast.programme, ranker=ranker.to_dict(), outcomes=1200, now=now)
    page = sign_in(cast.lead).get(reverse("web:learning")).text
    assert "It takes part in every ranking." in page
    assert re.search(r"Distance</th><td>more", page)
    assert "nDCG@10" in page
    assert "City" in page
    assert SAYS_NOT_YET in sign_in(other_cast.lead).get(reverse("web:learning")).text


def test_small_numbers_are_not_shown(cast: Cast, now: dt.datetime, sign_in: SignIn) -> None:
    ranker = trained()
    counts = ranker.card.outcomes
    assert 0 < counts["hired"] < 20
    record = ranker.to_dict()
    record["card"]["outcomes"] = {"hired": 9, "accepted": 43, "shown": 1000}
    adopt_ranker(programme=cast.programme, ranker=record, outcomes=1052, now=now)
    page = sign_in(cast.lead).get(reverse("web:learning")).text
    rows = dict(re.findall(r'<th scope="row">([^<]*)</th><td class="number">([^<]*)</td></tr>', page))
    assert (rows["Hired"], rows["She said yes"], rows["Turned down"]) == ("–", "45", "1000")
    assert "Hamlet" not in page


def test_one_that_is_worse_is_said_to_be(cast: Cast, now: dt.datetime, sign_in: SignIn) -> None:
    record = trained().to_dict()
    for why, said in (
        ("worse_order", "ordered openings worse"),
        ("too_few", "Too little is known"),
        ("one_kind", "alike"),
    ):
        record["card"]["why"] = why
        adopt_ranker(programme=cast.programme, ranker=record | {"used": False}, outcomes=1200, now=now)
        now += dt.timedelta(days=1)
        assert said in sign_in(cast.lead).get(reverse("web:learning")).text
