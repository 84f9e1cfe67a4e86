"""The page on which a counsellor makes a copy of a person's record for her."""

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.audit.models import Event
from backend.beneficiaries.services import break_glass
from tests.backend.api.world import World, build
from tests.backend.web.conftest import SignIn
from tests.conftest import Cast


@pytest.fixture
def world(cast: Cast) -> World:
    return build(cast)


def test_what_was_opened_in_an_emergency_goes_nowhere(cast: Cast, sign_in: SignIn) -> None:
    break_glass(actor=cast.colleague, code=cast.beneficiary.code, reason="hitno", now=timezone.now())
    colleague = sign_in(cast.colleague)
    assert colleague.get(reverse("web:person", args=[cast.beneficiary.pk])).status_code == 200
    url = reverse("web:person_record", args=[cast.beneficiary.pk])
    assert url not in colleague.get(reverse("web:person", args=[cast.beneficiary.pk])).content.decode()
    assert colleague.get(url).status_code == 404
    assert colleague.post(url, {"language": "en", "form": "json"}).status_code == 404


def test_the_page_hands_over_a_file_under_a_name_that_says_nothing(cast: Cast, world: World, sign_in: SignIn) -> None:
    client, url = sign_in(cast.counsellor), reverse("web:person_record", args=[cast.beneficiary.pk])
    assert url in client.get(reverse("web:person", args=[cast.beneficiary.pk])).content.decode()
    assert client.get(url).status_code == 200
    assert not Event.objects.filter(act="read_record").exists()
    for form, start in (("pdf", b"%PDF"), ("json", b"{")):
        answer = client.post(url, {"language": "sr-cyrl", "form": form})
        assert answer.content.startswith(start)
        assert answer["Content-Disposition"].startswith('attachment; filename="document-')
        assert answer["Cache-Control"] == "no-store, private"
    events = Event.objects.filter(act="read_record")
    assert [event.detail["form"] for event in events.order_by("created_at")] == ["pdf", "json"]
    assert all(event.subject == cast.beneficiary.pk for event in events)
    for bad in ({}, {"language": "xx", "form": "pdf"}, {"language": "en", "form": "exe"}, {"language": "en\0"}):
        assert client.post(url, bad)["Content-Type"].startswith("text/html")
    assert events.count() == 2
