from django.urls import path

from . import members, tokens

urlpatterns = [
    path("", members.members, name="members"),
    path("<uuid:pk>/end/", members.end, name="end_membership"),
    path("<uuid:pk>/invite-again/", members.invite_again, name="invite_again"),
    path("<uuid:pk>/reset-factor/", members.reset_factor, name="reset_factor"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<uuid:reference>/revoke/", tokens.revoke, name="revoke_token"),
]
