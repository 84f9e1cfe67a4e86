"""The command line, as a stranger would use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from matching.__main__ import main

ROOT = Path(__file__).parents[2]
OPENINGS = """{"id": "a", "title": "Krojačica", "skills": ["šivenje", {"phrase": "krojenje"}], "colour": 1}

{"id": "b", "title": "Kuvar", "conditions": ["night"]}
"""
PROFILES = (
    '{"id": "p", "skills": ["шивење"], "rules": {"excluded_conditions": ["night"]}}\n{"id": 2, "title": "kuvar"}\n'
)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "matching", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, check=False)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "openings.jsonl").write_text(OPENINGS, encoding="utf-8")
    (tmp_path / "profiles.jsonl").write_text(PROFILES, encoding="utf-8")
    (tmp_path / "phrases.txt").write_text("Шивење\n\n😀\n", encoding="utf-8")
    (tmp_path / "skills_en.csv").write_text(
        "conceptUri,preferredLabel,altLabels\ns1,sewing,šivenje\n", encoding="utf-8"
    )
    return tmp_path


def test_rank(files):
    done = run("rank", "--openings", files / "openings.jsonl", "--profiles", files / "profiles.jsonl", "--top", 1)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
    assert "keys not read: colour" in done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["profile_id"], second["profile_id"]) == ("p", "2")
    # The condition of "a" is unknown and that of "b" excluded.
    assert first["ranked"] == []
    assert [result["opening_id"] for result in second["ranked"]] == ["b"]
    (result,) = second["ranked"]
    assert sum(reason["contribution"] for reason in result["reasons"]) == result["score"] > 0


def test_link_and_rank_with_esco(files, capsys):
    assert main(["link", "--esco", str(files), "--phrases", str(files / "phrases.txt")]) == 0
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (link,) = first["links"]
    assert (first["phrase"], link["concept_id"], link["label"]) == ("Шивење", "s1", "sewing")
    assert 0.9 < link["score"] <= 1
    assert second == {"phrase": "😀", "links": []}
    (files / "openings.jsonl").write_text('{"id": "a", "skills": ["s1"]}\n', encoding="utf-8")
    (files / "profiles.jsonl").write_text('{"id": "p", "skills": ["Sewing"]}\n', encoding="utf-8")
    paths = ["--openings", str(files / "openings.jsonl"), "--profiles", str(files / "profiles.jsonl")]
    assert main(["rank", "--esco", str(files), *paths]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["ranked"][0]["score"] == pytest.approx(1)


def test_workers_change_nothing(files, capsys):
    paths = ["--openings", str(files / "openings.jsonl"), "--profiles", str(files / "profiles.jsonl")]
    assert main(["rank", *paths]) == 0
    alone = capsys.readouterr().out
    assert alone
    assert main(["rank", *paths, "--workers", "1"]) == 0
    assert capsys.readouterr().out == alone


def test_rank_with_concepts_of_ones_own(files, capsys):
    concepts = '{"id": "c1", "labels": {"sr": ["šivenje"], "en": ["sewing"]}}\n'
    (files / "concepts.jsonl").write_text(concepts, encoding="utf-8")
    (files / "openings.jsonl").write_text('{"id": "a", "skills": ["sewing"]}\n', encoding="utf-8")
    (files / "profiles.jsonl").write_text('{"id": "p", "skills": ["шивење"]}\n', encoding="utf-8")
    paths = ["--openings", str(files / "openings.jsonl"), "--profiles", str(files / "profiles.jsonl")]
    assert main(["rank", *paths, "--concepts", str(files / "concepts.jsonl")]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["ranked"][0]["score"] == pytest.approx(1)  # they meet in the concept


@pytest.mark.parametrize("dask", [False, True])
def test_one_of_workers_and_dask(files, capsys, dask):
    paths = ["--openings", str(files / "openings.jsonl"), "--profiles", str(files / "profiles.jsonl")]
    with pytest.raises(SystemExit):
        main(["rank", *paths, "--workers", "2" if dask else "0", *(["--dask", "tcp://127.0.0.1:1"] if dask else [])])
    assert ("not allowed with" if dask else "must be at least 1") in capsys.readouterr().err


def test_evaluate_prints_what_is_there_and_names_what_is_not(tmp_path, capsys):
    (tmp_path / "esco-1.0.3-multilingual").mkdir()
    for language, preferred, other in (("en", "cook", "chef"), ("hr", "kuhar", "kuharski majstor")):
        (tmp_path / "esco-1.0.3-multilingual" / f"occupations_{language}.csv").write_text(
            f"conceptUri,preferredLabel,altLabels\no1,{preferred},{other}\n", encoding="utf-8"
        )
    assert main(["evaluate", "--data", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "not there: skill-spans-dev (no skill-spans-dev, esco-1.1.1-en)" in out
    assert "croatian-labels Latin: 1 queries, 1 documents" in out
    assert "rankings equal to those of croatian-labels Latin: 100.0%" in out
    assert main(["evaluate", "--data", str(tmp_path), "--sets", "croatian-labels", "--json"]) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert reports[0]["systems"][0]["measures"]["MRR"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert main(["evaluate", "--data", str(tmp_path), "--sets", "other"]) == 2
    assert "--sets: other is none of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "is not an object"),
        ('{"title": "x"}', "id: is missing"),
        ('{"id": "a"}', "id: 'a' comes twice"),
        ('{"id": "x", "title": 3}', "title: 3 is not text"),
        ('{"id": "x", "skills": "sew"}', "skills: 'sew' is not a list"),
        ('{"id": "x", "skills": [{"level": 9}]}', "level: 9 is not between 0 and 4"),
        ('{"id": "x", "place": {"latitude": NaN, "longitude": 1}}', "latitude: nan is not between"),
        ('{"id": "x", "place": {"latitude": 1}}', "place.longitude: is missing"),
        ('{"id": "x", "conditions": ["live-in"]}', "conditions: live-in is none of"),
        ('{"id": "x", "hours_per_week": true}', "hours_per_week: True is not a number"),
        ('{"id": "x", "languages": {"sr": "fluent"}}', "languages: sr 'fluent' is none of"),
        ('{"id": "x", "pay_per_hour": 1e999}', "pay_per_hour: inf is not"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_a_malformed_line_is_named_and_nothing_is_written(files, capsys, line, reason):
    path = files / "openings.jsonl"
    path.write_text(f'{{"id": "a"}}\n{line}\n', encoding="utf-8")
    assert main(["rank", "--openings", str(path), "--profiles", str(files / "profiles.jsonl")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{path}:2: ")
    assert reason in err
    assert err.count("\n") == 1


def test_files_that_cannot_be_read_are_named(files, capsys):
    paths = ["--openings", str(files / "openings.jsonl"), "--profiles", str(files / "profiles.jsonl")]
    assert main(["rank", "--openings", str(files / "absent"), *paths[2:]]) == 2
    assert "absent" in capsys.readouterr().err
    assert main(["rank", *paths, "--esco", str(files / "absent")]) == 2
    (files / "phrases.txt").write_bytes(b"good\nb\xff\n")
    assert main(["link", "--esco", str(files), "--phrases", str(files / "phrases.txt")]) == 2
    assert f"{files / 'phrases.txt'}:2: not UTF-8" in capsys.readouterr().err
