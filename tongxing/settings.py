"""Settings, all from the environment; without any the product runs on SQLite under ./var.

TONGXING_VAR       folder of database, attachments, anchors (default: ./var)
TONGXING_KEYS      file of the key ring (default: <var>/../var/keys/keyring.json; keep it elsewhere in production)
TONGXING_ANCHORS   file the trace's heads are appended to (default: beside the key ring)
TONGXING_DEBUG     1 shows error pages with details
TONGXING_HOSTS     comma-separated host names this site answers to
TONGXING_HTTPS     1 when served behind TLS: secure cookies, HSTS
TONGXING_DEMO      1 marks every page as an invented community
DATABASE_URL       postgresql://user:password@host:port/name, or sqlite:///path
"""

import os
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from tongxing.base.keys import key_ring

HOME = Path(__file__).resolve().parent
VAR = Path(os.environ.get("TONGXING_VAR", HOME.parent / "var")).resolve()
KEYS = Path(os.environ.get("TONGXING_KEYS", VAR / "keys" / "keyring.json")).resolve()
ANCHORS = Path(os.environ.get("TONGXING_ANCHORS", KEYS.parent / "anchors.log")).resolve()
ATTACHMENTS = VAR / "attachments"

DEBUG = os.environ.get("TONGXING_DEBUG") == "1"
DEMO = os.environ.get("TONGXING_DEMO") == "1"
HTTPS = os.environ.get("TONGXING_HTTPS") == "1"
ALLOWED_HOSTS = [h for h in os.environ.get("TONGXING_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ALLOWED_HOSTS if HTTPS and "*" not in h]

RING = key_ring(KEYS)  # made on first use, readable by its owner only
SECRET_KEY = RING.secret("session")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_tasks",
    "django_tasks_db",
    "tongxing.base",
    "tongxing.staff",
    "tongxing.children",
    "tongxing.rosters",
    "tongxing.care",
    "tongxing.plans",
    "tongxing.desk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tongxing.base.sending.PackingMiddleware",
    "csp.middleware.CSPMiddleware",
    "tongxing.base.sending.StyleFirstMiddleware",
    "tongxing.base.switches.SwitchMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tongxing.staff.access.StaffMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tongxing.children.merged_links.MergedLinksMiddleware",
]

ROOT_URLCONF = "tongxing.urls"
ASGI_APPLICATION = "tongxing.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HOME / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "tongxing.staff.access.page_context",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

SQLITE_OPTIONS = {
    # IMMEDIATE is what keeps writers from failing: a read transaction that turns into a write cannot wait.
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    # No mmap_size: with it, two processes damaged a file here (docs/decisions/0006).
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
    "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=2000;PRAGMA secure_delete=ON;",
}


def database(url: str) -> dict:
    """Django's settings for a database address; raises ValueError for any other scheme."""
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR / "tongxing.sqlite3", "OPTIONS": SQLITE_OPTIONS}
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path, "OPTIONS": SQLITE_OPTIONS}
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError(f"DATABASE_URL: {parts.scheme!r} is not sqlite or postgresql")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,  # threads are fixed (asgi.py), connections live as long
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {name: values[0] for name, values in parse_qs(parts.query).items()},
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "staff.Staff"
AUTHENTICATION_BACKENDS = ["tongxing.staff.access.StaffBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "staff:sign_in"
LOGIN_REDIRECT_URL = "desk:today"
CSRF_FAILURE_VIEW = "tongxing.staff.views.doors.csrf_failed"
SESSION_COOKIE_AGE = 8 * 3600  # a shared office PC: a working day, and idle sessions end sooner (staff.access)
SESSION_IDLE_SECONDS = int(os.environ.get("TONGXING_IDLE_SECONDS", 30 * 60))
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The one script that stands in a page itself; it is let through by what it says.
AFTER_STYLE = b64encode(sha256((HOME / "templates" / "parts" / "after_style.js").read_bytes()).digest()).decode()
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", f"'sha256-{AFTER_STYLE}'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("英文"))]
LOCALE_PATHS = [HOME / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [HOME / "static" / "dist"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # files go through base.attachments only
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = VAR / "tmp"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

RECONCILE_APART = True  # a reconciliation is a process of its own and gives its memory back

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django_tasks": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "tongxing": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}

for folder in (VAR, ATTACHMENTS, FILE_UPLOAD_TEMP_DIR):
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
