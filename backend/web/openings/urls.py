from django.urls import path

from . import views

urlpatterns = [
    path("", views.openings, name="openings"),
    path("new/", views.new_opening, name="new_opening"),
    path("queue/", views.queue, name="opening_queue"),
    path("import/", views.import_file, name="import_openings"),
    path("<uuid:pk>/", views.opening, name="opening"),
    path("<uuid:pk>/history/", views.history, name="opening_history"),
    path("<uuid:pk>/edit/", views.edit_opening, name="edit_opening"),
    path("<uuid:pk>/review/", views.review, name="review_opening"),
    path("<uuid:pk>/<slug:act>/", views.move_opening, name="move_opening"),
]
