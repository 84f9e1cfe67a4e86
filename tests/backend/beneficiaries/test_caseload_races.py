"""A role that ends while somebody is given to it: whichever comes first, nobody is orphaned."""

import datetime as dt
from threading import Event as Signal

import pytest
from django.core.exceptions import PermissionDenied

from backend.accounts.models import User
from backend.accounts.services import end_membership, members
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.services import hand_over, register_beneficiary
from tests.conftest import Cast, _cast
from tests.races import outcomes

TODAY = dt.date(2026, 11, 2)
PATIENCE = 2.0  # seconds in which who is not held up would long be done


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return _cast()


@pytest.mark.parametrize("way", ["handed over", "taken in"])
def test_nobody_comes_onto_a_caseload_that_is_being_left(
    crowd: Cast, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, done = Signal(), Signal()

    def pause(_user: User) -> None:
        """The caseload was found empty, and the end is not committed yet."""
        counted.set()
        done.wait(PATIENCE)

    monkeypatch.setattr(members, "shut_out", pause)
    leaver = crowd.colleague

    def leave() -> None:
        end_membership(actor=crowd.administrator, membership=leaver.memberships.get(), on=TODAY)

    def come() -> None:
        stale = User.objects.get(pk=leaver.pk)
        assert stale.is_counsellor
        counted.wait(10)
        try:
            if way == "handed over":
                hand_over(actor=crowd.counsellor, beneficiary=crowd.beneficiary, to=stale, reason="leave")
            else:
                register_beneficiary(actor=stale, code="NEW-1", entered_on=TODAY, on=TODAY)
        finally:
            done.set()

    ended = outcomes([leave, come])
    assert ended["won"] == 1
    assert ended["refused"] + ended[PermissionDenied.__name__] == 1
    assert not Beneficiary.objects.filter(counsellor=leaver).exists()
    assert User.objects.get(pk=leaver.pk).role is None
