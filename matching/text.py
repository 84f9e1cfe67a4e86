"""Words made comparable: one spelling for both scripts, both pronunciations and both genders of a title."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import cyrtranslit
import snowballstemmer
from anyascii import anyascii

# A phrase is a title or a skill, not an advert: what follows this many characters cannot change what it names.
PHRASE_LIMIT = 500

_WORD = re.compile(r"[^\W_]+(?:[+#]+)?")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
# "(m/f)", "m/ž", "(m/w/d)": markers that say a title is meant for everybody.
_GENDER_MARKER = re.compile(r"\(?(?<!\w)[mfwdhxnžšМЖмж](?:\s*/\s*[mfwdhxnžšМЖмж])+(?!\w)\)?", re.IGNORECASE)
_IJE = re.compile(r"(?<=[a-z])ije(?=[a-z])")
_JE = re.compile(r"(?<=[bcdfghklmnprstvz])je")
# Feminine title endings and the masculine they belong to, longest first.
_FEMININE = (
    ("teljica", "telj"),
    ("istkinja", "ist"),
    ("istica", "ist"),
    ("acica", "ac"),
    ("icarka", "icar"),
    ("arica", "ar"),
    ("erica", "er"),
    ("orica", "or"),
    ("nica", "nik"),
    ("arka", "ar"),
    ("erka", "er"),
    ("orka", "or"),
)


def fold(text: str) -> str:
    """The text in one plain spelling: Latin script, lower case, no diacritics, single spaces.

    Serbian, Macedonian and Bulgarian Cyrillic are read by their own rules, what remains by anyascii. `đ` becomes `dj`.
    """
    text = unicodedata.normalize("NFKC", text)
    if _CYRILLIC.search(text):
        # The Serbian table first: it covers the letters the three alphabets share, the others add their own.
        for alphabet in ("sr", "mk", "bg"):
            text = cyrtranslit.to_latin(text, alphabet)
    if not text.isascii():
        text = "".join(" " if unicodedata.category(char) == "So" else char for char in text)  # emojis name no work
        text = anyascii(text.replace("đ", "dj").replace("Đ", "Dj"))
    return " ".join(text.lower().split())


def tokens(text: str) -> list[str]:
    """The words of a text, folded, in order; `c++` and `c#` keep their signs."""
    return _WORD.findall(fold(text))


@lru_cache(maxsize=200_000)
def canonical_word(word: str) -> str:
    """One form for a folded word's variants: bare `d` for `đ`, ekavian for ijekavian, masculine for feminine titles.

    The result is a key for comparison, not a word to show: it is applied to both sides, so over-reach costs little.
    """
    word = word.replace("dj", "d")
    word = _JE.sub("e", _IJE.sub("e", word))
    if len(word) > 6:
        for feminine, masculine in _FEMININE:
            if word.endswith(feminine):
                return word.removesuffix(feminine) + masculine
    return word


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem of a canonical word (snowball `serbian`); words of other languages lose little by it."""
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.SerbianStemmer:
    return snowballstemmer.stemmer("serbian")


def canonical(phrase: str) -> str:
    """The key under which two writings of one phrase are equal; empty when nothing of it is a word."""
    return " ".join(canonical_words(phrase[:PHRASE_LIMIT]))


def canonical_words(text: str) -> list[str]:
    """The words of a text in the form in which their variants are equal."""
    return [canonical_word(word) for word in tokens(_GENDER_MARKER.sub(" ", text))]


def stems(text: str) -> list[str]:
    """The stems of all words of a text, in order, with repetitions."""
    return [stem(word) for word in canonical_words(text)]


def title_forms(title: str) -> list[str]:
    """The separate titles written in one: `kuhar/kuharica` gives both, each with the words they share.

    "rukovatelj/rukovateljica strojem" gives "rukovatelj strojem" and "rukovateljica strojem"; an ending alone
    ("kuvar/ica") is joined to its word. A title without a stroke comes back as it is.
    """
    title = " ".join(_GENDER_MARKER.sub(" ", title[:PHRASE_LIMIT]).split())
    if title.count("/") > 3:  # a list, not a title: every pairing of its parts would be too many
        return [part.strip() for part in title.split("/") if part.strip()] or [title]
    left_text, stroke, right_text = title.partition("/")
    left, right = left_text.split(), right_text.split()
    if not stroke or not left or not right:
        return [title]
    ending = right[0].lstrip("-")
    if len(ending) <= 4 and not _akin(left[-1], ending) and ending.lower() in _ENDINGS:
        forms = [left + right[1:], [*left[:-1], _with_ending(left[-1], ending), *right[1:]]]
    else:
        start = next((i for i, word in enumerate(left) if _akin(word, right[0])), len(left) - 1)
        forms = [left + right[len(left) - start :], left[:start] + right]
    return list(dict.fromkeys(form for words in forms for form in title_forms(" ".join(words))))


_ENDINGS = frozenset({"ica", "ka", "ca", "inja", "nja", "a", "in", "e", "rica", "ična"})


def _akin(one: str, other: str) -> bool:
    """Whether two words begin alike, as the two genders of a title do."""
    return len(other) >= 3 and fold(one)[:3] == fold(other)[:3]


def _with_ending(word: str, ending: str) -> str:
    """`kuvar` + `ica` = `kuvarica`; `radnik` + `ca` = `radnica`; `medicinski` + `a` = `medicinska`."""
    drops_last = (ending == "ca" and word.endswith("k")) or (ending == "a" and word.endswith("i"))
    return (word[:-1] if drops_last else word) + ending
