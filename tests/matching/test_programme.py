"""A programme's own matching measured, on a small programme made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from matching import Opening, OpeningIndex, Profile, Taxonomy
from matching.__main__ import main
from matching.baselines import BASELINES
from matching.jsonl import Judgements, read_concepts, read_judgements
from matching.metrics import ndcg_at_k
from matching.programme import LEAST_GROUP, REST, ProgrammeReport, evaluate_programme
from matching.records import plain
from matching.types import HeldSkill, InvalidValue, Requirement, Rules

TRADES = ("šivenje", "kuvanje", "čišćenje", "pakovanje")


def opening(number: int, trade: str, **fields: object) -> Opening:
    return Opening(
        id=f"o{number:02}", title=f"Oglas {number}", skills=(Requirement(phrase=trade),), **fields  # type: ignore[arg-type]
    )  # fmt: skip


OPENINGS = [opening(number, TRADES[number % 4]) for number in range(20)]
PROFILES = [Profile(id=f"p{n:02}", skills=(HeldSkill(phrase=TRADES[n % 4]),)) for n in range(24)]
# Everybody was shown one opening of her trade that led to work, and one that led to nothing.
GAINS = {f"p{n:02}": {f"o{n % 4 + 4:02}": 1.0, f"o{(n + 1) % 4:02}": 0.0} for n in range(24)}


def measured(judgements: Judgements, profiles: list[Profile] = PROFILES) -> ProgrammeReport:
    return evaluate_programme(OpeningIndex.build(OPENINGS), OPENINGS, profiles, judgements)


def test_our_line_repeats_what_rank_gives():
    report = measured(Judgements(GAINS, {}))
    index = OpeningIndex.build(OPENINGS)
    ranked = {profile.id: [one.opening_id for one in index.rank(profile)] for profile in PROFILES}
    expected = [ndcg_at_k(ranked[person], GAINS[person], 10) for person in ranked]
    ours = report.systems[0]
    assert ours.ours
    assert ours.measures["nDCG@10"].mean == pytest.approx(sum(expected) / len(expected))
    assert ours.measures["judged"].mean == 1  # the good one always stands before the other
    assert [one.system for one in report.systems] == ["index", *BASELINES, "no order"]
    assert (report.people, report.openings, report.judged, report.withheld) == (24, 20, 48, 0)
    assert sum(line.count for line in report.table) == 48
    assert sum(line.count * line.right for line in report.table) == 24


def test_every_system_ranks_what_the_gates_let_pass_and_no_more():
    barred = [replace(one, rules=Rules(excluded_sectors=frozenset({"x"}))) for one in PROFILES]
    openings = [replace(one, sector="x" if int(one.id[1:]) < 4 else "y") for one in OPENINGS]
    report = evaluate_programme(OpeningIndex.build(openings), openings, barred, Judgements(GAINS, {}))
    assert report.withheld == 24  # the four that led to nothing, for everybody
    assert all(one.measures["judged"].mean == 1 for one in report.systems)
    assert all(0 < exposure.coverage <= 1 for exposure in report.exposure.values())


def test_nobody_to_measure_is_no_error():
    report = measured(Judgements({"p00": {"o01": 0.0}}, {}))
    assert report.people == 0
    assert report.systems[0].measures == {}


def test_groups_too_small_to_stand_alone_stand_together_or_not_at_all():
    towns = {f"p{n:02}": "Niš" if n < LEAST_GROUP else f"town {n % 3}" for n in range(24)}
    report = measured(Judgements(GAINS, {"municipality": towns, "age_band": {"p00": "25-34"}}))
    assert [(one.column, one.value, one.people) for one in report.groups] == [
        ("municipality", "Niš", LEAST_GROUP),
        ("municipality", REST, 24 - LEAST_GROUP),
    ]
    nis = report.groups[0]
    assert nis.openings == 20
    assert 0 < nis.coverage <= 1
    assert 0 < nis.score <= 1
    assert 0 < nis.quality.low <= nis.quality.mean <= nis.quality.high <= 1


def write(path: Path, *records: object) -> Path:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path):
    """The programme as files, by the option that takes them."""
    towns = {"municipality": "Niš"}
    judged = [
        {"profile_id": person, "opening_id": shown, "gain": gain, **towns}
        for person, gains in GAINS.items()
        for shown, gain in gains.items()
    ]
    return {
        "--openings": write(tmp_path / "openings.jsonl", *map(plain, OPENINGS)),
        "--profiles": write(tmp_path / "profiles.jsonl", *map(plain, PROFILES)),
        "--judged": write(tmp_path / "judged.jsonl", *judged),
        "--concepts": write(tmp_path / "concepts.jsonl", {"id": "c", "labels": ["šivenje"]}),
    }


def run(files: dict[str, Path], *more: str) -> int:
    return main(["evaluate", *[str(part) for item in files.items() for part in item], *more])


def test_the_command_prints_the_report(files, capsys):
    assert run(files, "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["people"] == 24
    assert run(files) == run(files) == 0
    out = capsys.readouterr().out
    half = len(out) // 2
    assert out[:half] == out[half:]
    assert out.startswith("programme: 24 people with a good judgement, 20 openings, 48 judged pairs")
    assert "* index" in out
    assert "municipality: Niš" in out


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"opening_id": "o01", "gain": 1}, "profile_id: is missing"),
        ({"profile_id": "p01", "opening_id": "o99", "gain": 1}, "opening_id: 'o99' is in no other file"),
        ({"profile_id": "p01", "opening_id": "o01"}, "gain: is missing"),
        ({"profile_id": "p01", "opening_id": "o01", "gain": -1}, "gain: -1 is not a number of at least 0"),
        ({"profile_id": "p01", "opening_id": "o01", "gain": float("nan")}, "gain: nan is not"),
        ({"profile_id": "p01", "opening_id": "o01", "gain": True}, "gain: True is not"),
        ({"profile_id": "p00", "opening_id": "o00", "gain": 1}, "opening_id: 'o00' comes twice"),
        (
            {"profile_id": "p00", "opening_id": "o01", "gain": 1, "municipality": "Bor"},
            "municipality: 'Bor' is another",
        ),
        ({"profile_id": "p00", "opening_id": "o01", "gain": 1, "language": 3}, "language: 3 is not text"),
        ([], "[] is not an object"),
    ],
)
def test_a_judgement_that_cannot_be_used_is_named_and_nothing_is_printed(files, capsys, record, reason):
    first = {"profile_id": "p00", "opening_id": "o00", "gain": 1, "municipality": "Niš"}
    path = write(files["--judged"], first, record)
    assert run(files) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{path}:2: {reason}")


def test_groups_are_read_beside_the_judgements_and_only_those_known(tmp_path):
    record = {"profile_id": 7, "opening_id": "o", "gain": 1, "age_band": "25-34", "nationality": "x"}
    found = read_judgements(write(tmp_path / "judged.jsonl", record), {"7"}, {"o"})
    assert found == Judgements({"7": {"o": 1.0}}, {"age_band": {"7": "25-34"}})


def test_concepts_are_read_line_by_line(tmp_path):
    good = {"id": "c", "labels": {"sr": ["šivenje"]}, "related": ["d"]}
    path = write(tmp_path / "concepts.jsonl", good)
    assert read_concepts(path) == Taxonomy.from_concepts([good])
    for bad, reason in (({"id": "d", "kind": "x"}, "kind 'x'"), (good, "id: 'c' comes twice")):
        with pytest.raises(InvalidValue, match=rf"concepts\.jsonl:2: .*{reason}"):
            read_concepts(write(path, good, bad))


def test_what_is_to_be_measured_has_to_be_said_in_full(files, capsys, tmp_path):
    assert main(["evaluate"]) == 2
    assert "--data" in capsys.readouterr().err
    del files["--judged"]
    assert run(files, "--data", str(tmp_path)) == 2
    assert "go together" in capsys.readouterr().err
