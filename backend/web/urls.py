"""The pages, by desk: each folder beside this file serves one."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from . import views
from .account.views import leave

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("leave/", leave, name="leave"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("people/", include("backend.web.people.urls")),
    path("trainings/", include("backend.web.trainings.urls")),
    path("openings/", include("backend.web.openings.urls")),
    path("portal/", include("backend.web.portal.urls")),
    path("administration/", include("backend.web.administration.urls")),
    path("programme/", include("backend.web.programme.urls")),
]
