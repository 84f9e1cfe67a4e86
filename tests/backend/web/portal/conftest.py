"""Introductions walked to any state, as the tests of `matches` walk them."""

from tests.backend.matches.conftest import match, opening, sewing, walk

__all__ = ["match", "opening", "sewing", "walk"]
