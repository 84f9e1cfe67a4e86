"""The points on a card add up to the score it shows."""

from hypothesis import given
from hypothesis import strategies as st

from backend.web.people.cards import whole_points


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
