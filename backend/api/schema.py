"""Where the OpenAPI document is served: one per role, with only what that role is served."""

from django.contrib.auth.decorators import login_required
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated


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
