"""The words of reports belong to a version of the definitions: where they change, so does the version.

GOLDEN has the words of each version, hashed. A report frozen before prints in whose words it is set, so that a file is
either the same bytes or says why not.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable

import pytest
from django.utils import translation

from backend.reports import wording
from backend.reports.catalogue import DEFINITIONS
from backend.reports.donor_report import donor_report
from backend.reports.models import Snapshot
from backend.reports.report_files import LANGUAGES, pdf
from backend.reports.services import rules
from tests.backend.api.world import frozen
from tests.conftest import Cast

GOLDEN = {
    "2026.2": "a0162988a50f9a69a72b9a1821550a67232b7c8f1a1fde22855c8c02b7688466",
    "2026.3": "dcec0bce3d13b02db45b659ac3e3ec6e40b4229a10285e7d10545a3a752f7548",
    "2026.4": "7cda2ff51363304d506b3917c0d722fcb8a3669cede105cc939310aa0f6d2248",
}


def words() -> str:
    """Everything that a report says beside its numbers, in every language, hashed."""
    told = []
    for language in sorted(LANGUAGES):
        with translation.override(language):
            told += [
                *wording.definitions({"threshold": rules().threshold, "base": rules().base, "gap_days": 30}),
                *(f"{code}: {text}" for group in _groups() for code, text in sorted(group.items())),
                *(f"{code}: {note}" for code, notes in sorted(wording.NOTES.items()) for note in notes),
                str(wording.DRAWN_NOTE),
            ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _groups() -> list[wording.Words]:
    rows = [wording.ROWS[name] for name in ("indicator", "stage", "reason", "severity")]
    return [wording.MEASURES, wording.DIMENSIONS, wording.COLUMNS, wording.ANY_ROW, wording.STAGES, *rows]


def test_new_words_are_a_new_version() -> None:
    told = f"the words of reports are others than those of {DEFINITIONS}: raise DEFINITIONS and note {words()!r} here"
    assert GOLDEN.get(DEFINITIONS) == words(), told


@pytest.mark.parametrize(
    "change",
    [
        lambda: wording.NOTES.update({"funnel": ("Something else.",)}),
        lambda: wording.COLUMNS.update({"retained": "Kept"}),
        lambda: setattr(wording, "definitions", lambda _rules: ["Nothing."]),
    ],
    ids=["a note", "a column", "a definition"],
)
def test_other_words_would_be_noticed(change: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NOTES", "COLUMNS"):
        monkeypatch.setattr(wording, name, dict(getattr(wording, name)))
    monkeypatch.setattr(wording, "definitions", wording.definitions)
    change()
    assert words() != GOLDEN[DEFINITIONS]


@pytest.mark.django_db
def test_a_report_keeps_the_name_and_the_rules_it_was_frozen_with(cast: Cast, today: dt.date) -> None:
    snapshot = frozen(cast.programme)
    figures = snapshot.figures | {
        "programme": "As it was called then",
        "rules": snapshot.figures["rules"] | {"gap_days": 21},
    }
    Snapshot.objects.update(figures=figures, definitions=DEFINITIONS)
    snapshot.refresh_from_db()
    before = pdf(donor_report(snapshot, "", "en"))
    cast.programme.name = "As it is called now"
    cast.programme.save()
    report = donor_report(Snapshot.objects.get(), "", "en")
    assert dict(report.facts)["Programme"] == "As it was called then"
    assert any("Work that follows within 21 days" in line for line in report.definitions)
    assert pdf(report) == before


@pytest.mark.django_db
def test_a_report_of_older_definitions_says_in_whose_words_it_is_set(cast: Cast) -> None:
    facts = dict(donor_report(frozen(cast.programme), "", "en").facts)
    assert facts["Definitions"] == f"0, in the words of {DEFINITIONS}"
