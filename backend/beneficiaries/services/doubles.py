"""Meeting a person twice: the phone that is written down is one that somebody is known by already."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from backend.accounts.models import User
from backend.audit.services import record
from backend.vault.fields import open_keys_of

from ..models import Beneficiary, Identity
from ..policies import can_edit_beneficiary


@dataclass(frozen=True, slots=True)
class Doubles:
    """Who else has her phone: codes on the actor's own caseload, and whether there is anybody else's."""

    own: tuple[str, ...] = ()
    elsewhere: bool = False

    def __bool__(self) -> bool:
        return bool(self.own) or self.elsewhere


@transaction.atomic
def look_for_doubles(*, actor: User, beneficiary: Beneficiary) -> Doubles:
    """Whether somebody of the programme is known by the phone that is written down for her.

    It is answered only of somebody who stands in the actor's caseload already, and every find is noted: to try a number
    costs a person taken in, with a name to it in the trail. Whose the other one is, how many there are and since when
    is not told.
    """
    if not can_edit_beneficiary(actor, beneficiary):
        raise PermissionDenied
    hers = Identity.objects.filter(beneficiary=beneficiary).exclude(phone_index="").first()
    if hers is None:
        return Doubles()
    of_programme = Identity.objects.filter(
        beneficiary__organisation=beneficiary.organisation_id, phone_index=hers.phone_index
    )
    alike = list(of_programme.exclude(pk=hers.pk).select_related("beneficiary"))
    open_keys_of(alike)
    same = [each.beneficiary for each in alike if each.phone == hers.phone]  # a digest alone may meet by chance
    own = tuple(sorted(each.code for each in same if each.counsellor_id == actor.pk))
    found = Doubles(own=own, elsewhere=len(same) > len(own))
    if found:
        record(actor=actor, act="meet_known_phone", obj=beneficiary, elsewhere=found.elsewhere)
    return found
