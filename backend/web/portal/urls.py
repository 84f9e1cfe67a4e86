from django.urls import path

from . import views

urlpatterns = [
    path("", views.openings, name="portal_openings"),
    path("openings/new/", views.new_opening, name="portal_new_opening"),
    path("openings/paste/", views.paste, name="portal_paste"),
    path("openings/import/", views.import_file, name="portal_import"),
    path("openings/<uuid:pk>/", views.opening, name="portal_opening"),
    path("openings/<uuid:pk>/edit/", views.edit_opening, name="portal_edit_opening"),
    path("openings/<uuid:pk>/<slug:act>/", views.move_opening, name="portal_move_opening"),
    path("inbox/", views.inbox, name="portal_inbox"),
    path("inbox/<uuid:pk>/", views.candidate, name="portal_candidate"),
    path("company/", views.company, name="portal_company"),
]
