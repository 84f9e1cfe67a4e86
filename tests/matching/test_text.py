"""One phrase, many writings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.text import canonical, canonical_word, fold, stems, title_forms, tokens, without_asides


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
        ("krojač", "krojačica", "КРОЈАЧИЦА", "Krojac"),
        ("medicinski tehničar", "medicinska tehničarka", "медицинска техничарка"),
        ("negovatelj", "negovateljica", "njegovateljica", "његоватељица"),
        ("psiholog", "psihološkinja", "psihologinja"),
        ("trgovac", "trgovkinja", "trgovec", "trgovka"),
        ("pomoćni radnik", "pomoćna radnica", "POMOĆNA RADNICA"),
        ("работник", "работничка", "rabotnicka"),
        ("готвач", "готвачка"),
        ("čistilec", "čistilka"),
        ("natakar", "natakarica"),
        ("skladiščnik", "skladiščnica"),
        ("zdravstveni tehnik", "zdravstvena tehnica"),
        ("punëtor", "punëtore"),
        ("pastrues", "pastruese"),
        ("Verkäufer", "Verkäuferin", "Verkäuferinnen"),
        ("camarero", "camarera"),
    ],
)
def test_variants_share_a_canonical_form(same):
    assert len({canonical(phrase) for phrase in same}) == 1


@pytest.mark.parametrize(
    "different",
    [
        ("kuvar", "konobar", "kuvanje"),
        ("pek", "pekar", "perač"),
        ("vozač", "izvozni radnik"),
        ("šivač", "sivac u boji"),
        ("cook", "cool", "coach"),
    ],
)
def test_other_words_keep_their_own_form(different):
    assert len({canonical(phrase) for phrase in different}) == len(different)


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
        ("kuvar(ica)", ["kuvar", "kuvarica"]),
        ("radnik/-ica", ["radnik", "radnica"]),
        ("Verkäufer(in)", ["Verkäufer", "Verkäuferin"]),
        ("cocinero/a", ["cocinero", "cocinera"]),
        ("kuvar", ["kuvar"]),
        ("/", ["/"]),
    ],
)
def test_title_forms(title, forms):
    assert title_forms(title) == forms


@pytest.mark.parametrize(
    ("phrase", "plain"),
    [
        ("Cashier (Kota Kinabalu) [urgent]", "Cashier"),
        ("kuvar(ica) (Niš", "kuvar/ica"),
        ("(hotel)", "(hotel)"),
        ("kuvar", "kuvar"),
    ],
)
def test_what_stands_in_brackets_is_said_aside(phrase, plain):
    assert without_asides(phrase) == plain


@given(st.text(alphabet="abcdefghijklmnoprstuvzčćšžđ", min_size=1, max_size=20))
def test_the_form_of_a_word_is_its_own_form_whatever_its_case_and_marks(word):
    form = canonical(word)
    assert canonical(form) == form
    assert canonical(word.upper()) == form == canonical(fold(word))


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
