"""The consent texts that come with Korak, written down word for word the first time each is used."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import cyrtranslit
from django.conf import settings

from ..models import ConsentText, Purpose, TextLanguage

TEXTS = settings.FIXTURES_DIR / "consent_texts"


def current_text(*, purpose: str, language: str) -> ConsentText:
    """The newest text for a purpose, as it is shown or read to her; ValueError for a purpose or language without."""
    if purpose not in Purpose.values or language not in TextLanguage.values:
        raise ValueError("There is no such consent text.")
    path = _newest()
    body = _body(_read(path), purpose, language)
    text, _created = ConsentText.objects.get_or_create(
        purpose=purpose,
        version=path.stem,
        language=language,
        defaults={"body": body, "sha256": ConsentText.digest(body)},
    )
    return text


def sheet_words(language: str) -> dict[str, str]:
    """The words around a text on its sheet, in its language."""
    written = _read(_newest())["words"]
    if language == TextLanguage.SERBIAN_LATIN:
        return {name: cyrtranslit.to_latin(word, "sr") for name, word in written["sr-cyrl"].items()}
    return dict(written[language])


def _newest() -> Path:
    return max(TEXTS.glob("*.toml"))


def _body(written: dict[str, Any], purpose: str, language: str) -> str:
    """Serbian in Latin script follows from the Cyrillic."""
    if language == TextLanguage.SERBIAN_LATIN:
        return str(cyrtranslit.to_latin(written[purpose]["sr-cyrl"], "sr")).strip()
    return str(written[purpose][language]).strip()


@cache
def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))
