"""What of every noun each role reads, writes, filters by, orders by, searches and expands, as the code has it.

A line of field_table.txt is "noun | operation | roles | names", the names by data class. Names in a shape that belongs
to no model have none and come first. A name with a dot is one of a row that is expanded. An act that answers with what
"read" shows has no line for it.
"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from rest_framework.serializers import BaseSerializer, Serializer

from backend.api.base import NounViewSet, Role, at_portal
from backend.api.urls import NOUNS, router
from backend.core.data_classes import data_classes_of

TABLE = Path(__file__).with_name("field_table.txt")
ROLES: tuple[str, ...] = tuple(sorted(Role.values))
ASKED = ("filter", "order", "search")
"""Operations that a list takes by its query string."""


class Named(NamedTuple):
    """A name that a request or an answer uses, the field of a model that it stands for, and that field's class."""

    name: str
    path: str
    data_class: str


class Line(NamedTuple):
    """What one operation on a noun has to do with, for one role."""

    noun: str
    operation: str
    role: str
    names: tuple[Named, ...]


def actual() -> Iterator[Line]:
    """Every line, from the routes, serializers, forms and filters."""
    for noun, viewset in NOUNS.items():
        for operation, action, handler in _operations(viewset):
            form = getattr(handler, "form", None)
            for role in ROLES:
                if role not in (getattr(handler, "served", None) or viewset.served):
                    continue
                shown = _shown(viewset, action, role)
                if operation == "read" or shown != _shown(viewset, "retrieve", role):
                    yield Line(noun, operation, role, shown)
                if form:
                    yield Line(noun, f"{operation} takes", role, tuple(_names(form(), _model(viewset))))
        for role in sorted(viewset.served):
            view = _view(viewset, "list", role)
            for operation in ASKED:
                if names := _asked(view, operation, _model(viewset)):
                    yield Line(noun, operation, role, names)


def _operations(viewset: type[NounViewSet]) -> Iterator[tuple[str, str, Any]]:
    for route in router.get_routes(viewset):
        for method, action in router.get_method_map(viewset, route.mapping).items():
            last = route.url.split("{lookup}/")[-1].replace("{prefix}/", "").split("{")[0].strip("^/$")
            name = {"list": "list", "retrieve": "read"}.get(action) or f"{method} {last}".strip()
            yield name, action, getattr(viewset, action)


def _view(viewset: type[NounViewSet], action: str, role: str) -> Any:
    view: Any = at_portal(viewset)() if role == Role.EMPLOYER else viewset()
    view.action, view.kwargs, view.format_kwarg = action, {}, None
    view.request = SimpleNamespace(user=SimpleNamespace(role=role, is_employer=role == Role.EMPLOYER))
    return view


def _shown(viewset: type[NounViewSet], action: str, role: str) -> tuple[Named, ...]:
    answers = getattr(getattr(viewset, action), "answers", None)
    if isinstance(answers, dict):
        answers = next((answer for status, answer in answers.items() if status in (200, 201)), Serializer)
    answers = answers or _view(viewset, action, role).get_serializer_class()
    return tuple(_names(answers if isinstance(answers, BaseSerializer) else answers(), _model(viewset)))


def _model(viewset: type[NounViewSet]) -> type[Model]:
    return _view(viewset, "list", "").get_serializer_class().Meta.model  # type: ignore[no-any-return]


def _names(shape: Any, model: type[Model], before: str = "", path: str = "") -> Iterator[Named]:
    shape = getattr(shape, "child", shape)
    model = getattr(getattr(shape, "Meta", None), "model", model)
    for name, field in shape.fields.items():
        source = name if field.source == "*" else field.source
        inner = getattr(field, "child", field)
        if isinstance(inner, BaseSerializer):
            yield from _names(inner, model, f"{before}{name}.", f"{path}{source}__")
        else:
            yield Named(f"{before}{name}", path + source.replace(".", "__"), class_of(model, source.replace(".", "__")))


def _asked(view: Any, operation: str, model: type[Model]) -> tuple[Named, ...]:
    if operation == "filter":
        filters = getattr(view.filterset_class, "base_filters", {})
        found = [(name, each.field_name) for name, each in filters.items()]
    else:
        names = view.ordering_fields if operation == "order" else view.search_fields
        found = [(name, name) for name in names]
    return tuple(Named(name, path, class_of(model, path)) for name, path in found)


def class_of(model: type[Model], path: str) -> str:
    """The data class of the field at the end of a lookup; "" where there is none."""
    at: Any = model
    *hops, last = path.split("__")
    for hop in hops:
        try:
            at = at._meta.get_field(hop).related_model
        except FieldDoesNotExist:
            return ""
    try:
        name = at._meta.get_field(last.removesuffix("_id") if last != "id" else last).name
    except FieldDoesNotExist:
        name = last
    found = data_classes_of(at).get(name)
    return found.name if found else ""


def lines() -> list[str]:
    """The table: roles with the same names share a line."""
    together: dict[tuple[str, str, str], list[str]] = {}
    for line in actual():
        by_class: dict[str, list[str]] = {}
        for named in line.names:
            by_class.setdefault(named.data_class, []).append(named.name)
        said = " ".join(" ".join([each, *by_class[each]]).strip() for each in sorted(by_class)) or "-"
        together.setdefault((line.noun, line.operation, said), []).append(line.role)
    return [f"{noun} | {what} | {' '.join(roles)} | {said}" for (noun, what, said), roles in together.items()]


def declared(noun: str, operation: str, role: str) -> frozenset[str]:
    """The names that the table declares."""
    for line in TABLE.read_text().splitlines():
        of, what, roles, said = line.split(" | ")
        if (of, what) == (noun, operation) and role in roles.split():
            return frozenset(said.split())
    return frozenset()
