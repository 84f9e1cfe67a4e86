"""Who may see and do what with employers and openings.

Programme staff see their programme's employers; an employer's user sees the own employer and nothing else.
"""

from django.db.models import Q, QuerySet

from backend.accounts.models import User

from .models import Contact, Employer, Opening, OpeningReview, Requirement, Vetting


def visible_employers(actor: User) -> QuerySet[Employer]:
    """The programme's employers for its staff, the own one for an employer's user."""
    if actor.is_programme_staff:
        return Employer.objects.filter(programme=actor.organisation)
    if actor.is_employer:
        return Employer.objects.filter(organisation=actor.organisation)
    return Employer.objects.none()


def visible_contacts(actor: User) -> QuerySet[Contact]:
    """The people to talk to at visible employers."""
    return Contact.objects.filter(_of_visible(actor, "employer__"))


def visible_vettings(actor: User) -> QuerySet[Vetting]:
    """The decisions about an employer are the programme's own; no employer reads them."""
    if not actor.is_programme_staff:
        return Vetting.objects.none()
    return Vetting.objects.filter(employer__programme=actor.organisation)


def visible_openings(actor: User) -> QuerySet[Opening]:
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


def can_vet_employer(actor: User, employer: Employer) -> bool:
    """The lead of the programme."""
    return actor.is_lead and employer.programme == actor.organisation


def can_draft_opening(actor: User, employer: Employer) -> bool:
    """The employer itself, or a counsellor on its behalf."""
    if actor.is_employer:
        return employer.organisation is not None and employer.organisation == actor.organisation
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
