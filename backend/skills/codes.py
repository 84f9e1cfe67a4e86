"""The vocabulary of work beside the taxonomy: code lists that openings and profiles share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Shift(models.TextChoices):
    MORNING = "morning", _("morning")
    AFTERNOON = "afternoon", _("afternoon")
    NIGHT = "night", _("night")
    WEEKEND = "weekend", _("weekend")
    SPLIT = "split", _("split shift")


class Contract(models.TextChoices):
    """Forms of work in Serbian law; the last three are outside employment (Labour Law, arts. 197-202)."""

    PERMANENT = "permanent", _("permanent")
    FIXED_TERM = "fixed_term", _("fixed term")
    AGENCY = "agency", _("through an agency")
    SELF_EMPLOYED = "self_employed", _("self-employment")
    SEASONAL = "seasonal", _("temporary and occasional work")
    SERVICE = "service", _("service contract")
    TRAINING = "training", _("professional training")


class PayPeriod(models.TextChoices):
    HOUR = "hour", _("hour")
    MONTH = "month", _("month")


class Currency(models.TextChoices):
    """ISO 4217 codes of the money openings here are paid in."""

    RSD = "RSD", _("Serbian dinar")
    EUR = "EUR", _("euro")
    BAM = "BAM", _("convertible mark")
    MKD = "MKD", _("Macedonian denar")
    ALL = "ALL", _("Albanian lek")
    CHF = "CHF", _("Swiss franc")
    GBP = "GBP", _("pound sterling")
    USD = "USD", _("US dollar")


class Importance(models.TextChoices):
    ESSENTIAL = "essential", _("needed")
    OPTIONAL = "optional", _("welcome")


class CEFR(models.TextChoices):
    """Common European Framework of Reference for Languages."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


class Language(models.TextChoices):
    SERBIAN = "sr", _("Serbian")
    ENGLISH = "en", _("English")
    ALBANIAN = "sq", _("Albanian")
    ROMANI = "rom", _("Romani")
    HUNGARIAN = "hu", _("Hungarian")
    MACEDONIAN = "mk", _("Macedonian")
    GERMAN = "de", _("German")
    ITALIAN = "it", _("Italian")
    RUSSIAN = "ru", _("Russian")


class Licence(models.TextChoices):
    DRIVING_B = "driving_b", _("driving licence B")
    DRIVING_C = "driving_c", _("driving licence C")
    FORKLIFT = "forklift", _("forklift licence")
    SANITARY = "sanitary", _("sanitary booklet")
    HACCP = "haccp", _("HACCP certificate")


class Sector(models.TextChoices):
    """Sections of NACE Rev. 2."""

    A = "A", _("agriculture, forestry and fishing")
    B = "B", _("mining")
    C = "C", _("manufacturing")
    D = "D", _("energy supply")
    E = "E", _("water supply and waste")
    F = "F", _("construction")
    G = "G", _("trade and vehicle repair")
    H = "H", _("transport and storage")
    I = "I", _("accommodation and food service")  # noqa: E741 - NACE's own letter
    J = "J", _("information and communication")
    K = "K", _("finance and insurance")
    L = "L", _("real estate")
    M = "M", _("professional and technical services")
    N = "N", _("administrative and support services")
    O = "O", _("public administration")  # noqa: E741 - NACE's own letter
    P = "P", _("education")
    Q = "Q", _("health and social work")
    R = "R", _("arts and recreation")
    S = "S", _("other services")
    T = "T", _("work in households")
    U = "U", _("international organisations")


class Condition(models.TextChoices):
    """Conditions of work that a person may rule out."""

    LIVE_IN = "live_in", _("living at the workplace")
    NIGHT = "night", _("night work")
    ISOLATED = "isolated", _("isolated workplace")
    CASH = "cash", _("pay in cash")
