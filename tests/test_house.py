"""The house rules that no other tool holds: small files, no unused template, no stray word at the employer's door."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from backend.config.settings import VERSION

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 350
LONGEST_TEST = 500  # a table of cases is easier to read whole
TEMPLATES = ROOT / "backend" / "web" / "templates"
# Found by name by Django, allauth or the form renderer, not by our code.
FOUND_BY_NAME = re.compile(r"^(\d{3}(_csrf)?\.html|(account|allauth|django|mfa|usersessions)/.*)$")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def too_long(paths: list[Path]) -> list[str]:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in paths if "migrations" not in path.parts}
    return [
        f"{path.relative_to(ROOT)}: {length} lines"
        for path, length in lengths.items()
        if length > (LONGEST_TEST if "tests" in path.parts else LONGEST_FILE)
    ]


def test_files_stay_short_enough_to_read() -> None:
    assert not too_long(tracked("*.py", "*.html", "*.js"))


def test_a_long_file_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_house.ROOT", tmp_path)
    (tmp_path / "long.py").write_text("pass\n" * (LONGEST_FILE + 1))
    assert too_long([tmp_path / "long.py"]) == [f"long.py: {LONGEST_FILE + 1} lines"]


def unused(templates: list[str], sources: str) -> list[str]:
    return [name for name in templates if not FOUND_BY_NAME.match(name) and f'"{name}"' not in sources]


def test_every_template_is_used() -> None:
    templates = [str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")]
    sources = "\n".join(path.read_text("utf-8") for path in tracked("backend/*.py", "backend/*.html"))
    assert not unused(templates, sources)


def test_an_unused_template_would_be_noticed() -> None:
    assert unused(["people/old.html", "404.html"], 'render(request, "people/new.html")') == ["people/old.html"]


def test_there_is_no_utils() -> None:
    assert not [path for path in tracked("*.py") if path.stem in {"utils", "helpers", "misc", "common"}]


def test_reports_print_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION
