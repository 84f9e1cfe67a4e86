"""The words of a text as a pattern reads them, whatever was done to hide them from one.

Full-width and struck-through letters, invisible characters, letters spaced out or parted by dots, letters of another
script that look the same, digits for letters, doubled letters: each is read as the word that a person reads.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import accumulate

from matching.text import fold

_TOKEN = re.compile(r"\S+")
# One letter, with the marks it may be parted from the next by; several of them in one token ("p.a.s.o.š").
_LETTER = re.compile(r"^\W*[^\W\d_]\W*$")
_PARTED = re.compile(r"^\W*(?:[^\W\d_][.\-–_*·•|/+~'’:,]+){3,}[^\W\d_]\W*$")
_SHORTEST_SPACED = 4  # "a i o" is no disguise
_ONE_LETTER_WORDS = "aiouskz"
_DIGIT_INSIDE = re.compile(r"(?<=[^\W\d_])[013457$@](?=[^\W\d_])(?!\S*\.\w)")
_DIGITS = str.maketrans("013457$@", "oieastsa")
# Cyrillic (and a few Greek) letters by the Latin ones they look like.
_LATIN = str.maketrans("аеорсхуіјѕкмтнвАЕОРСХУІЈЅКМТНВοαερντικ", "aeopcxyijskmthbAEOPCXYIJSKMTHBoaepvtik")
_CYRILLIC = str.maketrans("aeopcxyijskmtAEOPCXYIJSKMTHB", "аеорсхуіјѕкмтАЕОРСХУІЈЅКМТНВ")
# A negation before one of these does not reach the words after it: "bez iskustva, depozit 100 evra".
_CLAUSE_END, _CLAUSE_START = tuple(".,;:!?()•-–—"), tuple("(•-–—")
_SENTENCE_END = (".", "!", "?", "•")
_DOUBLED = re.compile(r"(\w)\1+")
_IJEKAVIAN = re.compile(r"(?<=[a-z])ije(?=[a-z])|(?<=[bcdfghkmprstvz])je")


@dataclass(frozen=True, slots=True)
class Words:
    """A text word by word: as written, as read, and where a clause ends."""

    written: list[str]
    folded: list[str]
    ends_clause: list[bool]
    sentence: list[int]
    """The number of the sentence that each word is in."""
    disguised: list[str]
    """The words that were written so that a program would misread them."""

    @property
    def readings(self) -> list[list[str]]:
        """The words folded; and with doubled letters made single and ijekavian ekavian, where that differs."""
        loose = [_DOUBLED.sub(r"\1", _IJEKAVIAN.sub("e", word)) for word in self.folded]
        return [self.folded] if loose == self.folded else [self.folded, loose]

    def before(self, first: int, reach: int) -> str:
        """The words of the same clause just before a word, as far as `reach`."""
        start = first
        while start > max(first - reach, 0):
            if self.ends_clause[start - 1] or self.written[start].startswith(_CLAUSE_START):
                break
            start -= 1
        return " ".join(self.folded[start:first])

    def after(self, last: int, reach: int) -> str:
        """The words of the same clause just after a word."""
        stop = last + 1
        while stop < min(last + 1 + reach, len(self.folded)):
            if self.ends_clause[stop - 1] or self.written[stop].startswith(_CLAUSE_START):
                break
            stop += 1
        return " ".join(self.folded[last + 1 : stop])


def read(text: str) -> Words:
    """The words of a text."""
    words = Words([], [], [], [], [])
    sentence = 0
    for line in _visible(text).splitlines():
        pieces = _pieces(line)
        for number, piece in enumerate(pieces, start=1):
            word, is_disguised = _undisguised(piece)
            if plain := fold(word):
                words.written.append(piece)
                words.folded.append(plain)
                words.ends_clause.append(number == len(pieces) or piece.endswith(_CLAUSE_END))
                words.sentence.append(sentence)
                if is_disguised:
                    words.disguised.append(piece)
            sentence += number == len(pieces) or piece.endswith(_SENTENCE_END)
    return words


def starts(words: list[str]) -> list[int]:
    """Where each word starts in the line they make."""
    return list(accumulate((len(word) + 1 for word in words), initial=0))[:-1]


def _visible(text: str) -> str:
    """The text without invisible characters and without marks that are laid over letters."""
    composed = unicodedata.normalize("NFKC", text)
    return "".join(char for char in composed if unicodedata.category(char) not in ("Cf", "Mn", "Me"))


def _pieces(line: str) -> list[str]:
    """The words of a line; letters spaced out by single blanks are one word."""
    pieces: list[str] = []
    run: list[re.Match[str]] = []

    def close() -> None:
        letters = [match[0] for match in run]
        if len(letters) < _SHORTEST_SPACED:
            pieces.extend(letters)
        else:
            pieces.append(" ".join(letters))
            if letters[0].lower() in _ONE_LETTER_WORDS:  # "a d e p o s i t"
                pieces.append(" ".join(letters[1:]))
        run.clear()

    for match in _TOKEN.finditer(line):
        if run and match.start() - run[-1].end() > 1:
            close()
        if _LETTER.match(match[0]):
            run.append(match)
        else:
            close()
            pieces.append(match[0])
    close()
    return pieces


def _undisguised(piece: str) -> tuple[str, bool]:
    """The word that a person reads in a piece of text, and whether that took some undoing."""
    word = piece
    if " " in word or _PARTED.match(word):
        word = "".join(char for char in word if char.isalpha()) + word[len(word.rstrip(".,;:!?")) :]
    scripts = {script: sum(script in unicodedata.name(char, "") for char in word) for script in _SCRIPTS}
    if sum(map(bool, scripts.values())) > 1:
        is_cyrillic = scripts["CYRILLIC"] > scripts["LATIN"]
        word = word.translate(_CYRILLIC if is_cyrillic else _LATIN)
    if _DIGIT_INSIDE.search(word) and sum(map(str.isalpha, word)) >= _SHORTEST_SPACED:
        word = _DIGIT_INSIDE.sub(lambda digit: digit[0].translate(_DIGITS), word)
    return word, word != piece


_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")
