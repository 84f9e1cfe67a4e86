"""The points on a card add up to the score it shows."""

from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from backend.web.people.cards import whole_points
from backend.web.templatetags.words import reason_sentence


@given(st.lists(st.floats(-1, 1), max_size=7).filter(lambda shares: 0 <= sum(shares) <= 1))
def test_points_sum_to_the_rounded_score(shares: list[float]) -> None:
    points = whole_points(shares)
    assert sum(points) == round(sum(100 * share for share in shares))
    assert all(abs(point - 100 * share) < 1 for point, share in zip(points, shares, strict=True))


def test_the_largest_remainder_gets_the_missing_point() -> None:
    assert whole_points([0.334, 0.333, 0.333]) == [34, 33, 33]
    assert whole_points([0.405, 0.147, 0.118]) == [40, 15, 12]
    assert whole_points([0.405, 0.147, -0.118]) == [40, 15, -12]
    assert whole_points([]) == []


def test_what_was_implied_and_what_was_learned_are_said() -> None:
    skills = {"asked": 2, "met": 1, "skills": [{"skill": "uri", "phrase": ""}]}
    labels = {"uri": "sewing"}
    with override("en"):
        assert reason_sentence("optional_skills", skills, labels) == "1 of 2: sewing"
        implied = reason_sentence("optional_skills", skills | {"implied": True}, labels)
        assert implied == "The opening names no skills. Of those usual in such work: 1 of 2: sewing"
        learned = reason_sentence("experience", {"without": 0.613}, labels)
        assert learned == "Without what became of earlier introductions it would have 61 points"
