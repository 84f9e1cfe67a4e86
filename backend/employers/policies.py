"""Who may see and do what with employers and openings.

Programme staff see their programme's employers; an employer's user sees the own employer and nothing else.
"""

from django.db.models import Q, QuerySet

from backend.accounts.models import User

from .models import (
    Ban,
    BanQuerySet,
    Check,
    Contact,
    ContactQuerySet,
    Employer,
    EmployerQuerySet,
    Opening,
    OpeningQuerySet,
    OpeningReview,
    OpeningRevision,
    Requirement,
    Vetting,
)


def visible_employers(actor: User) -> EmployerQuerySet:
    """The programme's employers for its staff, the own one for an employer's user."""
    if actor.is_programme_staff:
        return Employer.objects.filter(programme=actor.organisation)
    if actor.is_employer:
        return Employer.objects.filter(organisation=actor.organisation)
    return Employer.objects.none()


def visible_contacts(actor: User) -> ContactQuerySet:
    """The people to talk to at visible employers; those who have left are the programme's record only."""
    contacts = Contact.objects.filter(_of_visible(actor, "employer__"))
    return contacts.filter(ended_on__isnull=True) if actor.is_employer else contacts


def visible_vettings(actor: User) -> QuerySet[Vetting]:
    """The decisions about an employer are the programme's own; no employer reads them."""
    if not actor.is_programme_staff:
        return Vetting.objects.none()
    return Vetting.objects.filter(employer__programme=actor.organisation)


def visible_checks(actor: User) -> QuerySet[Check]:
    """What was checked about an employer is the programme's own; no employer reads it."""
    if not actor.is_programme_staff:
        return Check.objects.none()
    return Check.objects.filter(employer__programme=actor.organisation)


def visible_bans(actor: User) -> BanQuerySet:
    """The programme's bans, for its staff."""
    return Ban.objects.filter(programme=actor.organisation) if actor.is_programme_staff else Ban.objects.none()


def visible_revisions(actor: User) -> QuerySet[OpeningRevision]:
    """What openings of the programme said earlier, for its staff."""
    if not actor.is_programme_staff:
        return OpeningRevision.objects.none()
    return OpeningRevision.objects.filter(opening__employer__programme=actor.organisation)


def visible_openings(actor: User) -> OpeningQuerySet:
    """Openings of visible employers, in every state."""
    return Opening.objects.filter(_of_visible(actor, "employer__"))


def visible_requirements(actor: User) -> QuerySet[Requirement]:
    """What visible openings ask for."""
    return Requirement.objects.filter(_of_visible(actor, "opening__employer__"))


def visible_reviews(actor: User) -> QuerySet[OpeningReview]:
    """The decisions about visible openings; an employer reads the reason, its page leaves out the signs found."""
    return OpeningReview.objects.filter(_of_visible(actor, "opening__employer__"))


def can_register_employer(actor: User) -> bool:
    """Counsellors and leads bring employers and their contacts in."""
    return actor.is_programme_staff


def can_edit_employer(actor: User, employer: Employer) -> bool:
    """Staff of the programme that works with the employer."""
    return actor.is_programme_staff and employer.programme == actor.organisation


def can_check_employer(actor: User, employer: Employer) -> bool:
    """Whoever works for the programme goes through the checklist and proposes; two people clear an employer."""
    return can_edit_employer(actor, employer)


def can_speak_for_employer(actor: User, employer: Employer) -> bool:
    """A user of the employer itself."""
    return actor.is_employer and employer.organisation is not None and employer.organisation == actor.organisation


def can_lift_ban(actor: User, ban: Ban) -> bool:
    """The lead of the programme; the service asks for another one than who banned."""
    return actor.is_lead and ban.programme == actor.organisation


def can_vet_employer(actor: User, employer: Employer) -> bool:
    """The lead of the programme."""
    return actor.is_lead and employer.programme == actor.organisation


def can_draft_opening(actor: User, employer: Employer) -> bool:
    """The employer itself, or a counsellor on its behalf."""
    if actor.is_employer:
        return can_speak_for_employer(actor, employer)
    return actor.is_counsellor and employer.programme == actor.organisation


def can_edit_opening(actor: User, opening: Opening) -> bool:
    """Whoever may draft for its employer."""
    return can_draft_opening(actor, opening.employer)


def can_vet_opening(actor: User, opening: Opening) -> bool:
    """The lead of the programme."""
    return can_vet_employer(actor, opening.employer)


def can_close_opening(actor: User, opening: Opening) -> bool:
    """Whoever may edit or vet it may also pause, renew and close it."""
    return can_edit_opening(actor, opening) or can_vet_opening(actor, opening)


def can_import_openings(actor: User) -> bool:
    """Staff for any employer of the programme, an employer's user for the own one."""
    return actor.is_programme_staff or visible_employers(actor).exists()


def _of_visible(actor: User, employer: str) -> Q:
    """The condition "belongs to a visible employer", reached over the prefix `employer`."""
    if actor.is_programme_staff:
        return Q(**{f"{employer}programme": actor.organisation})
    if actor.is_employer:
        return Q(**{f"{employer}organisation": actor.organisation})
    return Q(pk__in=[])
