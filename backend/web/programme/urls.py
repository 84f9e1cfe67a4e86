from django.urls import path

from . import caseloads, employers, figures, learning, opened_files, reports, trail

urlpatterns = [
    path("", figures.overview, name="overview"),
    path("retention/", figures.retention, name="retention"),
    path("independence/", figures.independence, name="independence"),
    path("figures/<slug:page>/", figures.figures, name="figures"),
    path("reports/", reports.reports, name="reports"),
    path("reports/freeze/", reports.freeze, name="freeze_quarter"),
    path("reports/grants/", reports.add_grant, name="add_grant"),
    path("reports/<uuid:pk>/<slug:form>/", reports.report_file, name="report_file"),
    path("learning/", learning.learning, name="learning"),
    path("trail/", trail.trail, name="trail"),
    path("opened/", opened_files.opened_files, name="opened_files"),
    path("opened/<uuid:pk>/review/", opened_files.review, name="review_opened_file"),
    path("caseloads/", caseloads.caseloads, name="caseloads"),
    path("caseloads/<uuid:pk>/share-out/", caseloads.share, name="share_out"),
    path("employers/", employers.employers, name="employers"),
    path("employers/new/", employers.register, name="register_employer"),
    path("employers/invite/", employers.invite_company, name="invite_employer"),
    path("employers/<uuid:pk>/", employers.employer, name="employer"),
    path("employers/<uuid:pk>/vet/", employers.vet, name="vet_employer"),
    path("employers/<uuid:pk>/check/", employers.check, name="check_employer"),
    path("employers/<uuid:pk>/propose/", employers.propose, name="propose_clearance"),
    path("employers/<uuid:pk>/correct/", employers.correct, name="correct_employer"),
    path("employers/<uuid:pk>/ban/", employers.ban, name="ban_employer"),
    path("bans/<uuid:pk>/lift/", employers.lift, name="lift_ban"),
    path("employers/<uuid:pk>/contacts/", employers.new_contact, name="add_contact"),
    path("contacts/<uuid:pk>/invite/", employers.invite, name="invite_contact"),
    path("contacts/<uuid:pk>/end/", employers.end, name="end_contact"),
]
