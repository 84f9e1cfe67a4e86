"""Where the OpenAPI documents are served: one per role, with only what that role is served."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request


class IsEmployer(BasePermission):
    """Answers 404 to everybody else."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_employer:  # type: ignore[union-attr]
            raise Http404
        return True


class IsStaff(BasePermission):
    """Answers 404 to employers, whose document is at their own door."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.user.is_employer:  # type: ignore[union-attr]
            raise Http404
        return True


class SchemaView(SpectacularAPIView):
    """The OpenAPI document of what the actor is served."""

    permission_classes = [IsAuthenticated, IsStaff]
    serve_public = False


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from this server alone, under the strict content security policy."""

    url_name = "api:schema"
    template_name = "api/swagger.html"
    permission_classes = [IsAuthenticated, IsStaff]


class PortalSchemaView(SchemaView):
    """The employers' document: by its title too it is a document of openings and candidates."""

    custom_settings = {"TITLE": "Recruitment portal API"}
    permission_classes = [IsAuthenticated, IsEmployer]


class PortalDocsView(DocsView):
    """Swagger UI over the employers' document."""

    url_name = "portal_api:schema"
    title = "Recruitment portal API"
    permission_classes = [IsAuthenticated, IsEmployer]


schema_view = SchemaView.as_view()
docs_view = login_required(DocsView.as_view())
portal_schema_view = PortalSchemaView.as_view()
portal_docs_view = login_required(PortalDocsView.as_view())
