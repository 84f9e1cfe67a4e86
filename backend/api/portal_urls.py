"""The employers' own door: the nouns that they are served, with a document of its own that knows of no other."""

from django.urls import path, re_path

from .base import Role, at_portal
from .schema import portal_docs_view, portal_schema_view
from .urls import NOUNS, UnknownPathView, router_of

app_name = "portal_api"
router = router_of({noun: at_portal(viewset) for noun, viewset in NOUNS.items() if Role.EMPLOYER in viewset.served})
urlpatterns = [
    *router.urls,
    path("schema/", portal_schema_view, name="schema"),
    path("docs/", portal_docs_view, name="docs"),
    re_path(r"", UnknownPathView.as_view(), name="unknown"),
]
