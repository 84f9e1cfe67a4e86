"""Trainings: for counsellors and leads."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.trainings, name="trainings"),
    path("new/", views.plan_course, name="plan_course"),
    path("skills/", views.skill_labels, name="skill_labels"),
    path("<uuid:pk>/", views.course, name="course"),
    path("<uuid:pk>/sessions/", views.plan_session, name="plan_session"),
    path("sessions/<uuid:pk>/", views.session, name="session"),
    path("sessions/<uuid:pk>/enrol/", views.enrol, name="enrol"),
    path("sessions/<uuid:pk>/attendance/", views.record_attendance, name="record_attendance"),
    path("enrolments/<uuid:pk>/complete/", views.complete, name="complete_enrolment"),
    path("enrolments/<uuid:pk>/drop/", views.drop, name="drop_enrolment"),
]
