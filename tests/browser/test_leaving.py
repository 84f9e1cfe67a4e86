"""Quick exit from a page about a person: with and without scripts, "back" shows nothing of her."""

import pytest
from django.utils import timezone

from tests import factories

PASSWORD = "a long enough password"


@pytest.fixture
def her(settings, live_server):
    settings.QUICK_EXIT_URL = f"{live_server.url}/health/"
    person = factories.BeneficiaryFactory(code="K-EXIT", entered_on=timezone.localdate())
    factories.MembershipFactory(user=person.counsellor, organisation=person.organisation)
    person.counsellor.set_password(PASSWORD)
    person.counsellor.save()
    return person


@pytest.mark.parametrize("way", ["click", "escape twice", "click without scripts"])
def test_leaving_quickly(walker, her, way):
    visitor = walker(width=390, scripts="without" not in way)
    page = visitor.page
    page.goto(f"{visitor.base_url}/account/login/")
    page.locator("input[name=login]").fill(her.counsellor.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.goto(f"{visitor.base_url}/people/{her.pk}/")
    assert "K-EXIT" in page.content()
    if way == "escape twice":
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    else:
        page.locator("[data-quick-exit]").click()
    page.wait_for_url("**/health/")
    page.go_back()
    page.wait_for_load_state()
    assert "K-EXIT" not in page.content()
    page.goto(f"{visitor.base_url}/people/{her.pk}/")
    assert "/account/login/" in page.url
