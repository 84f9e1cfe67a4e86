"""From facts about work to episodes of employment, pure: frames in, frames out.

*Spells* have one row per job: person, spell (a number), started_on, recorded_on (when the job became known),
ended_on, end_recorded_on (when its end became known), reason, employer, verified_on, is_subsidised, is_qualifying.
*Contacts* have one row per time that somebody heard of her work: person, on, known_on, kind (`same`, `elsewhere`,
`none`) and spell, the job it was about (-1: none of these).
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

GAP_DAYS = 30
"""Days without work that break employment; shorter interruptions count as employed (Serbian Labour Law, art. 37)."""
SPANNED = 234
"""A contact that finds her elsewhere says that no gap is known since she was last seen; not of longer than this: the
longest time between two planned contacts (190 days) and the window of one (14 days before it to 30 after)."""

ELSEWHERE, BETTER_JOB, UNKNOWN = "elsewhere", "better_job", "unknown"

COLUMNS = {
    "person": "str",
    "number": "int64",
    "started_on": "datetime64[s]",
    "last_on": "datetime64[s]",
    "is_ended": "bool",
    "verified_on": "datetime64[s]",
    "ended_known_on": "datetime64[s]",
    "is_estimated": "bool",
    "has_moved_on": "bool",
    "same_until": "datetime64[s]",
    "left_first": "bool",
    "reason": "str",
    "is_subsidised": "bool",
}

_BIG = 1 << 20
"""More days than there will be: person and day in one sorted number."""


def episodes_of(
    spells: pd.DataFrame, contacts: pd.DataFrame, known_by: pd.Series | None = None, *, gap_days: int = GAP_DAYS
) -> pd.DataFrame:
    """Episodes from each person's first qualifying spell on; the columns are described in `retention`.

    With `known_by` (a day by person; who is not in it is left out) from nothing but what was known by then: jobs, ends
    and contacts that became known later do not exist.

    Work with no known end runs up to the last day she was verified. If a later contact finds her without work, it ended
    midway; if elsewhere, she moved midway. An end for a better job ends no employment. Stretches merge when fewer than
    `gap_days` days lie between the end of the earlier, or without one the last day she was verified, and the later; or
    when a contact spans them.
    """
    spells, contacts = _known(spells, contacts, known_by)
    if spells.empty:
        return pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    return _merged(_stretches(spells, contacts), gap_days)


def _known(
    spells: pd.DataFrame, contacts: pd.DataFrame, known_by: pd.Series | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The facts there were; `verified_on` as far as it is more than the end of the job."""
    spells = spells.assign(verified_on=spells["verified_on"].where(spells["verified_on"] != spells["ended_on"]))
    if known_by is not None:
        until = known_by.reindex(spells["person"]).set_axis(spells.index)
        is_ended = spells["end_recorded_on"] <= until
        spells = spells.assign(
            ended_on=spells["ended_on"].where(is_ended),
            reason=spells["reason"].where(is_ended, ""),
            verified_on=spells["verified_on"].where(spells["verified_on"] <= until),
        )[spells["recorded_on"] <= until]
        contacts = contacts[contacts["known_on"] <= known_by.reindex(contacts["person"]).set_axis(contacts.index)]
    return spells.sort_values(["person", "started_on"], ignore_index=True), contacts


def _stretches(spells: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Work at one employer from a day to a day, by person and day: each spell, and each contact elsewhere."""
    people = pd.Index(spells["person"].unique())
    whose, told = people.get_indexer(spells["person"]), people.get_indexer(contacts["person"])
    contacts, told = contacts[told >= 0].reset_index(drop=True), told[told >= 0]
    starts, on = _keys(whose, spells["started_on"]), _keys(told, contacts["on"])
    kind = contacts["kind"].to_numpy(dtype=str)
    # The job that had begun last by the day of each contact, and whether it had not ended.
    at = np.searchsorted(starts, on, side="right") - 1
    has_job = (at >= 0) & (whose[at] == told)
    ended_on = spells["ended_on"].to_numpy()
    runs = has_job & (np.isnat(ended_on[at]) | (ended_on[at] >= contacts["on"].to_numpy()))
    asked = pd.Index(spells["spell"]).get_indexer(contacts["spell"])
    # Elsewhere than at the job that she was asked about: at the one on record, if there is one.
    seen = np.where(kind == "same", asked, np.where((kind == ELSEWHERE) & runs & (at != asked), at, -1))
    verified = _last_seen(spells, contacts, seen)
    last = np.where(np.isnat(ended_on), verified, ended_on)
    is_covered = has_job & (contacts["on"].to_numpy() <= last[at])
    own = (kind == ELSEWHERE) & (seen < 0) & ~is_covered
    moved = (spells["reason"] == BETTER_JOB).to_numpy()
    of_spells = pd.DataFrame(
        {
            "code": whose,
            "key": starts,
            "started_on": spells["started_on"],
            "last_on": last,
            "verified_on": last,
            "is_ended": ~np.isnat(ended_on) & ~moved,
            "known_on": spells["end_recorded_on"].where(spells["ended_on"].notna() & ~moved),
            "employer": spells["employer"],
            "reason": spells["reason"].mask(moved, ""),
            "has_moved_on": moved,
            "is_subsidised": spells["is_subsidised"],
            "is_qualifying": spells["is_qualifying"],
            "is_contact": False,
        }
    )
    day = contacts["on"].to_numpy()[own]
    of_contacts = pd.DataFrame(
        {
            "code": told[own], "key": on[own], "started_on": day, "last_on": day, "verified_on": day, "is_ended": False,
            "known_on": np.datetime64("NaT", "s"), "employer": ELSEWHERE, "reason": "", "has_moved_on": False,
            "is_subsidised": False, "is_qualifying": False, "is_contact": True,
        }
    )  # fmt: skip
    found = pd.concat([of_spells, of_contacts]) if len(of_contacts) else of_spells
    found = found.sort_values("key", kind="stable", ignore_index=True)
    speaks = (kind == "none") | own
    return _contradicted(found, starts, contacts[speaks].assign(key=on[speaks])).assign(
        person=people.to_numpy()[found["code"]]
    )


def _keys(codes: NDArray[np.intp], days: pd.Series) -> NDArray[np.int64]:
    return codes * _BIG + days.to_numpy().astype("datetime64[D]").astype(np.int64)


def _last_seen(spells: pd.DataFrame, contacts: pd.DataFrame, seen: NDArray[np.intp]) -> NDArray[np.datetime64]:
    """The last day on which somebody knew her at each job: its first, unless contacts moved it on."""
    verified = spells["verified_on"].where(spells["verified_on"].notna(), spells["started_on"]).to_numpy().copy()
    there = seen >= 0
    np.maximum.at(verified, seen[there], contacts["on"].to_numpy()[there])
    last: NDArray[np.datetime64] = np.maximum(verified, spells["started_on"].to_numpy())
    return last


def _contradicted(found: pd.DataFrame, starts: NDArray[np.int64], contacts: pd.DataFrame) -> pd.DataFrame:
    """Running stretches, ended or left midway between the last day verified and the first contact that says so.

    What is found out after the next job has begun is about that one.
    """
    contacts = contacts.sort_values("key", ignore_index=True)
    keys = contacts["key"].to_numpy()
    if not len(keys):
        return found.assign(is_estimated=False)
    code, key = found["code"].to_numpy(), found["key"].to_numpy()
    first = np.searchsorted(keys, _keys(code, found["verified_on"]), side="right")
    after = np.append(starts, np.iinfo(np.int64).max)[np.searchsorted(starts, key, side="right")]
    inside = np.minimum(first, len(keys) - 1)
    is_told = (first < len(keys)) & (keys[inside] // _BIG == code) & (keys[inside] < after)
    is_told &= ~found["is_ended"].to_numpy()
    contact = contacts.iloc[inside].set_axis(found.index)
    is_end = is_told & (contact["kind"] == "none")
    between = (contact["on"] - found["verified_on"]).dt.days // 2
    midway = found["verified_on"] + pd.to_timedelta(between, unit="D")
    return found.assign(
        last_on=found["last_on"].mask(is_told, midway).astype("datetime64[s]"),
        is_ended=found["is_ended"] | is_end,
        known_on=found["known_on"].mask(is_end, contact["known_on"]),
        is_estimated=is_told,
        reason=found["reason"].mask(is_end, UNKNOWN),
    )


def _merged(known: pd.DataFrame, gap_days: int) -> pd.DataFrame:
    known = known[known.groupby("code")["is_qualifying"].cummax()].reset_index(drop=True)
    before = known.shift()
    until = before["last_on"].where(before["is_ended"].eq(True), before["verified_on"])
    gap = (known["started_on"] - until).dt.days - 1
    unseen = (known["started_on"] - before["verified_on"]).dt.days
    is_spanned = known["is_contact"] & before["is_ended"].eq(False) & (unseen <= SPANNED)
    joins = (known["code"] == before["code"]) & ((gap < gap_days) | is_spanned)
    run = (~joins).cumsum()
    firsts, lasts = known[~joins], known[~run.duplicated(keep="last")]
    employer = firsts["employer"].to_numpy()[run - 1]
    with_first = known[~(known["employer"] != employer).groupby(run).cummax()]
    stays = with_first[~run[with_first.index].duplicated(keep="last")]
    is_last = stays.index.to_numpy() == lasts.index.to_numpy()
    is_ended = lasts["is_ended"].to_numpy()
    # A guess of when she moved says nothing where the run ends with it: she was last seen when she was seen.
    last_on = np.where(is_ended, lasts["last_on"], lasts["verified_on"])
    seen_there = stays["has_moved_on"].to_numpy() | (is_last & ~is_ended)
    return pd.DataFrame(
        {
            "person": firsts["person"].to_numpy(),
            "number": firsts.groupby("code").cumcount().to_numpy(),
            "started_on": firsts["started_on"].to_numpy(),
            "last_on": last_on,
            "is_ended": is_ended,
            "verified_on": lasts["verified_on"].to_numpy(),
            "ended_known_on": lasts["known_on"].to_numpy(),
            "is_estimated": lasts["is_estimated"].to_numpy() & is_ended,
            "has_moved_on": lasts["has_moved_on"].to_numpy() & ~is_ended,
            "same_until": np.where(seen_there, stays["verified_on"], stays["last_on"]),
            "left_first": ~is_last | is_ended | stays["has_moved_on"].to_numpy(),
            "reason": lasts["reason"].to_numpy(),
            "is_subsidised": firsts["is_subsidised"].to_numpy(),
        }
    ).astype(COLUMNS)
