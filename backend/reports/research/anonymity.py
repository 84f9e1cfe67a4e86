"""Generalisation until no description belongs to fewer than k people: pure, frames in, frames out."""

from collections.abc import Callable, Mapping
from itertools import product

import pandas as pd


class TooFew(ValueError):
    """There are fewer people than have to be alike."""


ANY = "*"
"""Instead of a value that would tell too much."""
OTHER = "other"

MOST_HIDDEN = 0.1
"""No more than this share of rows may say nothing, if steps can be found for that."""

Ladder = tuple[Callable[[str], str], ...]
"""From a value as it is to coarser and coarser ones; the last step says nothing."""


def nothing(_value: str) -> str:
    return ANY


def anonymise(people: pd.DataFrame, ladders: Mapping[str, Ladder], k: int) -> pd.DataFrame:
    """The columns of `ladders`, generalised so that every row equals at least k - 1 others; TooFew below k rows.

    All rows of a column are generalised alike; rows whose description is still rarer say nothing at all. Of all
    combinations of steps with few such rows the one is taken that silences fewest columns, and of these the one that
    tells rows apart best (discernibility: Bayardo & Agrawal 2005).
    """
    if len(people) < k:
        raise TooFew(len(people))
    columns = list(ladders)
    kinds = people[columns].value_counts().rename("people").reset_index()
    best = min(product(*ladders.values()), key=lambda steps: _lost(_climbed(kinds, columns, steps), steps, k))
    told = _climbed(people[columns], columns, best)
    rare = _rare(told.value_counts(), k)
    return told.mask(pd.Series(pd.MultiIndex.from_frame(told).isin(rare.index), told.index), ANY)


def _climbed(told: pd.DataFrame, columns: list[str], steps: tuple[Callable[[str], str], ...]) -> pd.DataFrame:
    return told.assign(**{column: told[column].map(step) for column, step in zip(columns, steps, strict=True)})


def _lost(kinds: pd.DataFrame, steps: tuple[Callable[[str], str], ...], k: int) -> tuple[bool, int, int]:
    """Whether too many rows say nothing, how many columns do, and the rows that each row cannot be told apart from."""
    sizes = kinds.groupby([column for column in kinds.columns if column != "people"])["people"].sum()
    rare = _rare(sizes, k)
    hidden, everybody = int(rare.sum()), int(sizes.sum())
    alike = int((sizes.drop(rare.index) ** 2).sum()) + hidden * everybody
    return hidden > MOST_HIDDEN * everybody, steps.count(nothing), alike


def _rare(sizes: pd.Series, k: int) -> pd.Series:
    """The sizes below k, with the next ones until together they are k: they are to become one."""
    sizes = sizes.sort_index().sort_values(kind="stable")
    taken = int((sizes < k).sum())
    while 0 < taken < len(sizes) and sizes.iloc[:taken].sum() < k:
        taken += 1
    return sizes.iloc[:taken]


def merge_rare(values: pd.Series, people: pd.Series, k: int) -> pd.Series:
    """The values, those that fewer than k different people have taken together with the next until k have them."""
    holders = people.groupby(values).nunique().sort_index().sort_values(kind="stable")
    taken = int((holders < k).sum())
    while 0 < taken < len(holders) and people[values.isin(holders.index[:taken])].nunique() < k:
        taken += 1
    return values.mask(values.isin(holders.index[:taken]), OTHER)
