"""What the settings refuse to start with: outside of debugging no key is missing or public."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

KEYS = {"SECRET_KEY": secrets.token_urlsafe(50), "VAULT_KEYS": secrets.token_urlsafe(32)}
PUBLIC = "debug-only-and-never-in-production"


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (KEYS, ""),  # the negative control
        ({"DEBUG": "1"}, ""),
        ({}, "SECRET_KEY is not set"),
        (KEYS | {"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        (KEYS | {"VAULT_KEYS": ""}, "VAULT_KEYS is not set"),
        (KEYS | {"VAULT_KEYS_FILE": "empty"}, "VAULT_KEYS is not set"),
        (KEYS | {"VAULT_KEYS_FILE": "nowhere"}, "No such file"),
        (KEYS | {"VAULT_KEYS": f"{PUBLIC}-0123456_"}, "the public one"),
        (KEYS | {"SECRET_KEY": PUBLIC}, "the public one"),
        (KEYS | {"DEMO": "1", "SECRET_KEY": PUBLIC}, "the public one"),
    ],
)
def test_the_settings_start_with_keys_of_their_own(given: dict[str, str], refusal: str, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    if name := given.get("VAULT_KEYS_FILE"):
        given = given | {"VAULT_KEYS_FILE": str(tmp_path / name)}
    done = subprocess.run(
        [sys.executable, "-c", "import backend.config.settings"],
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) is bool(refusal)
    assert refusal in done.stderr
