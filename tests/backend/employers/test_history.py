"""Every material edit keeps what the opening said before."""

import datetime as dt

import pytest

from backend.employers.history import history_of
from backend.employers.models import Opening, OpeningRevision
from backend.employers.policies import visible_revisions
from backend.employers.services import RequirementInput, draft_opening, import_openings, revise_opening
from tests.conftest import Cast
from tests.factories import MunicipalityFactory, OpeningFactory, SkillFactory

from .conftest import Publish


def test_a_material_edit_is_a_revision_and_no_other_is(cast: Cast, publish: Publish, today: dt.date):
    opening = publish()
    for fields in ({"positions": 3}, {"pay_from": 80_000}, {"pay_from": 85_000}, {"live_in": True}):
        revise_opening(actor=cast.counsellor, opening=opening, on=today, **fields)
    opening.refresh_from_db()
    revisions = list(opening.revisions.order_by("number"))
    assert [revision.number for revision in revisions] == [1, 2, 3]
    assert [revision.made_by for revision in revisions] == [cast.employer_user, cast.counsellor, cast.counsellor]
    assert revisions[0].content_hash == opening.reviews.get().content_hash
    assert revisions[-1].content_hash == opening.content_hash


def test_what_changed_is_told_in_words(cast: Cast, today: dt.date):
    sewing = SkillFactory(preferred_labels={"sr": "šivenje", "en": "sewing"})
    opening = draft_opening(actor=cast.employer_user, employer=cast.employer, on=today, title="Krojačica")
    revise_opening(
        actor=cast.employer_user,
        opening=opening,
        on=today,
        title="Radnica",
        municipality=MunicipalityFactory(),
        live_in=True,
        shifts=["night"],
        languages={"en": "A2"},
        requirements=[RequirementInput(skill=sewing), RequirementInput(phrase="red")],
    )
    newest, oldest = history_of(opening)
    assert oldest.changes == []
    assert {change.label: (change.before, change.after) for change in newest.changes} == {
        "Title": ("Krojačica", "Radnica"),
        "Place of work": ("not said", "Novi Sad"),
        "Living at the workplace": ("not said", "yes"),
        "Shifts": ("not said", "night"),
        "Languages": ("not said", "en A2"),
        "Skills": ("", "red, sewing"),
    }


def test_an_imported_opening_has_its_history_too(cast: Cast, today: dt.date):
    for title in ("A;1000", "A;2000"):
        content = f"title;plata;employer;id\n{title};{cast.employer.name};7".encode()
        import_openings(actor=cast.lead, name="f.csv", content=content, on=today)
    assert OpeningRevision.objects.count() == 2


def test_what_was_written_before_revisions_were_kept_is_kept_by_the_first_edit(cast: Cast, today: dt.date):
    opening = OpeningFactory(employer=cast.employer, title="Stara")
    revise_opening(actor=cast.counsellor, opening=opening, on=today, title="Nova")
    assert [revision.content["title"] for revision in opening.revisions.order_by("number")] == ["Stara", "Nova"]


def test_a_tampered_row_gives_itself_away(cast: Cast, publish: Publish):
    opening = publish()
    assert all(step.is_intact for step in history_of(opening))
    revision = opening.revisions.get()
    OpeningRevision.objects.update(content=revision.content | {"pay_from": "99999"})
    assert not history_of(Opening.objects.get(pk=opening.pk))[0].is_intact
    with pytest.raises(TypeError):
        revision.save()


def test_only_staff_of_the_programme_read_it(cast: Cast, other_cast: Cast, publish: Publish):
    publish()
    assert [visible_revisions(actor).count() for actor in (cast.counsellor, cast.lead)] == [1, 1]
    for actor in (cast.employer_user, cast.administrator, other_cast.lead):
        assert not visible_revisions(actor).exists()
