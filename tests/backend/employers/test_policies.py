"""Who sees and does what: the own programme or the own employer, and nobody else's."""

import pytest

from backend.employers import policies
from backend.employers.models import Contact, Employer, Opening, OpeningReview, Requirement, Vetting
from tests.conftest import Cast
from tests.factories import ContactFactory, EmployerFactory, OpeningFactory, RequirementFactory, UserFactory


def rows(cast: Cast) -> dict[str, set[object]]:
    """One row of every noun at the cast's employer, and one each at a second employer of the programme."""
    found: dict[str, set[object]] = {}
    for employer in (cast.employer, EmployerFactory(programme=cast.programme)):
        opening = OpeningFactory(employer=employer)
        new = {
            "employers": employer,
            "contacts": ContactFactory(employer=employer),
            "openings": opening,
            "requirements": RequirementFactory(opening=opening),
            "vettings": Vetting.objects.create(
                employer=employer, outcome="refused", note="n", decided_by=cast.lead, decided_on="2026-01-01"
            ),
            "reviews": OpeningReview.objects.create(
                opening=opening, content_hash="a", outcome="refused", decided_by=cast.lead, decided_on="2026-01-01"
            ),
        }
        for noun, row in new.items():
            found.setdefault(noun, set()).add(row)
    return found


MODELS = {
    "employers": Employer,
    "contacts": Contact,
    "openings": Opening,
    "requirements": Requirement,
    "vettings": Vetting,
    "reviews": OpeningReview,
}


def test_staff_see_their_programme(cast: Cast, other_cast: Cast):
    mine, theirs = rows(cast), rows(other_cast)
    for actor in (cast.counsellor, cast.lead):
        for noun in MODELS:
            seen = set(getattr(policies, f"visible_{noun}")(actor))
            assert mine[noun] <= seen, noun
            assert not theirs[noun] & seen, noun


def test_an_employer_sees_itself_only_and_no_vetting_of_itself(cast: Cast, other_cast: Cast):
    rows(cast)
    rows(other_cast)
    own = {
        "employers": {cast.employer},
        "contacts": set(cast.employer.contacts.all()),
        "openings": set(cast.employer.openings.all()),
        "requirements": set(Requirement.objects.filter(opening__employer=cast.employer)),
        "vettings": set(),
        "reviews": set(OpeningReview.objects.filter(opening__employer=cast.employer)),
    }
    for noun, expected in own.items():
        assert set(getattr(policies, f"visible_{noun}")(cast.employer_user)) == expected, noun


def test_administrators_and_the_roleless_see_no_employer(cast: Cast):
    rows(cast)
    for actor in (cast.administrator, UserFactory()):
        for noun in MODELS:
            assert not getattr(policies, f"visible_{noun}")(actor).exists(), noun


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        ("can_edit_employer", {"counsellor", "lead"}),
        ("can_vet_employer", {"lead"}),
        ("can_draft_opening", {"counsellor", "employer_user"}),
    ],
)
def test_who_may_act_on_an_employer(cast: Cast, other_cast: Cast, policy: str, allowed: set[str]):
    may = getattr(policies, policy)
    for role in ("counsellor", "lead", "administrator", "employer_user"):
        assert may(getattr(cast, role), cast.employer) is (role in allowed), role
        assert may(getattr(other_cast, role), cast.employer) is False, role
    assert may(UserFactory(), cast.employer) is False


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        ("can_edit_opening", {"counsellor", "employer_user"}),
        ("can_vet_opening", {"lead"}),
        ("can_close_opening", {"counsellor", "lead", "employer_user"}),
    ],
)
def test_who_may_act_on_an_opening(cast: Cast, other_cast: Cast, policy: str, allowed: set[str]):
    opening = OpeningFactory(employer=cast.employer)
    may = getattr(policies, policy)
    for role in ("counsellor", "lead", "administrator", "employer_user"):
        assert may(getattr(cast, role), opening) is (role in allowed), role
        assert may(getattr(other_cast, role), opening) is False, role


def test_who_may_register_and_import(cast: Cast):
    assert [policies.can_register_employer(user) for user in (cast.counsellor, cast.lead)] == [True, True]
    assert not policies.can_register_employer(cast.employer_user)
    assert not policies.can_register_employer(cast.administrator)
    for actor in (cast.counsellor, cast.lead, cast.employer_user):
        assert policies.can_import_openings(actor)
    assert not policies.can_import_openings(cast.administrator)
    assert not policies.can_import_openings(UserFactory())


def test_an_employer_without_portal_shares_nothing_with_a_roleless_user(cast: Cast):
    """Two missing organisations are not the same organisation."""
    employer = EmployerFactory(programme=cast.programme)
    assert employer.organisation is None
    assert not policies.can_draft_opening(UserFactory(), employer)
