"""Disclosure control: which counts of people may leave, and in what shape, so that nobody is read out of them.

Categories too small are merged, counts from 1 to 10 are not shown, what remains is rounded to 5, and 0% and 100% of few
people are hidden (PROTECTION, "Reports"). Then the release is attacked as a reader would attack it, by linear
programming over everything published now and in the quarters before; what lets a hidden count be pinned down is
withheld too. The method is cell suppression as in Hundepool et al., Statistical Disclosure Control (2012), ch. 4.
"""

from .attack import Attack
from .control import control, first_draft
from .tables import Figure, Measure, Release, Rules

__all__ = ["Attack", "Figure", "Measure", "Release", "Rules", "control", "first_draft"]
