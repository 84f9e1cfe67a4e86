"""The translations: what the code says, the hand-written Serbian Cyrillic, and the Latin derived from it.

Cyrillic is written and Latin derived, because the other direction is ambiguous ("injekcija", "nadživeti"). This stands
in for makemessages and compilemessages, which need the gettext programs on the machine.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

import cyrtranslit
import polib
from django.conf import settings
from django.utils.translation.template import templatize

SOURCE = settings.BASE_DIR / "backend"
CYRILLIC = SOURCE / "locale" / "sr_Cyrl" / "LC_MESSAGES" / "django.po"
LATIN = SOURCE / "locale" / "sr_Latn" / "LC_MESSAGES" / "django.mo"

# Which arguments of each function are the context, the message and its plural.
CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
}
TEMPLATE_CALL = re.compile(rf"\b({'|'.join(CALLS)})\(((?:u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*,?\s*)+)")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|{\w*}|<[^>]+>")


class Message(NamedTuple):
    msgid: str
    plural: str
    context: str


def _message(name: str, arguments: list[ast.expr]) -> Message | None:
    def text(position: int | None) -> str:
        if position is None or position >= len(arguments):
            return ""
        node = arguments[position]
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""

    context, msgid, plural = (text(position) for position in CALLS[name])
    return Message(msgid, plural, context) if msgid else None


def _calls(tree: ast.AST) -> Iterator[Message]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in CALLS and (message := _message(name, node.args)):
                yield message


def messages() -> dict[Message, list[str]]:
    """Every message in the code and the templates, with the files it stands in."""
    found: dict[Message, set[str]] = {}
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            trees: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            source = templatize(path.read_text("utf-8"), origin=str(path))
            trees = [ast.parse(f"{name}({arguments})") for name, arguments in TEMPLATE_CALL.findall(source)]
        else:
            continue
        for tree in trees:
            for message in _calls(tree):
                found.setdefault(message, set()).add(str(path.relative_to(settings.BASE_DIR)))
    return {message: sorted(paths) for message, paths in sorted(found.items())}


def _key(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def _texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def collect() -> int:
    """Bring the Cyrillic catalogue up to date with the code; return how many messages want a translation."""
    catalogue = polib.pofile(str(CYRILLIC), wrapwidth=110)
    known = {_key(entry): entry for entry in catalogue}
    entries = []
    for message, paths in messages().items():
        entry = known.get(message) or polib.POEntry(
            msgid=message.msgid,
            msgid_plural=message.plural,
            msgctxt=message.context or None,
            msgstr_plural={0: "", 1: "", 2: ""} if message.plural else {},
        )
        entry.occurrences = [(path, "") for path in paths]
        entries.append(entry)
    catalogue[:] = entries
    catalogue.save(str(CYRILLIC))
    return sum(not all(_texts(entry)) for entry in entries)


def problems() -> list[str]:
    """What is wrong with the Cyrillic catalogue: missing, superfluous, or a placeholder lost."""
    entries = {_key(entry): entry for entry in polib.pofile(str(CYRILLIC))}
    wanted = messages()
    found = [f"not in the catalogue: {message.msgid!r}" for message in wanted if message not in entries]
    found += [f"no longer in the code: {key.msgid!r}" for key in entries if key not in wanted]
    for key, entry in entries.items():
        if not all(_texts(entry)):
            found.append(f"not translated: {key.msgid!r}")
        elif any(
            set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(key.plural or key.msgid))
            for text in _texts(entry)
        ):
            found.append(f"placeholders differ: {key.msgid!r}")
    return found


def compile_catalogues() -> None:
    """Write the binary catalogues of both scripts."""
    catalogue = polib.pofile(str(CYRILLIC))
    catalogue.save_as_mofile(str(CYRILLIC.with_suffix(".mo")))
    for entry in catalogue:
        entry.msgstr = cyrtranslit.to_latin(entry.msgstr)
        entry.msgstr_plural = {n: cyrtranslit.to_latin(text) for n, text in entry.msgstr_plural.items()}
    LATIN.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save_as_mofile(str(LATIN))
