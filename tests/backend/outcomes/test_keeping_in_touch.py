"""Contact that goes on up to 36 months, because she wishes it."""

import datetime as dt

import pytest

from backend.core.exceptions import Conflict
from backend.outcomes import services
from tests.conftest import Cast


def test_if_she_wishes_contact_goes_on_up_to_36_months(cast: Cast, today: dt.date) -> None:
    spell = services.start_spell(
        actor=cast.counsellor, beneficiary=cast.beneficiary, started_on=today, job_title="Krojačica",
        contract="permanent", evidence="A", on=today,
    )  # fmt: skip

    def planned() -> list[int]:
        return list(spell.follow_ups.filter(day__gt=730).values_list("day", flat=True))

    given = {"actor": cast.counsellor, "spell": spell}
    assert planned() == []
    with pytest.raises(Conflict):  # 36 months and the last window are over
        services.keep_in_touch(**given, on=spell.started_on + dt.timedelta(days=1095 + 31))
    services.keep_in_touch(**given, on=spell.started_on + dt.timedelta(days=741))
    assert planned() == [910, 1095]
    assert spell.follow_ups.get(day=910).due_on == spell.started_on + dt.timedelta(days=910)
    with pytest.raises(Conflict):
        services.keep_in_touch(**given, on=spell.started_on + dt.timedelta(days=742))
