from tests.conftest import Cast


def test_every_role_of_the_cast_is_what_it_says(cast: Cast, other_cast: Cast) -> None:
    assert cast.counsellor.is_counsellor
    assert cast.lead.is_lead
    assert cast.employer_user.is_employer
    assert cast.employer_user.organisation == cast.employer.organisation
    assert cast.programme != other_cast.programme
