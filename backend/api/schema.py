"""How the OpenAPI document is made: one document per role, with only what that role is served."""

from typing import Any

from django.contrib.auth.decorators import login_required
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated

from .errors import MEDIA_TYPE, ProblemSerializer


class NounSchema(AutoSchema):
    """Says of every operation that its refusals are problem documents."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses = super()._get_response_bodies(direction)
        if direction == "response":
            problem = self.resolve_serializer(ProblemSerializer(), direction)
            responses["default"] = {"description": "Refused", "content": {MEDIA_TYPE: {"schema": problem.ref}}}
        return responses


class SchemaView(SpectacularAPIView):
    """The OpenAPI document of what the actor is served."""

    permission_classes = [IsAuthenticated]
    serve_public = False


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from this server alone, under the strict content security policy."""

    url_name = "api:schema"
    template_name = "api/swagger.html"
    permission_classes = [IsAuthenticated]


schema_view = SchemaView.as_view()
docs_view = login_required(DocsView.as_view())
