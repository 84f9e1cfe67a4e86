"""The tables as files: Parquet and CSV with the same rows, the dictionary, and what stands behind them."""

import datetime as dt
import io
import json
from typing import Any

import pandas as pd
from django.utils import translation

from backend.outcomes.spells import GAP_DAYS

from ..disclosure.tables import EVERYBODY
from ..exports import csv_file
from ..models import Snapshot
from ..tables import releases, tables
from .dictionary import HEADER, dictionary
from .tables import Tables

RETENTION = ("retention_90", "retention_180", "retention_365")


def files(told: Tables, snapshot: Snapshot, on: dt.date, left_out: str) -> dict[str, bytes]:
    """Every file by its name. `left_out` says how many people of the programme are not in the tables."""
    found = {}
    for name, table in told.named.items():
        found[f"{name}.parquet"] = _parquet(table)
        found[f"{name}.csv"] = csv_file(list(table.columns), _rows(table))
    found["dictionary.csv"] = csv_file(HEADER, dictionary(told))
    about = {
        "quarter": snapshot.quarter,
        "data_on": str(snapshot.data_on),
        "exported_on": str(on),
        "software": snapshot.software,
        "definitions": snapshot.definitions,
        "gap_days": GAP_DAYS,
        "k": told.k,
        "persons": {
            "who": "entered by the end of the quarter, consent to anonymous statistics that day, not erased",
            "exported": len(told.persons),
            "of them without any description": told.undescribed,
            "left out": left_out,
        },
        "published": published(snapshot),
    }
    found["about.json"] = json.dumps(about, ensure_ascii=False, indent=1).encode()
    return found


def published(snapshot: Snapshot) -> dict[str, Any]:
    """What the report of the quarter prints of everybody: retention with its rates, and the curve."""
    rules, curves = snapshot.figures["rules"], snapshot.figures["curves"]
    printed = {}
    with translation.override("en"):
        for table in tables(snapshot, RETENTION, [EVERYBODY]):
            numbers = releases(snapshot)[table.code].rows(EVERYBODY)[EVERYBODY]
            rate = table.rows[0].rates["retained"]
            percent = {"percent": rate.percent, "lower": rate.lower, "upper": rate.upper} if rate else None
            printed[table.code] = {"numbers": numbers, "retained": percent}
    return {"rules": rules, "retention": printed, "curve": curves[EVERYBODY]["groups"].get(EVERYBODY)}


def _rows(table: pd.DataFrame) -> list[list[Any]]:
    return table.astype(object).where(table.notna(), None).to_numpy().tolist()


def _parquet(table: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()
