"""What all nouns share: who is served, what is seen, and how an act is called."""

import datetime as dt
import io
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import IO, Any, ClassVar, TypeVar, cast

from django.conf import settings
from django.db import models
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from backend.accounts.models import Membership, User
from backend.core.tenancy import in_programme
from backend.employers.queries import programme_for
from backend.vault.fields import open_keys_of

from .errors import TooLarge

Role = Membership.Role
LEAD = frozenset({Role.LEAD})
STAFF = frozenset({Role.COUNSELLOR, Role.LEAD})
OFFICE = STAFF | {Role.ADMINISTRATOR}
PORTAL = STAFF | {Role.EMPLOYER}
EVERYONE = OFFICE | PORTAL

Handler = TypeVar("Handler", bound=Callable[..., Response])
Form = type[BaseSerializer[Any]]


class IsServed(BasePermission):
    """Answers 404 where the noun, or the act, does not exist for the actor's role, or not at this door."""

    def has_permission(self, request: Request, view: Any) -> bool:
        handler = getattr(view, view.action or "", None)
        role = request.user.role  # type: ignore[union-attr]
        is_at_its_door = (role == Role.EMPLOYER) == view.at_portal
        if not is_at_its_door or role not in (getattr(handler, "served", None) or view.served):
            raise Http404
        return True


class BoundedJSONParser(JSONParser):
    """JSON of a bounded size and depth, whose text is text."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, context: Mapping[str, Any] | None = None) -> Any:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        try:
            values = super().parse(io.BytesIO(body), media_type, context)
            if b"\\u" in body:  # half a surrogate pair is no text: it can be neither stored nor answered
                json.dumps(values, ensure_ascii=False).encode()
        except (RecursionError, UnicodeEncodeError) as error:
            raise ParseError from error
        return values


def takes(
    form: Form | None, *, served: frozenset[Role] | None = None, answers: Any = None
) -> Callable[[Handler], Handler]:
    """Say which shape a handler takes, for `perform` and for the OpenAPI document, and to whom it is served.

    `answers` describes the answer where it is not the noun itself.
    """

    def decorate(handler: Handler) -> Handler:
        handler.form, handler.served, handler.answers = form, served, answers  # type: ignore[attr-defined]
        described = {"responses": answers} if answers is not None else {}
        return extend_schema(request=form, **described)(handler)

    return decorate


def act(
    form: Form | None = None,
    *,
    served: frozenset[Role] | None = None,
    answers: Any = None,
    url_path: str | None = None,
    **options: Any,
) -> Callable[[Handler], Handler]:
    """An act on one row: `POST /<nouns>/{id}/<act>/`."""

    def decorate(handler: Handler) -> Handler:
        path = url_path or handler.__name__.replace("_", "-")
        given: dict[str, Any] = {"detail": True, "methods": ["post"], "url_path": path} | options
        return cast("Handler", takes(form, served=served, answers=answers)(action(**given)(handler)))

    return decorate


class NounViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Any]):
    # A noun's list and detail, as far as the actor sees it; its acts call the services. (No docstring here or on the
    # bases in forms: the OpenAPI document would repeat it for every noun.)

    visible: "ClassVar[staticmethod[[User], models.QuerySet[Any]]]"
    served: frozenset[Role] = STAFF
    at_portal: ClassVar[bool] = False
    related: tuple[str, ...] = ()
    prefetched: tuple[Any, ...] = ()

    parser_classes = [BoundedJSONParser]
    permission_classes = [IsAuthenticated, IsServed]
    metadata_class = None
    filterset_class: Any = None
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ("created_at",)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with ExitStack() as self.opened:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Only here is it known whom a token stands for.
        self.opened.enter_context(in_programme(programme_for(self.actor)))

    @property
    def actor(self) -> User:
        return cast("User", self.request.user)

    def get_queryset(self) -> models.QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            model = cast("Any", self.get_serializer_class()).Meta.model
            return cast("models.QuerySet[Any]", model._default_manager.none())
        rows = type(self).visible(self.actor)
        return rows.select_related(*self.related).prefetch_related(*self.prefetched)

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        open_keys_of(rows or [])
        return rows

    def read_form(self) -> dict[str, Any]:
        """The request's values in the shape the running handler takes; none where it takes nothing."""
        form: Form | None = getattr(self, self.action or "").form
        if form is None:
            return {}
        shape = form(
            data=self.request.data, partial=self.action == "partial_update", context=self.get_serializer_context()
        )
        shape.is_valid(raise_exception=True)
        return dict(shape.validated_data)

    def perform(self, service: Callable[..., models.Model | None], /, status: int = 200, **given: Any) -> Response:
        """Call the service as the actor and answer with the row as it now stands, or 204 once she sees it no more."""
        outcome = service(actor=self.actor, **given, **self.read_form())
        key = self.kwargs.get("pk") or (outcome and outcome.pk)
        row = self.get_queryset().filter(pk=key).first()
        if row is None:
            return Response(status=204)
        return Response(self.get_serializer(row).data, status=status)


def at_portal(viewset: type[NounViewSet]) -> type[NounViewSet]:
    """The noun as it is served at the employers' own door."""
    return type(f"Portal{viewset.__name__}", (viewset,), {"at_portal": True, "__module__": viewset.__module__})


def today() -> dt.date:
    return timezone.localdate()
