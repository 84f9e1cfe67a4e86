"""The numbers that say which company it is: the tax number (PIB) and the number in the register (matični broj)."""

import re
import unicodedata

# Spelled before the number: the country of a VAT number, or what the number is.
_PREFIX = re.compile(r"^(?:RS|PIB|MB|PDV|VAT|РС|ПИБ|МБ|ПДВ)+")


def normal_tax_number(text: str) -> str:
    """A tax number as it is stored, however it was typed: nine digits where it is one.

    Blanks, marks, the prefix RS, full-width or other digits and leading zeros do not make another number of it.
    """
    return _digits(text).lstrip("0")


def normal_registry_number(text: str) -> str:
    """A registry number as it is stored: eight digits, with the zeros that spreadsheets cut off its front."""
    digits = _digits(text)
    return digits.zfill(8) if digits else ""


def is_tax_number(number: str) -> bool:
    """Whether nine digits end in their control digit (ISO 7064, MOD 11,10)."""
    if not re.fullmatch(r"\d{9}", number, re.ASCII):
        return False
    rest = 10
    for digit in number[:8]:
        rest = ((rest + int(digit)) % 10 or 10) * 2 % 11
    return (rest + int(number[8])) % 10 == 1


def is_registry_number(number: str) -> bool:
    """Whether eight digits end in their control digit (modulus 11, weights 2 to 7 from the right)."""
    if not re.fullmatch(r"\d{8}", number, re.ASCII):
        return False
    weighted = sum(weight * int(digit) for weight, digit in zip((2, 7, 6, 5, 4, 3, 2), number, strict=False))
    return (11 - weighted % 11) % 11 == int(number[7])


def _digits(text: str) -> str:
    """The text without what is no part of a number; other scripts' digits become ours, other letters stay."""
    plain = "".join(
        str(unicodedata.digit(char)) if unicodedata.category(char) == "Nd" else char
        for char in unicodedata.normalize("NFKC", text).upper()
        if char.isalnum()
    )
    return _PREFIX.sub("", plain)
