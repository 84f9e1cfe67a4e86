"""The product's settings, with what would only slow tests down taken out."""

import os
import tempfile

os.environ.setdefault("DEBUG", "1")

from backend.config.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
REST_FRAMEWORK = REST_FRAMEWORK | {"DEFAULT_THROTTLE_CLASSES": []}
ACCOUNT_RATE_LIMITS = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

ERASURE_LEDGER = f"{tempfile.gettempdir()}/korak-test-{os.getpid()}.ledger"  # never the one of the house

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the live server and the races need connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": f"{tempfile.gettempdir()}/korak-test-{os.getpid()}.sqlite3"}
    SQLITE_PRAGMAS = SQLITE_PRAGMAS | {"synchronous": 0}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
