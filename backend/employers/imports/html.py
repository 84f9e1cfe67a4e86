"""The words of an HTML fragment, in time that grows with its length only: html.parser's grows with the square."""

import re
from html import unescape

_TAG = re.compile(r"<!--|<(/?)([a-z][a-z0-9]*)[^<>]*>", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;/?(?:p|br|li|ul|div|strong|b)\b", re.IGNORECASE)
_BLOCKS = frozenset({"p", "div", "br", "li", "ul", "ol", "tr", "table", "section", "h1", "h2", "h3", "h4", "h5", "h6"})
_UNSEEN = {name: re.compile(rf"</{name}[^<>]*>", re.IGNORECASE) for name in ("script", "style", "template", "noscript")}


def html_to_text(html: str) -> str:
    """Text with a line for each block; markup that was escaped once too often is read as markup."""
    if _ESCAPED.search(html):
        html = unescape(html)
    lines = (" ".join(line.split()) for line in unescape("".join(_seen(html))).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _seen(html: str) -> list[str]:
    """The text between the tags, with line feeds for blocks; what never ends hides all that follows."""
    parts: list[str] = []
    position = 0
    while match := _TAG.search(html, position):
        parts.append(html[position : match.start()])
        position = match.end()
        name = (match[2] or "").lower()
        if not name:
            end = html.find("-->", position)
            position = len(html) if end < 0 else end + 3
        elif name in _UNSEEN and not match[1]:
            closing = _UNSEEN[name].search(html, position)
            position = closing.end() if closing else len(html)
        elif name in _BLOCKS:
            parts.append("\n• " if name == "li" and not match[1] else "\n")
    parts.append(html[position:])
    return parts
