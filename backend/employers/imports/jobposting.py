"""Openings as schema.org JobPosting in JSON-LD: one object, `@graph`, an array, or JSON Lines.

Source: https://schema.org/JobPosting. `baseSalary` is taken as net, which is how pay is quoted in Serbia.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from backend.employers.numbers import normal_tax_number

from .html import html_to_text
from .rows import Source, SourceRow, check_count, clean_text, file_error

Node = dict[str, Any]

_CONTRACTS = {
    "PERMANENT": "permanent",
    "TEMPORARY": "fixed_term",
    "CONTRACTOR": "service",
    "PER_DIEM": "seasonal",
    "SEASONAL": "seasonal",
    "INTERN": "training",
    "APPRENTICESHIP": "training",
}
_FULL_TIME_HOURS = 40  # Labour Law art. 50
_WEEKLY_HOURS = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:h|hours?|hrs?|sat[ia]?|časova|casova)?\s*(?:(?:per|a|/)?\s*week|weekly|nedeljno)?",
    re.IGNORECASE,
)
MAX_DIGITS = 100
_HELD_BY = ("@graph", "itemListElement", "item", "mainEntity")


def read_json(text: str) -> Source:
    """Rows of a JSON-LD document, or of one document a line."""
    try:
        try:
            document = _parse(text)
        except ValueError as error:
            return _read_lines(text, error)
        return _read_document(document)
    except RecursionError as error:
        raise file_error(_("The JSON is nested too deeply.")) from error


def _read_document(document: Any) -> Source:
    rows: list[SourceRow] = []
    by_id = _index(document)
    for posting in _postings(document):
        rows.append(_row(len(rows) + 1, posting, by_id))
        check_count(rows)
    return Source(rows)


def _read_lines(text: str, whole: ValueError) -> Source:
    """JSON Lines: a line that cannot be read is a refused row, as long as the first one can."""
    rows: list[SourceRow] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            document = _parse(line)
        except ValueError as error:
            if not rows:
                # Not JSON Lines, then: what is wrong with the document as a whole tells more.
                reason = f"{whole.lineno}:{whole.colno}" if isinstance(whole, json.JSONDecodeError) else whole
                raise file_error(_("This is not valid JSON: %(reason)s.") % {"reason": reason}) from error
            rows.append(SourceRow(number, errors=[("row", _("This line is not valid JSON."))]))
        else:
            by_id = _index(document)
            postings = list(_postings(document)) or [None]
            rows += [_row(number, posting, by_id) for posting in postings]
        check_count(rows)
    return Source(rows)


def _parse(text: str) -> Any:
    """The value of a JSON text; ValueError says, in no language, where or at what it ends to be one."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    def parse_int(digits: str) -> int:
        return int(digits) if len(digits) <= MAX_DIGITS else refuse(f"{digits[:20]}…")

    return json.loads(text, parse_constant=refuse, parse_int=parse_int)


def _postings(document: Any) -> Iterator[Any]:
    """Every JobPosting, wherever the document holds it; what is not an object is passed on to be refused."""
    if isinstance(document, list):
        for part in document:
            yield from _postings(part) if isinstance(part, dict | list) else [part]
    elif isinstance(document, dict):
        types = [str(name) for name in _list(document.get("@type"))]
        if any(name.endswith("JobPosting") for name in types) or (not types and "title" in document):
            yield document
        else:
            for key in _HELD_BY:
                if isinstance(document.get(key), dict | list):
                    yield from _postings(document[key])


def _index(document: Any) -> dict[str, Node]:
    """The nodes of a graph by @id, so that a posting may refer to its organisation."""
    nodes = document.get("@graph", []) if isinstance(document, dict) else document
    return {
        str(node["@id"]): node for node in _list(nodes) if isinstance(node, dict) and "@id" in node and len(node) > 1
    }


def _row(number: int, posting: Any, by_id: dict[str, Node]) -> SourceRow:
    row = SourceRow(number)
    if not isinstance(posting, dict):
        row.errors.append(("row", _("This is not a JobPosting.")))
        return row
    values: dict[str, Any] = {
        "title": _text(posting.get("title") or posting.get("name")),
        "description": _description(posting),
        "identifier": _text(posting.get("identifier")) or _text(posting.get("url")) or _own_id(posting),
        "posted_on": _text(posting.get("datePosted")),
        "valid_through": _text(posting.get("validThrough")),
        "positions": _plain(posting.get("totalJobOpenings")),
        "skills": [text for part in _list(posting.get("skills")) if (text := _text(part))],
        "occupation": re.sub(r"^[\d.\-]+\s*", "", _text(posting.get("occupationalCategory"))),
        **_organisation(_node(posting.get("hiringOrganization"), by_id)),
        **_place(posting, by_id, row),
        **_salary(posting),
        **_work(posting, row),
    }
    row.values = {key: value for key, value in values.items() if value not in ("", None, [])}
    return row


def _description(posting: Node) -> str:
    parts = ("description", "responsibilities", "qualifications", "jobBenefits")
    return "\n\n".join(text for part in parts if (text := html_to_text(_text(posting.get(part)))))


def _organisation(node: Any) -> Node:
    if not isinstance(node, dict):
        return {"employer": _text(node)}
    identifiers = [_text(node.get(key)) for key in ("taxID", "vatID", "identifier")]
    numbers = map(normal_tax_number, identifiers)
    tax_number = next((number for number in numbers if re.fullmatch(r"[0-9]{9}", number)), identifiers[0])
    return {"employer": _text(node.get("name") or node.get("legalName")), "tax_number": tax_number}


def _place(posting: Node, by_id: dict[str, Node], row: SourceRow) -> Node:
    found: dict[tuple[str, str], None] = {}
    for part in _list(posting.get("jobLocation")):
        place = _node(part, by_id)
        address = _node(place.get("address"), by_id) if isinstance(place, dict) else place
        if isinstance(address, dict):
            town, country = _text(address.get("addressLocality")), _text(address.get("addressCountry"))
        else:
            town, country = _text(address), ""
        if town:
            found[town, country] = None
    if len(found) > 1:
        # Each place matters to somebody's safety, and an opening has one.
        row.errors.append(("municipality", _("There are several places. Write one opening for each.")))
    town, country = next(iter(found), ("", ""))
    return {"municipality": town, "country": country}


def _salary(posting: Node) -> Node:
    salary = posting.get("baseSalary")
    salary = next(iter(_list(salary)), None)
    if not isinstance(salary, dict):
        return {"pay_from": _plain(salary), "currency": _text(posting.get("salaryCurrency"))}
    amount = salary.get("value", salary)
    amount = next(iter(_list(amount)), None)
    if not isinstance(amount, dict):
        amount = {"value": amount}
    exact = amount.get("value")
    return {
        "pay_from": _plain(amount.get("minValue", salary.get("minValue", exact))),
        "pay_to": _plain(amount.get("maxValue", salary.get("maxValue", exact))),
        "pay_period": _text(amount.get("unitText") or salary.get("unitText")),
        "currency": _text(salary.get("currency") or amount.get("currency") or posting.get("salaryCurrency")),
    }


def _work(posting: Node, row: SourceRow) -> Node:
    words = ",".join(_text(part) for part in _list(posting.get("employmentType")))
    kinds = [re.sub(r"[\s\-]+", "_", word.strip()).upper() for word in words.split(",") if word.strip()]
    if "VOLUNTEER" in kinds:
        row.errors.append(("contract", _("Unpaid work is not taken.")))
    # schema.org lets work hours be any words; only a weekly number of them is read.
    stated = _WEEKLY_HOURS.fullmatch(" ".join(_text(posting.get("workHours")).split()))
    hours: Any = stated[1] if stated else (_FULL_TIME_HOURS if "FULL_TIME" in kinds else None)
    contract = next((_CONTRACTS[kind] for kind in kinds if kind in _CONTRACTS), "")
    return {"contract": contract, "hours_per_week": hours}


def _own_id(posting: Node) -> str:
    own = _text(posting.get("@id"))
    return "" if own.startswith("_:") else own


def _node(value: Any, by_id: dict[str, Node]) -> Any:
    """The first value, and in its place the node it refers to."""
    value = next(iter(_list(value)), None)
    if isinstance(value, dict) and set(value) == {"@id"}:
        return by_id.get(str(value["@id"]), value)
    return value


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> Any:
    """A number as it is, anything else as text, to be read like the cell of a table."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else _text(value)


def _text(value: Any) -> str:
    """The words of a value: text, number, `@value`, the `value` of a PropertyValue, the `name` of a thing."""
    for _depth in range(5):
        if isinstance(value, list):
            value = next(iter(value), None)
        if not isinstance(value, dict):
            break
        value = next((value[key] for key in ("@value", "value", "name", "codeValue", "@id") if value.get(key)), None)
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return clean_text(str(value))
