"""What a form or a serializer lets somebody choose from is what she may see: every one of them is walked."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.urls import get_resolver
from rest_framework import serializers
from rest_framework.relations import ManyRelatedField, RelatedField

from backend.accounts.models import Membership, Organisation, User
from backend.accounts.policies import visible_memberships, visible_organisations, visible_users
from backend.api import urls as api_urls
from backend.api.forms import NounForm, NounSerializer, VisibleRelatedField
from backend.beneficiaries.models import Beneficiary
from backend.beneficiaries.policies import visible_beneficiaries
from backend.core.tenancy import OfProgramme
from backend.employers.models import Employer, Opening
from backend.employers.policies import visible_employers, visible_openings
from backend.matches.models import Match
from backend.matches.policies import visible_matches
from backend.trainings.models import Course, Enrolment
from backend.trainings.policies import visible_courses, visible_enrolments
from backend.web.people.forms import file
from tests.backend.api.world import World, build
from tests.backend.web.test_page_matrix import ROUTES, Clients, _still_clock, _url, clients, other_employer, world
from tests.conftest import Cast

__all__ = ["_still_clock", "clients", "other_employer", "world"]  # fixtures

Visible = Callable[[User], QuerySet[Any]]
VISIBLE: dict[type[Model], Visible] = {
    User: visible_users,
    Organisation: visible_organisations,
    Membership: visible_memberships,
    Beneficiary: visible_beneficiaries,
    Employer: visible_employers,
    Opening: visible_openings,
    Match: visible_matches,
    Course: visible_courses,
    Enrolment: visible_enrolments,
}


def is_bounded(model: type[Model]) -> bool:
    """Whether not everybody may see all of these rows."""
    return issubclass(model, OfProgramme) or model in VISIBLE


def _below(base: type) -> Iterator[Any]:
    for child in base.__subclasses__():
        yield child
        yield from _below(child)


def careless(form: type[forms.BaseForm]) -> list[str]:
    """The fields whose rows are chosen for everybody alike, when the form is defined."""
    chosen = [(name, field) for name, field in form.base_fields.items() if isinstance(field, forms.ModelChoiceField)]
    return [
        f"{form.__name__}.{name}"
        for name, field in chosen
        if is_bounded(field.queryset.model) and not field.queryset.query.is_empty()
    ]


def unchecked(serializer: type[serializers.Serializer[Any]]) -> list[str]:
    """The fields that take a row's key without looking whether the actor sees it."""
    written = [(name, field) for name, field in serializer().fields.items() if not field.read_only]
    return [
        f"{serializer.__name__}.{name}"
        for name, field in written
        if isinstance(field, RelatedField | ManyRelatedField) and not isinstance(field, VisibleRelatedField)
    ]


def test_no_form_offers_everybody_the_same_rows(db: None) -> None:
    assert get_resolver().url_patterns  # every page, with its forms, is imported
    found = {form for form in _below(forms.BaseForm) if form.__module__.startswith("backend.")}
    assert len(found) >= 40
    assert [name for form in found for name in careless(form)] == []


def test_no_serializer_takes_a_row_unseen(db: None) -> None:
    assert api_urls.NOUNS
    shapes = {one for one in _below(serializers.Serializer) if one.__module__.startswith("backend.api.")}
    found = shapes - {NounForm, NounSerializer}  # bases, of no model yet
    assert len(found) >= 50
    assert [name for one in found for name in unchecked(one)] == []


def test_what_they_would_offer_would_be_noticed(db: None) -> None:
    """The negative control for both."""

    class AnyPerson(forms.Form):
        person = forms.ModelChoiceField(Beneficiary.objects.all())

    class AnyKey(serializers.Serializer[Any]):
        person = serializers.PrimaryKeyRelatedField(queryset=Beneficiary.objects.all())
        slug = serializers.SlugRelatedField(slug_field="code", queryset=Beneficiary.objects.all())

    assert careless(AnyPerson) == ["AnyPerson.person"]
    assert unchecked(AnyKey) == ["AnyKey.person", "AnyKey.slug"]


def _forms(response: HttpResponse) -> Iterator[forms.BaseForm]:
    """The forms that a page was rendered with, those in lists and tuples too."""
    layers = [layer for context in response.context or () for layer in getattr(context, "dicts", [context])]
    waiting = [value for layer in layers for value in layer.values()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, forms.BaseForm):
            yield value
        elif isinstance(value, list | tuple | forms.BaseFormSet):
            waiting.extend(value)


def _offered(clients: Clients, actors: dict[str, User], world: World) -> tuple[set[type[Model]], list[str]]:
    """The models whose rows the pages offer, and each field that offers one which its reader may not see."""
    met, found = set(), []
    for name, route in ROUTES.items():
        for actor, user in actors.items():
            if route.get[actor] != 200:
                continue
            for form in _forms(clients[actor].get(_url(name, world))):
                for field_name, field in form.fields.items():
                    if not isinstance(field, forms.ModelChoiceField) or not is_bounded(field.queryset.model):
                        continue
                    model = field.queryset.model
                    met.add(model)
                    seen = VISIBLE[model](User.objects.get(pk=user.pk)).values_list("pk", flat=True)
                    if not set(field.queryset.values_list("pk", flat=True)) <= set(seen):
                        found.append(f"{name} {actor} {field_name}")
    return met, found


@pytest.fixture
def actors(cast: Cast, other_cast: Cast) -> dict[str, User]:
    build(other_cast, "2")
    return {"counsellor": cast.counsellor, "lead": cast.lead, "employer": cast.employer_user}


def test_pages_offer_only_what_their_reader_sees(clients: Clients, actors: dict[str, User], world: World) -> None:
    met, found = _offered(clients, actors, world)
    assert found == []
    assert met >= {User, Employer}


def test_a_page_that_offered_more_would_be_noticed(
    clients: Clients, actors: dict[str, User], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: colleagues are chosen among everybody."""
    monkeypatch.setattr(file, "visible_counsellors", lambda actor: User.objects.all())
    assert "person_edit counsellor to" in _offered(clients, actors, world)[1]
