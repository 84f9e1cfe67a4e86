"""Consents: to support and statistics from the start, to each disclosure when it comes to one."""

import datetime as dt

from backend.accounts.models import Organisation
from backend.beneficiaries.models import Consent, TextLanguage
from backend.beneficiaries.services.consent_texts import current_text

from .draws import Draws, days
from .person import Person

TEXT_VERSION = "2026-11"


def make_consent(draws: Draws, person: Person, purpose: str, given_on: dt.date, **fields: object) -> Consent:
    """A consent as her counsellor notes it on that day."""
    return Consent(
        id=draws.uuid(),
        beneficiary=person.row,
        purpose=purpose,
        text_version=TEXT_VERSION,
        language=draws.weighted({"sr": 9, **{code: 0.5 for code in person.languages if code in TextLanguage.values}}),
        method=draws.weighted({"signed": 6, "spoken": 3, "message": 1}),
        given_on=given_on,
        recorded_by=person.row.counsellor,
        created_at=draws.instant(given_on),
        **fields,
    )


def standing_consents(draws: Draws, person: Person, on: dt.date) -> list[Consent]:
    """Consent to support, renewed every year; to anonymous statistics, from most and withdrawn by a few."""
    consents: list[Consent] = []
    given_on = person.row.entered_on
    while given_on <= on and person.is_reachable(given_on):
        consents.append(make_consent(draws, person, "support", given_on, expires_on=given_on + days(365)))
        given_on += days(365 - draws.randint(0, 20))
    if draws.chance(0.7):
        research = make_consent(draws, person, "research", person.row.entered_on)
        if draws.chance(0.05):
            research.withdrawn_at = draws.instant(draws.day(person.row.entered_on, on - days(1)))
        consents.append(research)
    return consents


def bind_texts(organisation: Organisation) -> None:
    """Tie each consent to the words that were read."""
    consents = Consent.objects.filter(beneficiary__organisation=organisation)
    for purpose, language in consents.order_by().values_list("purpose", "language").distinct():
        text = current_text(purpose=purpose, language=language)
        consents.filter(purpose=purpose, language=language).update(text=text, text_version=text.version)
