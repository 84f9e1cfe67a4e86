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
# "kuvar(ica)", "Verkäufer(in)": an ending in brackets.
_BRACKETED_ENDING = re.compile(r"(?<=\w)\(-?(\w{1,4})\)")
_ASIDE = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?")
_IJE = re.compile(r"(?<=[a-z])ije(?=[a-z])")
_JE = re.compile(r"(?<=[bcdfghklmnprstvz])je")
# Endings in which the two genders of a title or its adjective differ -> the one under which both are known. The types
# of derivation are those that ESCO 1.0.3 writes in pairs ("kuhar/kuharica"; of these .96 in Croatian and Slovene and
# .89 in German meet), and their Serbian, Macedonian, Albanian and Spanish counterparts. An ending that means the same
# in a neighbouring language shares the form (tehničar, tehnik). Over-reach costs little: both sides are read alike.
_GENDERLESS = {
    ending: shared
    for shared, endings in {
        # agents: učitelj/učiteljica, učitel/učitelka; trgovac/trgovkinja, trgovec/trgovka
        "tel": "telj teljica teljka telica telka",
        "ter": "tar trica",
        "ist": "istica istka istkinja istinja istin",
        "ac": "acica acka acki",
        "as": "asica",
        "ic": "icica",
        "ar": "arica arka arkinja",
        "er": "erica erka erkinja erin erinnen ero era ere",
        "ir": "irka irkinja",
        "or": "orica orka orkinja orin orinnen ora ore",
        "eur": "eurin eurinnen",
        "eut": "eutin eutinnen",
        "och": "ochin ochinnen",
        "es": "ese",
        "ak": "akinja",
        "ik": "ikinja icar icarka icki icka nico",
        "nik": "nica",
        "nt": "ntica ntka ntkinja ntinja ntin",
        "at": "atka atkinja atinja",
        "ut": "utka utkinja",
        "ot": "otkinja",
        "evt": "evtka evtinja",
        "ad": "ado ada",
        "og": "oginja oskinja ogo oga oge ogin",
        "urg": "urginja urskinja",
        "af": "afka afkinja afinja",
        "oda": "odkinja",
        "jc": "jac jec jka",
        "lc": "lac lec lka lkinja",
        "nc": "nec nka",
        "sc": "sac sec skinja",
        "vc": "vac vec vka vkinja",
        "ard": "ardesa",
        "mann": "frau",
        # adjectives: medicinska, pomoćna, zdravstvena; administrativa; technische
        "ski": "ska",
        **{f"{letter}ni": f"{letter}na" for letter in "bcdfghjklmnprstvz"},
        "an": "ani ana ano",
        "en": "eni ena",
        "iv": "ivo iva ivi",
        "isch": "ische ischer",
    }.items()
    for ending in endings.split()
}
_LONGEST_ENDING = max(map(len, _GENDERLESS))
_SHORTEST_TITLE = 5  # a word of fewer letters before it loses an ending is its own


def fold(text: str) -> str:
    """The text in one plain spelling: Latin script, lower case, no diacritics, single spaces.

    Serbian, Macedonian and Bulgarian Cyrillic are read by their own rules, what remains by anyascii. `đ` becomes `dj`.
    """
    if text.isascii():
        return " ".join(text.lower().split())
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
    while (plainer := _plainer(word)) != word:
        word = plainer
    return word


def _plainer(word: str) -> str:
    word = _JE.sub("e", _IJE.sub("e", word.replace("dj", "d")))
    if len(word) >= _SHORTEST_TITLE:
        for length in range(min(_LONGEST_ENDING, len(word) - 2), 1, -1):
            if shared := _GENDERLESS.get(word[-length:]):
                return word[:-length] + shared
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
    title = " ".join(_GENDER_MARKER.sub(" ", _BRACKETED_ENDING.sub(r"/\1", title[:PHRASE_LIMIT])).split())
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


def without_asides(phrase: str) -> str:
    """The phrase without what it says in brackets; unchanged when nothing else is said.

    "Cashier (Kota Kinabalu)" gives "Cashier"; an ending in brackets, "kuvar(ica)", is part of its word.
    """
    plain = _ASIDE.sub(" ", _BRACKETED_ENDING.sub(r"/\1", phrase[:PHRASE_LIMIT]))
    return " ".join(plain.split()) if _WORD.search(plain) else phrase


_ENDINGS = frozenset({"ica", "ka", "ca", "inja", "nja", "a", "in", "e", "rica", "ična"})


def _akin(one: str, other: str) -> bool:
    """Whether two words begin alike, as the two genders of a title do."""
    return len(other) >= 3 and fold(one)[:3] == fold(other)[:3]


def _with_ending(word: str, ending: str) -> str:
    """`kuvar` + `ica` = `kuvarica`; `radnik` + `ca` or `ica` = `radnica`; `medicinski` + `a` = `medicinska`."""
    for replaced, endings in (("ik", "ica"), ("k", "ca"), ("i", "a"), ("o", "a"), ("e", "a")):
        if ending == endings and word.endswith(replaced):
            return word.removesuffix(replaced) + ending
    return word + ending
