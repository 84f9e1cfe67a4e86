"""Work after somebody left a measure, counted as funders count it, beside our own definitions; pure, frames in and out.

- WIOA (20 CFR 677.155): in unsubsidised employment during the second and the fourth calendar quarter after the quarter
  of exit; and with the same employer in both.
- ESF+ (Regulation (EU) 2021/1057, Annex I): in employment within four weeks of leaving, and six months after.

Here the measure is the training a person left last: the programme itself closes nobody. Our work needs a written
contract at the minimum wage and is verified by contacts, not by wage records, so the figures are like theirs, not
theirs. Somebody without any work on record counts as not employed.
"""

import datetime as dt

import numpy as np
import pandas as pd

from .retention import WINDOW_AFTER, of_each

ON_LEAVING = 28
SIX_MONTHS = 182


def quarter_after(exits: pd.Series, quarters: int) -> pd.DataFrame:
    """The first and last day of the n-th calendar quarter after the quarter of each exit day."""
    quarter = exits.dt.to_period("Q") + quarters
    return pd.DataFrame({"first": quarter.dt.start_time, "last": quarter.dt.end_time.dt.normalize()})


def days_after(exits: pd.Series, first: int, last: int) -> pd.DataFrame:
    """A span of days counted from each exit day."""
    return pd.DataFrame({"first": exits + pd.Timedelta(days=first), "last": exits + pd.Timedelta(days=last)})


def employed_between(
    episodes: pd.DataFrame, spans: pd.DataFrame, cutoff: dt.date, *, with_subsidised: bool = True
) -> pd.Series:
    """By person: employed, not_employed, unknown or not_due; employed is any day of the span.

    `spans` has the columns first and last and is indexed by person. Known work is work up to the last day it was
    verified or its recorded end; where work may have gone on into the span but nobody knows, it is unknown.
    """
    work = episodes if with_subsidised else episodes[~episodes["is_subsidised"]]
    first, last = of_each(work["person"], spans["first"]), of_each(work["person"], spans["last"])
    is_certain = work["is_ended"] & ~work["is_estimated"]
    known_until = work["last_on"].where(is_certain, work["verified_on"])
    began = work["started_on"] <= last
    may_last = ~work["is_ended"] | (work["is_estimated"] & (work["ended_known_on"] > first))
    worked = work.loc[began & (known_until >= first), "person"]
    may_have = work.loc[began & (known_until < first) & may_last, "person"]
    is_due = spans["last"] + pd.Timedelta(days=WINDOW_AFTER) <= pd.Timestamp(cutoff)
    codes = np.select(
        [~is_due, spans.index.isin(worked), spans.index.isin(may_have)],
        ["not_due", "employed", "unknown"],
        "not_employed",
    )
    return pd.Series(codes, index=spans.index, dtype="str")


def same_employer_between(episodes: pd.DataFrame, exits: pd.Series, cutoff: dt.date) -> pd.Series:
    """WIOA's indicator for employers, by person employed in the second quarter after exit: same employer in the fourth?

    `retained`, `not_retained`, `unknown` or `not_due`; only the employer of the placement is compared.
    """
    second, fourth = quarter_after(exits, 2), quarter_after(exits, 4)
    codes = employed_between(episodes, second, cutoff, with_subsidised=False)
    in_second = codes[codes == "employed"].index
    firsts = episodes[episodes["number"] == 0].set_index("person")
    since = firsts.reindex(in_second)
    later = employed_between(episodes, fourth.loc[in_second], cutoff, with_subsidised=False)
    stayed = (since["started_on"] <= second.loc[in_second, "last"]) & (
        since["same_until"] >= fourth.loc[in_second, "first"]
    )
    kept = np.select(
        [later.isin(["not_due", "unknown"]), (later == "employed") & stayed], [later, "retained"], "not_retained"
    )
    return pd.Series(kept, index=in_second, dtype="str")


def time_to_first_job(entries: pd.Series, episodes: pd.DataFrame, cutoff: dt.date) -> pd.DataFrame:
    """Days from entering the programme to the first day of the first placement, by person: days, event.

    `entries` are days of entry, by person. Who has no placement by the cut-off is censored there; who entered after it
    is left out.
    """
    end = pd.Timestamp(cutoff)
    entered = entries[entries <= end]
    first = episodes[episodes["number"] == 0].set_index("person")["started_on"].reindex(entered.index)
    event = first <= end
    until = first.where(event, end)
    return pd.DataFrame({"days": (until - entered).dt.days, "event": event})
