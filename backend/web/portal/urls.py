from django.urls import path

from . import inbox, joining, views

urlpatterns = [
    path("", views.openings, name="portal_openings"),
    path("openings/new/", views.new_opening, name="portal_new_opening"),
    path("openings/paste/", views.paste, name="portal_paste"),
    path("openings/import/", views.import_file, name="portal_import"),
    path("openings/<uuid:pk>/", views.opening, name="portal_opening"),
    path("openings/<uuid:pk>/edit/", views.edit_opening, name="portal_edit_opening"),
    path("openings/<uuid:pk>/<slug:act>/", views.move_opening, name="portal_move_opening"),
    path("inbox/", inbox.inbox, name="portal_inbox"),
    path("inbox/<uuid:pk>/", inbox.candidate, name="portal_candidate"),
    path("inbox/<uuid:pk>/still-employed/", inbox.still_employed, name="portal_still_employed"),
    path("company/", views.company, name="portal_company"),
    path("answer/<str:token>/", inbox.answer, name="portal_answer"),
    path("company/obligations/", views.obligations, name="portal_obligations"),
    path("register/", joining.register, name="portal_register"),
    path("join/<str:token>/", joining.join, name="portal_join"),
]
