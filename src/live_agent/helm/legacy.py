"""What older values files hold and nobody reads here: accepted, and said so after the installation.

Anything else that nobody reads is refused as a typing mistake.
"""

RAILS = "belongs to the previous program; nothing here reads it"
STORAGE = "attachments are not part of this system"
_LIVE_AGENT_KEYS = {
    "ACTIVE_STORAGE_SERVICE ACTIVE_STORAGE_LOCAL_PATH ASSET_CDN_HOST": STORAGE,
    "S3_BUCKET_NAME AWS_ACCESS_KEY_ID AWS_REGION": STORAGE,
    "GCS_PROJECT GCS_BUCKET AZURE_STORAGE_ACCOUNT_NAME AZURE_STORAGE_CONTAINER": STORAGE,
    "STORAGE_BUCKET_NAME STORAGE_ACCESS_KEY_ID STORAGE_REGION STORAGE_ENDPOINT": STORAGE,
    "RAILS_ENV RAILS_LOG_TO_STDOUT RAILS_MAX_THREADS WEB_CONCURRENCY LOG_SIZE": RAILS,
    "INSTALLATION_ENV APP_VERSION SIDEKIQ_ALIVE_PORT USE_INBOX_AVATAR_FOR_BOT": RAILS,
    "GOOGLE_MAPS_API_TOKEN SENTRY_DSN VIRUS_SCAN_ENABLED": RAILS,
    "VAPID_PUBLIC_KEY MAILER_INBOUND_EMAIL_DOMAIN RAILS_INBOUND_EMAIL_SERVICE": RAILS,
    "EVENT_GATEWAY_ACTIVE EVENT_GATEWAY_HTTP_ENDPOINT FRONTEND_EXTERNAL_URL": RAILS,
    "COGNIGY_INSIGHTS_API_BASE_URL_WITH_PROTOCOL COGNIGY_CONTACT_PROFILE_CACHE_TIME": RAILS,
    "COGNIGY_AI_API_BASE_URL_WITH_PROTOCOL": "COGNIGY_OAUTH_SITE says where the API is",
    "ENABLE_ACCOUNT_SIGNUP": "nobody can sign up by themselves",
    "FORCE_SSL": "addresses are https always, and the ingress redirects",
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
