"""Every page of the desk is there for her counsellor and for nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from backend.web.people.urls import urlpatterns
from tests.backend.web.conftest import SignIn
from tests.backend.web.people.conftest import World
from tests.conftest import Cast

DESK = ["today", "caseload", "register_person", "chances", "find_people", "break_glass"]
PAGES = [
    "person", "person_edit", "person_record", "person_identity", "person_plan", "person_consents", "person_profile",
    "note_skill", "matches", "hidden_openings", "compare_matches", "what_if", "person_work", "start_spell",
    "assessment",
]  # fmt: skip
ACTS = ["hand_over", "set_goal", "add_rule", "give_consent", "note_language", "note_experience", "save_wishes",
        "raise_flag", "erase_person"]  # fmt: skip
LINES = ["achieve_goal", "lift_rule", "withdraw_consent", "remove_skill", "remove_language", "remove_experience",
         "end_spell", "keep_in_touch", "resolve_flag"]  # fmt: skip
NOWHERE = "00000000-0000-4000-8000-000000000000"


def urls(world: World) -> dict[str, str]:
    """Every URL of the desk for the world's person, by name."""
    found = {name: reverse(f"web:{name}") for name in DESK}
    found |= {name: reverse(f"web:{name}", args=[world.person.pk]) for name in PAGES + ACTS}
    found |= {name: reverse(f"web:{name}", args=[world.person.pk, NOWHERE]) for name in LINES}
    found |= {name: reverse(f"web:{name}", args=[world.match.pk]) for name in ("decide", "propose_introduction")}
    found |= {name: reverse(f"web:{name}", args=[world.introduction.pk]) for name in ("introduction", "place")}
    found["consent_text"] = reverse("web:consent_text", args=[world.person.pk, "support", "sr"])
    found["introduction_step"] = reverse("web:introduction_step", args=[world.introduction.pk, "agree"])
    contact = ("follow_up", "keep_draft", "log_attempt")
    found |= {name: reverse(f"web:{name}", args=[world.follow_up.pk]) for name in contact}
    return found


def test_the_list_of_urls_is_whole(world: World) -> None:
    assert {pattern.name for pattern in urlpatterns} == set(urls(world))


@pytest.mark.parametrize("name", [*DESK, *PAGES, "introduction", "follow_up"])
@pytest.mark.parametrize("language", ["sr-latn", "en"])
def test_her_counsellor_sees_the_page(name: str, language: str, client: Client, world: World) -> None:
    response = client.get(urls(world)[name], headers={"accept-language": language})
    assert response.status_code == 200
    page = response.content.decode()
    assert page.count("<h1") == 1
    assert "<title>" in page
    if name != "person_identity":
        assert "Sintetička" not in page


def test_nobody_else_sees_any_of_it(cast: Cast, other_cast: Cast, world: World, sign_in: SignIn) -> None:
    strangers = [cast.colleague, cast.lead, cast.employer_user, cast.administrator, other_cast.counsellor]
    for user in strangers:
        stranger = sign_in(user)
        for name, url in urls(world).items():
            if name in DESK and user.is_counsellor:
                continue
            answers = {stranger.get(url).status_code, stranger.post(url).status_code}
            assert answers <= {404, 405}, (user.role, name, answers)
            assert 404 in answers, (user.role, name)


def test_a_colleague_does_not_find_her_in_the_lists(cast: Cast, world: World, sign_in: SignIn) -> None:
    colleague = sign_in(cast.colleague)
    for name in ("today", "caseload"):
        assert world.person.code not in colleague.get(urls(world)[name]).content.decode()


def test_who_is_not_signed_in_is_sent_to_sign_in(world: World) -> None:
    for url in urls(world).values():
        response = Client().get(url)
        assert response.status_code in (302, 405)


def test_a_line_that_is_not_hers_is_not_there(client: Client, world: World) -> None:
    for name in LINES:
        assert client.post(urls(world)[name]).status_code == 404
    assert client.post(reverse("web:introduction_step", args=[world.introduction.pk, "steal"])).status_code == 404
