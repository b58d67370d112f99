"""What older values files hold and nobody reads here: accepted, and said so after the installation.

Anything else that nobody reads is refused as a typing mistake; so is what would change who gets in
(`DEACTIVATE_NON_SSO_LOGIN`, client certificates), which must not be dropped silently.
"""

import re

RAILS = "belongs to the previous program; nothing here reads it"
STORAGE = "attachments are not part of this system"
_LIVE_AGENT_KEYS = {
    "ACTIVE_STORAGE_SERVICE ACTIVE_STORAGE_LOCAL_PATH ASSET_CDN_HOST": STORAGE,
    "WEB_CONCURRENCY LOG_SIZE COGNIGY_INSIGHTS_API_KEY": RAILS,
    "INSTALLATION_ENV APP_VERSION SIDEKIQ_ALIVE_PORT USE_INBOX_AVATAR_FOR_BOT": RAILS,
    "GOOGLE_MAPS_API_TOKEN SENTRY_DSN VIRUS_SCAN_ENABLED": RAILS,
    "MAILER_INBOUND_EMAIL_DOMAIN": RAILS,
    "RACK_ATTACK_LIMIT": "failed logins are counted, not requests",
    "EVENT_GATEWAY_ACTIVE EVENT_GATEWAY_HTTP_ENDPOINT FRONTEND_EXTERNAL_URL": RAILS,
    "COGNIGY_INSIGHTS_API_BASE_URL_WITH_PROTOCOL COGNIGY_CONTACT_PROFILE_CACHE_TIME": RAILS,
    "COGNIGY_AI_API_BASE_URL_WITH_PROTOCOL": "COGNIGY_OAUTH_SITE says where the API is",
    "ENABLE_ACCOUNT_SIGNUP": "nobody can sign up by themselves",
    "FORCE_SSL": "addresses are https always; redirecting from http is the ingress's",
    "SMTP_DOMAIN": "the greeting is the host's own name",
    "POSTGRES_REPLICA_HOST": "everything is read from one database",
    "REDIS_TLS": "read as redis.tls",
    "REDIS_PORT": "redis.port says it",
    "REDIS_SENTINEL_PORT REDIS_SENTINEL_MASTER_NAME": (
        "Sentinel is not asked; redis.host names the service of the master"
    ),
}
_COGNIGY_AI_KEYS = {
    "FEATURE_USE_COGNIGY_LIVE_AGENT_DASHBOARD AGENT_BOT_NAME AGENT_BOT_DESCRIPTION": RAILS,
    "FEATURE_ENABLE_AUTHENTICATION_WITH_PKCE": "PKCE is always asked for",
    "REDIS_TLS": "read as redis.tls",
    "OAUTH_CLIENT_ID": "the pages are no OAuth client",
    "AUTO_LOGOUT_IDLE_TIME_IN_MIN FEATURE_ENABLE_AUTO_LOGOUT_ON_INACTIVITY": (
        "a login ends after SESSION_LIFETIME_SECONDS"
    ),
    "REFRESH_TOKEN_MAX_AMOUNT_PER_USER": "sessions are not counted",
    "APP_LIVE_AGENT_URL": "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL says it",
}
# Families of keys, secrets among them: none of them becomes part of an environment.
UNUSED_PATTERNS = {
    "live-agent": {
        "^(S3|AWS|GCS|AZURE_STORAGE|STORAGE)_": STORAGE,
        "^(RAILS|VAPID|MAILGUN|MANDRILL)_": RAILS,
    },
    "cognigy-ai": {"^LIVE_AGENT_": "belongs to the older Live Agent lite"},
}
UNUSED_VALUES = {
    "live-agent": {
        "worker": "there are no worker processes: each server sends mail and pushes itself",
        "odata": "there is no OData service",
        "useReadReplica": "everything is read from one database",
        "antivirusScan": STORAGE,
        "clamav": STORAGE,
        "storage": STORAGE,
        "persistence": STORAGE,
        "cognigyInsights": RAILS,
        "nameOverride": "fullnameOverride is read",
        "serviceAccount.create": "one is made always, without a token",
        "serviceAccount.name": "it has the name of the release",
        "hpa.worker": "there are no worker processes",
        "hpa.removeReplicas": "replicas are left out whenever hpa.enabled is set",
        "hpa.useHpaTolerations": "tolerations is read",
        "hpa.useHpaNodeSelector": "nodeSelector is read",
    },
    "cognigy-ai": {
        "cloud": "nothing depends on the provider",
        "nameOverride": "fullnameOverride is read",
    },
}
for _unused in UNUSED_VALUES.values():
    _unused["resources"] = "app.resources is read"
_DATABASE_CHART = (
    "nameOverride fullnameOverride image primary readReplicas architecture metrics persistence "
    "volumePermissions resources service"
)
_BUS_CHART = "nameOverride fullnameOverride image master replica architecture metrics sentinel"
for _unused in UNUSED_VALUES.values():
    _unused.update(
        {f"postgresql.{word}": "no PostgreSQL is installed" for word in _DATABASE_CHART.split()}
        | {f"redis.{word}": "no Valkey or Redis is installed" for word in _BUS_CHART.split()}
        | {"postgresql.auth.enablePostgresUser": "no PostgreSQL is installed"}
        | {"redis.auth.enabled": "redis.auth.existingSecret or .password says it"}
        | {"redis.auth.sentinel": "Sentinel is not asked"}
        | {
            f"restClient.ssl.{word}": "no client certificate is shown"
            for word in (
                "clientCertSecretKey",
                "clientKeySecretKey",
                "clientKeySecretPassphraseKey",
            )
        }
    )
UNUSED_KEYS = {
    chart: {key: why for keys, why in rows.items() for key in keys.split()}
    for chart, rows in (("live-agent", _LIVE_AGENT_KEYS), ("cognigy-ai", _COGNIGY_AI_KEYS))
}


def is_unused(chart: str, key: str) -> bool:
    """Is the key one of an older file that is accepted?"""
    return key in UNUSED_KEYS[chart] or any(re.search(one, key) for one in UNUSED_PATTERNS[chart])
