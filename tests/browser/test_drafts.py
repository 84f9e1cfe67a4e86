"""A follow-up form on a phone that is closed in the middle of a word."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from backend.outcomes.models import FollowUp, FollowUpDraft, WarningFlag
from backend.outcomes.services import record_follow_up, start_spell
from tests.conftest import Cast, _cast

PASSWORD = "a long enough password"


@pytest.fixture
def cast() -> Cast:
    cast = _cast()
    cast.counsellor.set_password(PASSWORD)
    cast.counsellor.save()
    return cast


@pytest.fixture
def follow_up(cast: Cast) -> FollowUp:
    today = timezone.localdate()
    spell = start_spell(
        actor=cast.counsellor, beneficiary=cast.beneficiary, started_on=today - dt.timedelta(days=30),
        job_title="krojačica", contract="permanent", evidence="A", on=today,
    )  # fmt: skip
    return spell.follow_ups.get(day=30)


def test_closing_the_phone_loses_nothing(walker, cast, follow_up):
    person = walker(width=390).sign_in(cast.counsellor.email, PASSWORD)
    path, page = reverse("web:follow_up", args=[follow_up.pk]), person.page
    person.visit(path)
    page.get_by_label("reached", exact=True).check()
    page.get_by_label("threats").check()
    expect(page.locator("#draft")).to_contain_text("not recorded yet")
    page.locator("textarea[name=note]").press_sequentially("Zvala je i reč")  # and never leaves the field
    expect(page.locator("#draft")).to_contain_text("Kept", timeout=10_000)
    page.wait_for_timeout(2_800)
    person.visit(path)
    assert page.get_by_label("reached", exact=True).is_checked()
    assert page.get_by_label("threats").is_checked()
    assert page.locator("textarea[name=note]").input_value() == "Zvala je i reč"
    assert (FollowUp.objects.get(pk=follow_up.pk).result, WarningFlag.objects.count()) == ("", 0)
    # A colleague is faster: the line says so, and what she goes on to write is not kept.
    today = timezone.localdate()
    done = {"result": "reached", "status": "same_employer", "contacted_on": today, "on": today}
    record_follow_up(actor=cast.counsellor, follow_up=FollowUp.objects.get(pk=follow_up.pk), **done)
    page.get_by_label("reached", exact=True).focus()
    page.get_by_label("threats").uncheck()
    expect(page.locator("#draft")).to_contain_text("recorded already")
    assert not FollowUpDraft.objects.exists()
