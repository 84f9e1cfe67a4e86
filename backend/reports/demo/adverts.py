"""What an opening's title and text say, and how careless typing spoils them."""

import re

import cyrtranslit

from backend.employers.models import Opening, Requirement
from backend.skills.codes import PayPeriod
from backend.skills.models import Skill

from .draws import Draws
from .reference import Reference, Trade

# Abbreviations and foreign words keep their script, as they do in adverts.
_KEEPS_SCRIPT = re.compile(r"[qwxyQWXY]|^[^a-zčćđšž]*$")
_PLAIN = str.maketrans({"š": "s", "đ": "dj", "č": "c", "ć": "c", "ž": "z", "Š": "S", "Đ": "Dj", "Č": "C", "Ž": "Z"})


def advert_title(draws: Draws, trade: Trade, language: str, town: str) -> str:
    """A title as employers write it: in either gender, with a marker, with the town, in capitals."""
    if language == "en":
        title = draws.choice(trade.titles_en)
        return title.capitalize() if draws.chance(0.8) else f"{title.capitalize()} - {town or 'Serbia'}"
    title = draws.choice(trade.titles_sr[:1] * 3 + trade.titles_sr)
    form = draws.weighted({"{0}": 6, "{0} (m/ž)": 3, "{0} - {1}": 2, "{0}, stalni radni odnos": 0.5, "{2}": 0.5})
    return form.format(title.capitalize(), town or "Srbija", title.upper())


def advert_text(
    draws: Draws,
    reference: Reference,
    trade: Trade,
    opening: Opening,
    asked: list[Requirement],
    language: str,
) -> str:
    """A short advert in Serbian or English that says what the fields say, and nothing else."""
    words = reference.words
    titles = trade.titles_en if language == "en" else trade.titles_sr
    sentences = [draws.choice(words[f"opening_{language}"]).format(title=titles[0])]
    sentences += draws.some(trade.family.words[f"tasks_{language}"], 2, 4)
    if names := [_skill_name(asking.skill, language) for asking in asked if asking.skill]:
        sentences.append(words[f"requirements_{language}"].format(skills=", ".join(names)))
    if opening.hours_per_week and opening.shifts:
        place = 1 if language == "en" else 0
        shifts = ", ".join(words["shift_words"][shift][place] for shift in opening.shifts)
        sentences.append(
            words[f"hours_{language}"].format(hours=f"{opening.hours_per_week:f}".removesuffix(".0"), shifts=shifts)
        )
    if opening.pay_from is not None and opening.pay_to is not None:
        key = "hourly" if opening.pay_period == PayPeriod.HOUR else "pay"
        low, high = (f"{amount:,.0f}".replace(",", ".") for amount in (opening.pay_from, opening.pay_to))
        sentences.append(words[f"{key}_{language}"].format(low=low, high=high))
    if opening.municipality:
        sentences.append(words[f"place_{language}"].format(town=opening.municipality.name))
    sentences.append(draws.choice(words[f"closing_{language}"]))
    return " ".join(filter(None, sentences))


def _skill_name(skill: Skill, language: str) -> str:
    return str(skill.preferred_labels.get(language) or skill.preferred_labels["sr"])


def in_cyrillic(text: str) -> str:
    """Serbian Latin text in Cyrillic, word by word."""
    return " ".join(_word_in_cyrillic(word) for word in text.split(" "))


def _word_in_cyrillic(word: str) -> str:
    return word if _KEEPS_SCRIPT.search(word) else str(cyrtranslit.to_cyrillic(word, "sr"))


def mistyped(draws: Draws, text: str) -> str:
    """The text without diacritics, with two letters swapped, with a letter lost or with a doubled space."""
    kind = draws.choice(("plain", "swap", "lose", "space"))
    if kind == "plain" or len(text) < 6:
        return text.translate(_PLAIN)
    place = draws.randrange(2, len(text) - 3)
    if kind == "swap":
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if kind == "lose":
        return text[:place] + text[place + 1 :]
    space = text.find(" ", place)
    return text if space < 0 else f"{text[:space]} {text[space:]}"
