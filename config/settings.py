"""Every setting, read from the environment once. The defaults run a bare clone on loopback.

A host that others can reach needs its own keys and its own database, or this module refuses.
Rates, fees, limits and clocks are not here: they are dated rows in the admin.
"""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.keys import read_or_make
from config.postgres import APP, OWNER, Cluster
from config.unfold import UNFOLD  # noqa: F401  # the theme's own settings

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str) -> bool:
    return env(name).lower() in {"1", "on", "true", "yes"}


# -- who may reach us ------------------------------------------------------------------------

DEBUG = flag("DEBUG")
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = [host for host in env("ALLOWED_HOSTS").split(",") if host] or LOOPBACK
PUBLIC = any(host not in LOOPBACK for host in ALLOWED_HOSTS)

if PUBLIC:
    missing = [
        name for name in ("SECRET_KEY", "PIN_KEY", "PAN_KEY", "DATABASE_URL") if not env(name)
    ]
    if missing:
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS lets others in, so {', '.join(missing)} must be set."
        )
    if DEBUG:
        raise ImproperlyConfigured("DEBUG shows customers' data; it is for loopback alone.")

KEYS = VAR / "keys"
SECRET_KEY = read_or_make("SECRET_KEY", KEYS)
PIN_KEY = read_or_make("PIN_KEY", KEYS)  # keyed MAC of PINs (banking/pins.py)
PAN_KEY = read_or_make("PAN_KEY", KEYS)  # look-up HMAC and AES-GCM of card and ID numbers

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PUBLIC
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PUBLIC
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLIC else None
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|switch/directory/)$"]
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS if PUBLIC]
SESSION_COOKIE_AGE = 12 * 3600  # a shift
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The admin theme's Alpine.js evaluates its attributes and sets inline styles.
        "script-src": [SELF, "'unsafe-eval'", "'unsafe-inline'"],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "media-src": [SELF],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
    }
}

# -- apps --------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    # Its pages are read with config/urls.py: who drives a switch has no need of them.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_q",
    "axes",
    "csp",
    "pgtrigger",
    "pghistory",
    "people",
    "calendars",
    "live",
    "banking",
    "routing",
    "telephony",
    "complaints",
    "kb",
    "quality",
    "reporting",
    "desktop",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.middleware.password_change_first",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# -- database ----------------------------------------------------------------------------------

DATABASE_ROLE = OWNER if env("DATABASE_ROLE") == "owner" else APP
CLUSTER = None if env("DATABASE_URL") else Cluster.of(BASE_DIR)


def database(url: str) -> dict[str, object]:
    return {
        **dj_database_url.parse(url, conn_max_age=None),
        "ATOMIC_REQUESTS": False,  # a money service is a transaction of its own
        "CONN_HEALTH_CHECKS": True,
    }


if CLUSTER is not None:
    DATABASE_URL = DATABASE_DIRECT_URL = CLUSTER.url(DATABASE_ROLE)
else:
    DATABASE_URL = env("DATABASE_URL")
    if DATABASE_ROLE == OWNER:
        DATABASE_URL = env("DATABASE_OWNER_URL", DATABASE_URL)
    # Behind a pooler, locks and LISTEN need a session of their own.
    DATABASE_DIRECT_URL = env("DATABASE_DIRECT_URL", DATABASE_URL)
DATABASES = {"default": database(DATABASE_URL)}

# -- live pushes and tasks ---------------------------------------------------------------------

REDIS_URL = env("REDIS_URL")
CHANNEL_LAYERS: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "live.layer.PostgresChannelLayer"}
}
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        }
    }
Q_CLUSTER: dict[str, object] = {
    "name": "bankline",
    "workers": 2,
    "timeout": 300,
    "retry": 360,
    "catch_up": False,
    "label": _("Tasks"),
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default", "poll": 1}),
}

# -- the switch --------------------------------------------------------------------------------

SWITCH = env("SWITCH", "auto")  # auto | freeswitch | simulated
if SWITCH not in {"auto", "freeswitch", "simulated"}:
    raise ImproperlyConfigured(f"SWITCH is auto, freeswitch or simulated, not {SWITCH!r}.")
SWITCH_NODE = env("SWITCH_NODE", "node1")
FREESWITCH_URL = env("FREESWITCH_URL")  # esl://:password@127.0.0.1:8021
SIP_REALM = "bankline"  # the hash of every agent's SIP secret holds it
DIRECTORY_KEY = read_or_make("DIRECTORY_KEY", KEYS)  # shown by FreeSWITCH when it asks who is who
SOFTPHONE_URL = env("SOFTPHONE_URL")  # where agents' browsers register with FreeSWITCH: wss://…
PHONE_URL = env("PHONE_URL")  # the simulated switch's second socket: phone://:password@host:port
CLOCK_RATE = float(env("CLOCK_RATE", "1"))
PROMPTS = Path(env("PROMPTS", str(BASE_DIR / "static" / "prompts")))
SWITCH_PROMPTS = env("SWITCH_PROMPTS", str(PROMPTS))  # the same folder as the switch sees it
# What the bank's own studio recorded (telephony/laying.py), here and as the switch sees it.
OWN_PROMPTS = Path(env("OWN_PROMPTS", str(VAR / "prompts")))
SWITCH_OWN_PROMPTS = env("SWITCH_OWN_PROMPTS", str(OWN_PROMPTS))
AGENT_DIAL = env("AGENT_DIAL", "user/{number}")  # how the switch calls an agent's phone
VOICE = env("VOICE", "telephony.prompts.speaker.Speaker")  # who reads prompts aloud
VOICE_MODEL_DIR = env("VOICE_MODEL_DIR")  # the voices that it speaks with
RECORDINGS = VAR / "recordings"
CLEARING = Path(env("CLEARING", str(VAR / "clearing")))  # files out to it, and in from it
EXCHANGE = VAR / "exchange"  # files to and from others: billers

# -- people ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "people.lockout.refuse"

# -- language and time -------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_AGE = 365 * 86_400  # what was chosen stays
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = ["config.formats"]

# -- files -------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # a bare clone serves without collectstatic
# Of one file that goes with an article (kb/attachments.py).
ATTACHMENT_BYTES = round(float(env("ATTACHMENT_MB", "10")) * 1024**2)

# -- REST --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.DjangoModelPermissions"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    # Where others come in there is a proxy of ours before us; what it says last is who asks.
    "NUM_PROXIES": 1 if PUBLIC else 0,
}
SPECTACULAR_SETTINGS = {"SERVE_INCLUDE_SCHEMA": False}
HELP_RATE = env("HELP_RATE", "120/min")  # of an address, on the help pages and their REST
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},  # addresses that are counted
    }
}

# -- logs --------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS = ["axes.W001"]
