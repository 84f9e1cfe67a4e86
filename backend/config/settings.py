"""All settings, read from the environment; every default is safe.

DEBUG is for developers. DEMO is a product with synthetic people on this machine: `make run` sets it.
"""

from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parents[2]
FIXTURES_DIR = BASE_DIR / "fixtures"
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
LOCAL = DEBUG or DEMO
# The demonstration is entered without a phone; real people's files never are.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=not LOCAL)
if not (SECOND_FACTOR_REQUIRED or LOCAL):
    raise ImproperlyConfigured("SECOND_FACTOR_REQUIRED=0 is for a demonstration: it needs DEMO=1 or DEBUG=1.")
DEBUG_KEY = "debug-only-and-never-in-production"  # public, as everybody can read it here
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("SECRET_KEY is not set. Korak does not start without one, unless DEBUG=1.")
    SECRET_KEY = DEBUG_KEY
# Organisation keys, one a line in a file or comma-separated: the first seals, older ones only open. They are never kept
# in the database or beside its backup (docs/keys-and-backups.md).
VAULT_KEYS_FILE = env.str("VAULT_KEYS_FILE", default="")
VAULT_KEYS = Path(VAULT_KEYS_FILE).read_text("ascii").split() if VAULT_KEYS_FILE else env.list("VAULT_KEYS", default=[])
if not VAULT_KEYS:
    if not DEBUG:
        raise ImproperlyConfigured("VAULT_KEYS is not set. Korak does not start without one, unless DEBUG=1.")
    VAULT_KEYS = [f"{DEBUG_KEY}-0123456_"]
if not DEBUG and any(key.startswith(DEBUG_KEY) for key in (SECRET_KEY, *VAULT_KEYS)):
    raise ImproperlyConfigured("SECRET_KEY or VAULT_KEYS is the public one of DEBUG=1.")
# Who was erased, so that no restored backup brings them back: kept where the database and its backups are not.
ERASURE_LEDGER = env.str("ERASURE_LEDGER", default=str(VAR_DIR / "erasure-ledger"))
# "localhost" is how the container asks itself for its health.
ALLOWED_HOSTS = ["localhost", *env.list("ALLOWED_HOSTS", default=["127.0.0.1", "[::1]"] if LOCAL else [])]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "phonenumber_field",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "backend.core",
    "backend.vault",
    "backend.audit",
    "backend.accounts",
    "backend.places",
    "backend.skills",
    "backend.employers",
    "backend.beneficiaries",
    "backend.trainings",
    "backend.matches",
    "backend.outcomes",
    "backend.reports",
    "backend.api",
    "backend.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backend.web.middleware.PrivateResponseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "backend.web.middleware.SignInMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "backend.web.middleware.ProgrammeMiddleware",
    "backend.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "backend.config.urls"
WSGI_APPLICATION = "backend.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "backend" / "web" / "templates"],  # before allauth's own pages
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backend.web.context.shell",
            ],
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
# Where "leave this page now" leads: a page anybody might have open.
QUICK_EXIT_URL = env.str("QUICK_EXIT_URL", default="https://sr.wikipedia.org/")

# -- data ---------------------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'korak.sqlite3'}")
}
# Writers queue instead of failing with "locked"; what was committed stays; deleted rows are overwritten on disk.
# backend.core.databases asks on every connection whether it is so.
SQLITE_PRAGMAS = {"busy_timeout": 20_000, "journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "".join(f"PRAGMA {name}={value};" for name, value in SQLITE_PRAGMAS.items()),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The login rate limits count here, so it must be shared by all processes.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# -- sign-in ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:home"
ACCOUNT_ADAPTER = "backend.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"reset_password": "backend.accounts.forms.ResetPasswordForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # what allauth's checks want; nobody signs up
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by an administrator, never by the visitor
ACCOUNT_EMAIL_NOTIFICATIONS = True  # she is told when her password or second factor changes
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_ADAPTER = "backend.accounts.adapter.SecondFactorAdapter"
MFA_TOTP_ISSUER = "Korak"
USERSESSIONS_ADAPTER = "backend.accounts.adapter.SessionsAdapter"
# How many proxies stand before us: rate limits count the visitor's address, not the proxy's.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXIES", default=0 if LOCAL else 1)
SESSION_ENGINE = "backend.accounts.session_store"
# An idle hour, and half a day in all, end a session (NIST SP 800-63B-4, AAL2).
SESSION_COOKIE_AGE = 60 * 60
SESSION_LONGEST = 12 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Messages never travel in a cookie: they may name a person.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# -- headers ------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
# Nothing reaches another site. Not "no-referrer": with it a browser hides the origin of our own forms from us too.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_COOKIE_HTTPONLY = False  # htmx sends it as a header
if not LOCAL:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

# -- languages ----------------------------------------------------------------------------------------------------

LANG_INFO["sr-cyrl"] = {"bidi": False, "code": "sr-cyrl", "name": "Serbian Cyrillic", "name_local": "српски (ћирилица)"}
LANGUAGE_CODE = "sr-latn"
LANGUAGES = [("sr-latn", _("Serbian")), ("sr-cyrl", _("Serbian (Cyrillic)")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "backend" / "locale"]
TIME_ZONE = "Europe/Belgrade"
FORMAT_MODULE_PATH = ["backend.config.formats"]
PHONENUMBER_DEFAULT_REGION = "RS"

# -- files --------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = LOCAL
IMPORT_MAX_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = IMPORT_MAX_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Whether a company may ask for the link to register itself, on an installation with one programme.
EMPLOYERS_MAY_REGISTER = env.bool("EMPLOYERS_MAY_REGISTER", default=LOCAL)

# -- mail and logs ------------------------------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="office@localhost")
EMAIL_SUBJECT_PREFIX = ""
ADMINS = [("", address) for address in env.list("ADMINS", default=[])]  # who is mailed when something breaks
# Where links in mails lead; a neutral name, for employers read it.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")

DEFAULT_EXCEPTION_REPORTER_FILTER = "backend.config.logs.MaskedReports"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"masked": {"()": "backend.config.logs.MaskedFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "masked"},
        "mail": {"class": "backend.config.logs.MaskedMailHandler", "formatter": "masked", "level": "ERROR"},
    },
    "root": {"handlers": ["console", "mail"], "level": "INFO"},
    # Django's own handlers would write around the mask.
    "loggers": {name: {"handlers": [], "propagate": True} for name in ("django", "django.server")},
}

# -- reports ------------------------------------------------------------------------------------------------------

VERSION = "0.1.0"  # as in pyproject.toml; printed on every report
# Counts of people below this are not shown (11: the level of the public CTDC files).
DISCLOSURE_THRESHOLD = env.int("DISCLOSURE_THRESHOLD", default=11)

# -- how long what is kept ----------------------------------------------------------------------------------------

# In days, for `manage.py purge` and the night. The Personal Data Protection Act (ZZPL, Official Gazette 87/2018,
# art. 5) asks that nothing personal is kept longer than its purpose needs, and names no number: these are ours, set on
# 29 November 2026, to be confirmed by the organisation's lawyer. Each can be set as RETENTION_DAYS_<NAME>. What goes
# when, and what stays: docs/protection.md.
RETENTION_DAYS = {
    name: env.int(f"RETENTION_DAYS_{name.upper()}", default=days)
    for name, days in {
        "answer_links": 30,  # after they ran out
        "invitations": 30,  # after they ran out unused
        "finished_jobs": 30,
        "follow_up_drafts": 90,  # after the last word
        "rankings": 90,  # of which no match is left
        "ended_introductions": 365,  # what was shared, asked and answered; that it was, stays
        "frozen_profiles": 730,  # after she was last introduced to anybody
        "consents": 1_825,  # after they ended: they show that what was done was allowed
        "out_of_contact": 1_825,  # of a person: her counsellor is asked whether to erase her
    }.items()
}

# -- API ----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backend.api.authentication.HeaderToken",
        "backend.api.authentication.ConfirmedSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "backend.api.pagination.CreatedCursorPagination",
    "DEFAULT_SCHEMA_CLASS": "backend.api.openapi.NounSchema",
    "EXCEPTION_HANDLER": "backend.api.errors.problem_handler",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min"},
}
DRF_STANDARDIZED_ERRORS = {"EXCEPTION_FORMATTER_CLASS": "backend.api.errors.ProblemFormatter"}
MIGRATION_MODULES = {"knox": None}  # its one table is ours: accounts.AccessToken
KNOX_TOKEN_MODEL = "accounts.AccessToken"  # noqa: S105
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Korak API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # it would read both doors as one document; tests/backend/api checks each
    "SCHEMA_PATH_PREFIX": r"/(?:portal/)?api/v1",  # what operations and tags are named without
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enum_id_removal"],
}
