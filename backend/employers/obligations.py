"""What an employer promises, and what it is asked, before anybody is introduced to it.

A changed text gets a new version, which every employer has to accept anew.
"""

from django.utils.translation import gettext_lazy as _

VERSION = "2026-11"

OBLIGATIONS = (
    _("Nobody pays for being hired: no deposit, fee, commission, training or equipment at the worker's cost."),
    _("Identity documents stay with the worker, always."),
    _("A written contract is signed and the worker is registered before the first day of work."),
    _("Wages are paid in full, every month, to the worker's own account, and are not below the legal minimum."),
    _("Hours, rest and leave are as the law says. Workers come and go freely outside working hours."),
    _("Openings tell the truth about tasks, place, pay, hours and lodging. What changes is changed there first."),
    _("What you learn about candidates serves this opening only, is told to nobody and deleted when you decline."),
    _("We may visit the workplace and speak with workers. You tell us when somebody leaves, and why."),
)

QUESTIONS = {
    "since": _("Since when does the company work, and with how many employees?"),
    "tasks": _("Whom do you look for, and who would be in charge of the new colleague?"),
    "contract": _("Which contract do you sign, and on which day of the month are wages paid?"),
    "lodging": _("Do you offer lodging? Where, with whom, and is anything taken from the wage for it?"),
    "references": _("Two companies or institutions that work with you, with a phone number each."),
}
