"""Skills from her words, languages, experience and wishes, through the pages."""

from django.test import Client
from django.urls import reverse

from backend.beneficiaries.models import Wishes
from backend.skills.models import Occupation, OccupationLabel, Skill
from tests.backend.web.people.conftest import World
from tests.conftest import Cast
from tests.factories import OccupationFactory, SkillFactory


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


def tailor() -> Occupation:
    occupation = OccupationFactory(preferred_labels={"sr": "krojačica"})
    OccupationLabel.objects.create(
        occupation=occupation, language="sr", text="krojačica", folded="krojacica", kind="preferred"
    )
    return occupation


def test_her_words_find_the_skill(client: Client, cast: Cast, sewing: Skill) -> None:
    her = cast.beneficiary
    page = client.get(url("note_skill", her.pk), {"words": "šivenje odeće"})
    assert [link.skill for link in page.context["links"]] == [sewing]
    fragment = client.get(url("note_skill", her.pk), {"words": "šivenje odeće"}, headers={"hx-request": "true"})
    assert "<html" not in fragment.content.decode()
    said = {"phrase": "šivenje odeće", "skill": sewing.pk, "level": "3", "evidence": "trainer"}
    assert client.post(url("note_skill", her.pk), said).status_code == 302
    held = her.skills.get()
    assert (held.skill, held.level, held.phrase) == (sewing, 3, "šivenje odeće")
    assert client.post(url("remove_skill", her.pk, held.pk)).status_code == 302
    assert not her.skills.exists()


def test_wrong_skills_name_the_field(client: Client, world: World, sewing: Skill) -> None:
    her = world.person
    said = {"phrase": "šivenje odeće", "skill": sewing.pk, "level": "3", "evidence": "trainer"}
    group = SkillFactory(kind=Skill.Kind.GROUP)
    for change, field in [
        ({"skill": ""}, "skill"),
        ({"skill": "x"}, "skill"),
        ({"skill": group.pk}, "skill"),
        ({"level": "5"}, "level"),
        ({"evidence": "rumour"}, "evidence"),
        ({"evidence": "self"}, "evidence"),  # weaker than what is on file
        ({"phrase": "x" * 201}, "phrase"),
    ]:
        response = client.post(url("note_skill", her.pk), said | change)
        assert response.status_code == 200
        assert field in response.context["form"].errors, change
    assert client.get(url("note_skill", her.pk), {"words": "\0" + "š" * 3000}).status_code == 200


def test_languages(client: Client, cast: Cast) -> None:
    her = cast.beneficiary
    assert client.post(url("note_language", her.pk), {"language": "sr", "spoken": "B1"}).status_code == 302
    assert client.post(url("note_language", her.pk), {"language": "sr", "spoken": "B2"}).status_code == 302
    known = her.languages.get()
    assert known.spoken == "B2"
    wrong = client.post(url("note_language", her.pk), {"language": "sr", "spoken": "D1"})
    assert "spoken" in wrong.context["language_form"].errors
    client.post(url("remove_language", her.pk, known.pk))
    assert not her.languages.exists()


def test_experience_finds_its_occupation(client: Client, cast: Cast) -> None:
    her, occupation = cast.beneficiary, tailor()
    assert client.post(url("note_experience", her.pk), {"title": "Krojačica", "years": "2.5"}).status_code == 302
    line = her.experiences.get()
    assert line.occupation == occupation
    for years in ("-1", "99", "dva", ""):
        wrong = client.post(url("note_experience", her.pk), {"title": "Krojačica", "years": years})
        assert "years" in wrong.context["experience_form"].errors, years
    client.post(url("remove_experience", her.pk, line.pk))
    assert not her.experiences.exists()


def test_wishes_are_saved_and_shown_again(client: Client, cast: Cast) -> None:
    her, occupation = cast.beneficiary, tailor()
    wishes = {
        "occupations": "krojačica\n", "own_words": "u malom timu", "min_hours": "20", "max_hours": "40",
        "shifts": ["morning"], "max_travel_km": "15", "min_pay_per_hour": "400",
    }  # fmt: skip
    assert client.post(url("save_wishes", her.pk), wishes).status_code == 302
    saved = Wishes.objects.get(beneficiary=her)
    assert (list(saved.occupations.all()), saved.shifts) == ([occupation], ["morning"])
    page = client.get(url("person_profile", her.pk)).content.decode()
    assert "krojačica" in page
    assert "u malom timu" in page


def test_wrong_wishes_name_the_field(client: Client, cast: Cast) -> None:
    her = cast.beneficiary
    for change, field in [
        ({"min_hours": "40", "max_hours": "20"}, "max_hours"),
        ({"max_hours": "99"}, "max_hours"),
        ({"max_travel_km": "-3"}, "max_travel_km"),
        ({"max_travel_km": "99999999"}, "max_travel_km"),
        ({"min_pay_per_hour": "1e30"}, "min_pay_per_hour"),
        ({"shifts": ["midnight"]}, "shifts"),
        ({"occupations": "zzzzqqq"}, "occupations"),
    ]:
        response = client.post(url("save_wishes", her.pk), change)
        assert response.status_code == 200
        assert field in response.context["wishes_form"].errors, change
    assert not Wishes.objects.filter(beneficiary=her).exists()
