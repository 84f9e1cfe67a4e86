"""The counsellor's desk."""

from django.urls import path

from .views import break_glass, desk, introductions, matches, outcomes, person, profile, prospects, record

HER = "<uuid:pk>"

urlpatterns = [
    path("", desk.caseload, name="caseload"),
    path("today/", desk.today, name="today"),
    path("new/", desk.register, name="register_person"),
    path("opened/", break_glass.break_glass, name="break_glass"),
    path("find/", desk.find, name="find_people"),
    path("chances/", prospects.chances, name="chances"),
    # her file
    path(f"{HER}/", person.overview, name="person"),
    path(f"{HER}/edit/", person.edit, name="person_edit"),
    path(f"{HER}/hand-over/", person.hand_over, name="hand_over"),
    path(f"{HER}/erase/", person.erase, name="erase_person"),
    path(f"{HER}/record/", record.record, name="person_record"),
    path(f"{HER}/identity/", person.identity, name="person_identity"),
    path(f"{HER}/plan/", person.plan, name="person_plan"),
    path(f"{HER}/goals/", person.set_goal, name="set_goal"),
    path(f"{HER}/goals/<uuid:line>/achieve/", person.achieve_goal, name="achieve_goal"),
    path(f"{HER}/rules/", person.add_rule, name="add_rule"),
    path(f"{HER}/rules/<uuid:line>/lift/", person.lift_rule, name="lift_rule"),
    path(f"{HER}/consents/", person.consents, name="person_consents"),
    path(f"{HER}/consents/text/<slug:purpose>/<slug:language>/", person.consent_text, name="consent_text"),
    path(f"{HER}/consents/give/", person.give_consent, name="give_consent"),
    path(f"{HER}/consents/<uuid:line>/withdraw/", person.withdraw_consent, name="withdraw_consent"),
    # her profile
    path(f"{HER}/profile/", profile.profile, name="person_profile"),
    path(f"{HER}/skills/", profile.note_skill, name="note_skill"),
    path(f"{HER}/skills/<uuid:line>/remove/", profile.remove_skill, name="remove_skill"),
    path(f"{HER}/languages/", profile.note_language, name="note_language"),
    path(f"{HER}/languages/<uuid:line>/remove/", profile.remove_language, name="remove_language"),
    path(f"{HER}/experience/", profile.note_experience, name="note_experience"),
    path(f"{HER}/experience/<uuid:line>/remove/", profile.remove_experience, name="remove_experience"),
    path(f"{HER}/wishes/", profile.save_wishes, name="save_wishes"),
    # matches and introductions
    path(f"{HER}/matches/", matches.matches, name="matches"),
    path(f"{HER}/matches/hidden/", matches.hidden, name="hidden_openings"),
    path(f"{HER}/matches/compare/", prospects.compare, name="compare_matches"),
    path(f"{HER}/matches/what-if/", prospects.what_if, name="what_if"),
    path("matches/<uuid:match_pk>/decide/", matches.decide, name="decide"),
    path("matches/<uuid:match_pk>/introduce/", matches.propose, name="propose_introduction"),
    path("introductions/<uuid:pk>/", introductions.introduction, name="introduction"),
    path("introductions/<uuid:pk>/place/", introductions.place, name="place"),
    path("introductions/<uuid:pk>/<slug:name>/", introductions.take_step, name="introduction_step"),
    # work and what follows
    path(f"{HER}/work/", outcomes.work, name="person_work"),
    path(f"{HER}/work/new/", outcomes.start_spell, name="start_spell"),
    path(f"{HER}/work/<uuid:line>/end/", outcomes.end_spell, name="end_spell"),
    path(f"{HER}/work/<uuid:line>/keep-in-touch/", outcomes.keep_in_touch, name="keep_in_touch"),
    path(f"{HER}/assessments/new/", outcomes.assessment, name="assessment"),
    path(f"{HER}/flags/", outcomes.raise_flag, name="raise_flag"),
    path(f"{HER}/flags/<uuid:line>/resolve/", outcomes.resolve_flag, name="resolve_flag"),
    path("follow-ups/<uuid:pk>/", outcomes.follow_up, name="follow_up"),
    path("follow-ups/<uuid:pk>/draft/", outcomes.keep_draft, name="keep_draft"),
    path("follow-ups/<uuid:pk>/attempts/", outcomes.log_attempt, name="log_attempt"),
]
