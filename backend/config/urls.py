"""Where the doors are: pages, API, sign-in."""

from django.urls import include, path

urlpatterns = [
    path("portal/api/v1/", include("backend.api.portal_urls")),
    path("", include("backend.web.urls")),
    path("account/", include("backend.web.account.urls")),
    path("api/v1/", include("backend.api.urls")),
]
