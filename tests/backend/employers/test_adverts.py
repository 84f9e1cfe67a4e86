"""P8: how the screening reads labelled adverts.

adverts.csv holds sentences written for this purpose; no advert of anybody is in it. `label` says what must happen:
`stop` (can only be refused), `review` (held for a person to ask), `sign` (the sign is shown), `benign` (published
without a question; `hard` ones speak of deposits, passports and debts as honest adverts do). The patterns were tuned
on the part `tuned`, to which an earlier held-out part's misses were moved once they had been seen. No pattern was
changed for the part `held_out`; but who wrote its newer half wrote the patterns too, so of adverts by others expect
less, and every opening is read by a person, whatever the screening says.
"""

import csv
import json
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cyrtranslit
import pytest
from django.conf import settings

from backend.employers.screening import Screening, Sign, screen
from backend.employers.screening.phrases import Negation, compiled
from tests.proofs import cases, note, report

STOPS = {"fee", "documents", "withheld_wages", "debt"}
# Shares that the proof holds; on the held-out part what was measured is held, so that a change for the worse shows.
MOST_BENIGN_HELD = 0.20
LEAST_HELD_OUT_STOPPED = 0.98


@dataclass(frozen=True, slots=True)
class Advert:
    part: str
    label: str
    category: str
    language: str
    text: str

    @property
    def is_right(self) -> bool:
        """Whether the screening does with it what its label asks for."""
        signs = screen(self.text)
        verdict = Screening(tuple(signs)).verdict
        return {
            "stop": verdict == "stop",
            "review": verdict in ("stop", "hold"),
            "sign": self.category in {sign.code for sign in signs},
            "benign": verdict in ("clear", "warn"),
        }[self.label]


def _adverts() -> list[Advert]:
    with (Path(__file__).parent / "adverts.csv").open(encoding="utf-8", newline="") as text:
        return [Advert(**row) for row in csv.DictReader(text)]


ADVERTS = _adverts()
TUNED = [advert for advert in ADVERTS if advert.part == "tuned"]
HELD_OUT = [advert for advert in ADVERTS if advert.part == "held_out"]


def share(adverts: list[Advert], label: str) -> float:
    """How many of a label are screened rightly."""
    right = [advert.is_right for advert in adverts if advert.label == label]
    return sum(right) / len(right)


def test_the_adverts_are_enough_and_a_third_is_benign() -> None:
    assert len(ADVERTS) == len({advert.text for advert in ADVERTS}) >= 300
    assert sum(advert.label == "benign" for advert in ADVERTS) >= len(ADVERTS) / 3
    assert {advert.language for advert in ADVERTS} == {"sr", "sr-cyrl", "en", "sq"}
    assert {advert.category for advert in ADVERTS if advert.label == "stop"} >= STOPS


def test_every_hard_stop_is_stopped_and_few_benign_adverts_are_held() -> None:
    assert [advert.text for advert in TUNED if advert.label != "benign" and not advert.is_right] == []
    assert share(TUNED, "benign") >= 1 - MOST_BENIGN_HELD


def test_words_nobody_foresaw_are_mostly_understood() -> None:
    assert share(HELD_OUT, "stop") >= LEAST_HELD_OUT_STOPPED
    assert share(HELD_OUT, "benign") >= 1 - MOST_BENIGN_HELD


def test_the_sign_of_a_stopped_advert_is_its_own() -> None:
    for advert in TUNED:
        if advert.label == "stop" and advert.category in STOPS:
            found = {sign.code for sign in screen(advert.text)}
            assert found & STOPS, advert.text


@pytest.mark.parametrize("code", sorted(STOPS))
def test_without_a_phrase_group_the_proof_fails(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    content = json.loads((settings.FIXTURES_DIR / "red_flags.json").read_text("utf-8"))
    content["groups"] = [group for group in content["groups"] if group["code"] != code]
    poorer = compiled(content)
    monkeypatch.setattr("backend.employers.screening.red_flags", lambda: poorer)
    assert share([advert for advert in TUNED if advert.category == code], "stop") < 0.6


def test_without_negations_honest_adverts_would_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other negative control: who says "bez depozita" would be suspected of taking one."""
    monkeypatch.setattr(Negation, "covers", lambda *_given: False)
    assert share([advert for advert in TUNED if advert.category == "negated"], "benign") < 0.6


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text.replace("đ", "dj")).encode("ascii", "ignore").decode()


def _full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "a" <= char <= "z" else char for char in text)


def _doubled(text: str) -> str:
    return "".join(char * 2 if char in "aou" else char for char in text)


REWRITINGS: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "upper case": (str.upper, ("sr", "sr-cyrl", "en", "sq")),
    "no diacritics": (_plain, ("sr", "sq")),
    "Cyrillic": (cyrtranslit.to_cyrillic, ("sr",)),
    "Latin": (cyrtranslit.to_latin, ("sr-cyrl",)),
    "full width": (_full_width, ("sr", "en", "sq")),
    "zero width": (lambda text: "\u200b".join(text), ("sr", "sr-cyrl", "en", "sq")),
    "look-alikes": (lambda text: text.translate(str.maketrans("aeo", "аео")), ("sr", "en", "sq")),
    "struck through": (lambda text: "".join(f"{char}\u0336" for char in text), ("sr", "en")),
    "doubled": (_doubled, ("sr", "sr-cyrl")),
}


@pytest.mark.proof
def test_p8_adverts_however_they_are_written() -> None:
    """Every advert, and every one that must be stopped in each rewriting that a reader would still read."""
    stops = [advert for advert in TUNED if advert.label == "stop" and advert.category in STOPS]
    rewritten = [
        (name, Advert(advert.part, advert.label, advert.category, advert.language, rewrite(advert.text)))
        for name, (rewrite, languages) in REWRITINGS.items()
        for advert in stops[: cases(len(stops))]
        if advert.language in languages
    ]
    wrong = [advert.text for advert in TUNED if advert.label != "benign" and not advert.is_right]
    wrong += [f"{name}: {advert.text}" for name, advert in rewritten if not advert.is_right]
    benign = [not advert.is_right for advert in ADVERTS if advert.label == "benign"]
    assert sum(benign) <= MOST_BENIGN_HELD * len(benign)
    assert wrong == []
    for part, adverts in (("tuned", TUNED), ("held out", HELD_OUT)):
        counts = Counter((advert.label, advert.category) for advert in adverts)
        right = Counter((advert.label, advert.category) for advert in adverts if advert.is_right)
        told = ", ".join(f"{' '.join(kind)} {right[kind]}/{counts[kind]}" for kind in sorted(counts))
        note(f"P8 {part}, read rightly: {told}")
    report("P8", tried="adverts and rewritings", count=len(ADVERTS) + len(rewritten), failed=len(wrong))


def test_a_sign_shows_the_words_as_they_were_written() -> None:
    """From the first word that makes it to the last."""
    (sign,) = [sign for sign in screen("Radnica: d e p o z i t od 100 evra.") if sign.code == "fee"]
    assert sign == Sign("fee", "high", True, "Radnica: d e p o z i t")
