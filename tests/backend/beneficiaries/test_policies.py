"""A person's file is seen by her own counsellor and by nobody else; each policy with those it must refuse."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from backend.beneficiaries import policies, services
from backend.matches.services import withdraw_consent
from backend.skills.codes import Sector
from tests.conftest import Cast
from tests.factories import IdentityFactory, SkillFactory

LISTS = {
    "visible_beneficiaries",
    "visible_identities",
    "visible_consents",
    "visible_held_skills",
    "visible_language_skills",
    "visible_experiences",
    "visible_wishes",
    "visible_goals",
    "visible_safety_rules",
}


@pytest.fixture
def full_file(cast: Cast, today: dt.date) -> dict[str, Any]:
    """A person with one row of every kind."""
    who: dict[str, Any] = {"actor": cast.counsellor, "beneficiary": cast.beneficiary}
    IdentityFactory(beneficiary=cast.beneficiary)
    return {
        "consent": services.give_consent(**who, purpose="support", method="signed", language="sr", given_on=today),
        "held_skill": services.note_skill(**who, skill=SkillFactory(), level=2, evidence="self", on=today),
        "language_skill": services.note_language(**who, language="sr", spoken="C2"),
        "experience": services.note_experience(**who, title="seamstress", years=Decimal("1.5")),
        "wishes": services.save_wishes(**who, min_hours=20),
        "goal": services.set_goal(**who, domain="legal", text="residence permit", owner="lawyer", on=today),
        "rule": services.add_safety_rule(**who, kind="sector", sector=Sector.I, on=today),
    }


def test_every_list_is_covered() -> None:
    assert {name for name in vars(policies) if name.startswith("visible_")} == LISTS | {
        "visible_break_glasses",
        "visible_caseloads",
    }


@pytest.mark.parametrize("name", sorted(LISTS))
def test_only_her_counsellor_sees(name: str, cast: Cast, other_cast: Cast, full_file: dict[str, Any]) -> None:
    visible = getattr(policies, name)
    assert visible(cast.counsellor).count() == 1
    for stranger in (cast.colleague, cast.lead, cast.administrator, cast.employer_user):
        assert not visible(stranger).exists()
    if name != "visible_beneficiaries":  # the other programme has a person of its own
        assert not visible(other_cast.counsellor).exists()
    else:
        assert cast.beneficiary not in visible(other_cast.counsellor)


def test_a_counsellor_who_left_sees_nothing(cast: Cast, today: dt.date) -> None:
    cast.counsellor.memberships.update(ended_on=today)
    left = type(cast.counsellor).objects.get(pk=cast.counsellor.pk)
    assert not policies.visible_beneficiaries(left).exists()
    assert not policies.can_edit_beneficiary(left, cast.beneficiary)


def test_a_counsellor_who_changed_organisation_leaves_her_caseload_behind(cast: Cast, other_cast: Cast) -> None:
    cast.counsellor.memberships.update(organisation=other_cast.programme)
    moved = type(cast.counsellor).objects.get(pk=cast.counsellor.pk)
    assert not policies.visible_beneficiaries(moved).exists()
    assert not policies.can_edit_beneficiary(moved, cast.beneficiary)


def test_every_act_is_refused_to_everybody_else(
    cast: Cast, other_cast: Cast, full_file: dict[str, Any], today: dt.date, now: dt.datetime
) -> None:
    b = {"beneficiary": cast.beneficiary}
    acts: list[tuple[Any, dict[str, Any]]] = [
        (services.update_beneficiary, b | {"status": "paused", "on": today}),
        (services.save_identity, b | {"first_name": "X", "on": today}),
        (services.read_identity, b),
        (services.look_for_doubles, b),
        (services.hand_over, b | {"to": cast.colleague, "reason": "leave"}),
        (
            services.give_consent,
            b | {"purpose": "support", "method": "signed", "language": "sr", "given_on": today},
        ),
        (withdraw_consent, {"consent": full_file["consent"], "now": now}),
        (services.note_skill, b | {"skill": SkillFactory(), "level": 1, "evidence": "self", "on": today}),
        (services.remove_skill, {"held_skill": full_file["held_skill"]}),
        (services.note_language, b | {"language": "en", "spoken": "A1"}),
        (services.remove_language, {"language_skill": full_file["language_skill"]}),
        (services.note_experience, b | {"title": "cook", "years": Decimal(1)}),
        (services.remove_experience, {"experience": full_file["experience"]}),
        (services.save_wishes, b | {"min_hours": 1}),
        (services.add_safety_rule, b | {"kind": "sector", "sector": "A", "on": today}),
        (services.lift_safety_rule, {"rule": full_file["rule"], "reason": "r", "on": today}),
        (services.set_goal, b | {"domain": "legal", "text": "t", "owner": "o", "on": today}),
        (services.achieve_goal, {"goal": full_file["goal"], "on": today}),
    ]
    in_emergencies = {"break_glass", "note_looks", "review_break_glass"}  # test_break_glass
    in_general = {"register_beneficiary", "find_people", "share_out"}  # acts on nobody in particular
    here = set(services.__all__) - in_general - in_emergencies - {"Doubles"}  # what an act answers
    assert {act.__name__ for act, _ in acts} == here | {"withdraw_consent"}
    strangers = (cast.colleague, cast.lead, cast.administrator, cast.employer_user, other_cast.counsellor)
    for act, arguments in acts:
        for stranger in strangers:
            with pytest.raises(PermissionDenied):
                act(actor=stranger, **arguments)


def test_only_counsellors_register_and_find_people(cast: Cast, today: dt.date) -> None:
    for stranger in (cast.lead, cast.administrator, cast.employer_user):
        with pytest.raises(PermissionDenied):
            services.find_people(actor=stranger, words="Sintetička")
        with pytest.raises(PermissionDenied):
            services.register_beneficiary(actor=stranger, code="NEW-1", entered_on=today, on=today)
