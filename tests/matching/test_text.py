"""One phrase, many writings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.text import canonical, canonical_word, fold, stems, title_forms, tokens


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Ђорђе Џамбић", "djordje dzambic"),
        ("Đorđe Džambić", "djordje dzambic"),
        ("  Машина за\nшивење ", "masina za sivenje"),
        ("Ѓорѓи, ќебе", "gorgi, kebe"),
        ("ﬁrma ＡＢＣ", "firma abc"),
        ("😀 kuvar 👩‍🍳", "kuvar"),
        ("", ""),
    ],
)
def test_fold(written, folded):
    assert fold(written) == folded


def test_tokens_keep_the_signs_of_programming_languages():
    assert tokens("C++/C# programer, 24h") == ["c++", "c#", "programer", "24h"]


@pytest.mark.parametrize(
    "same",
    [
        ("građevina", "грађевина", "gradjevina", "gradevina"),
        ("mleko", "mlijeko", "млијеко"),
        ("mesto", "mjesto"),
        ("kuvar", "kuvarica", "куварица"),
        ("prodavač", "prodavacica", "prodavačica"),
        ("frizer", "frizerka"),
        ("radnik u magacinu (m/ž)", "radnica u magacinu", "radnik u magacinu m/f"),
    ],
)
def test_variants_share_a_canonical_form(same):
    assert len({canonical(phrase) for phrase in same}) == 1


@pytest.mark.parametrize(
    ("title", "forms"),
    [
        ("kuhar/kuharica", ["kuhar", "kuharica"]),
        ("tehnički direktor/tehnička direktorica", ["tehnički direktor", "tehnička direktorica"]),
        ("rukovatelj/rukovateljica strojem", ["rukovatelj strojem", "rukovateljica strojem"]),
        ("kuvar/ica", ["kuvar", "kuvarica"]),
        ("radnik/ca u pranju", ["radnik u pranju", "radnica u pranju"]),
        ("medicinski/a tehničar", ["medicinski tehničar", "medicinska tehničar"]),
        ("sales/marketing manager", ["sales manager", "marketing manager"]),
        ("kuvar (m/ž)", ["kuvar"]),
        ("kuvar", ["kuvar"]),
        ("/", ["/"]),
    ],
)
def test_title_forms(title, forms):
    assert title_forms(title) == forms


@given(st.text(max_size=200))
def test_any_text_folds_to_plain_ascii_once_and_for_all(text):
    folded = fold(text)
    assert folded.isascii()
    assert fold(folded) == folded
    assert title_forms(text)


def test_many_strokes_do_not_multiply():
    assert len(title_forms("a / b " * 200)) < 200


def test_canonical_words_settle():
    for word in ("prodavacica", "mlijeko", "djevojka"):
        assert canonical_word(canonical_word(word)) == canonical_word(word)
    assert stems("mašine, машина") == ["masin", "masin"]
