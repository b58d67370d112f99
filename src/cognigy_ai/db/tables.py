"""All tables of the platform, in the order they depend on each other.

Times are whole seconds since 1970 (UTC), booleans are 0 or 1, identifiers and JSON are text: the
same on every engine, and as in the tokens.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from kernel.outbox import outbox_table
from kernel.throttle import locks_table

metadata = MetaData()

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("alg", String(16), nullable=False),
    Column("sealed_jwk", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("active_from", BigInteger, nullable=False),  # published before, signs from here on
    Column("revoked_at", BigInteger),
    # Several first starts at once make one first key each algorithm.
    Column("generation", Integer, nullable=False),
    Index("signing_keys_once", "alg", "generation", unique=True),
)

clients = Table(
    "clients",
    metadata,
    Column("client_id", String(128), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("secret_fingerprint", String(64)),  # none: a public client
    Column("previous_secret_fingerprint", String(64)),  # both are valid during a rotation
    Column("auth_method", String(32), nullable=False),
    Column("redirect_uris", Text, nullable=False),  # JSON list, compared as plain strings
    Column("post_logout_redirect_uris", Text, nullable=False),  # JSON list
    Column("backchannel_logout_uri", String(2000)),
    Column("scopes", Text, nullable=False),  # JSON list
    Column("grant_types", Text, nullable=False),  # JSON list
    Column("id_token_alg", String(16), nullable=False),
    Column("pkce", String(16), nullable=False),  # required | optional
    Column("consent", String(16), nullable=False),  # ask | implicit
    Column("grant_lifetime", Integer, nullable=False),  # seconds
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)

organisations = Table(
    "organisations",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("suspended_at", BigInteger),
)

users = Table(
    "users",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("organisation_id", String(24), ForeignKey("organisations.id"), nullable=False),
    Column("email", String(320), nullable=False),
    Column("email_key", String(320), nullable=False),
    Column("email_verified", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("password_digest", Text),
    Column("password_changed_at", BigInteger),
    Column("access_revision", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_login_at", BigInteger),
    Column("disabled_at", BigInteger),
    Index("users_of_an_organisation_by_email", "organisation_id", "email_key", unique=True),
    Index("users_by_email", "email_key"),
)

user_roles = Table(
    "user_roles",
    metadata,
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(64), nullable=False),
    PrimaryKeyConstraint("user_id", "role"),
)

password_links = Table(
    "password_links",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("password_links_of_a_user", "user_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(40), primary_key=True),  # the `sid` claim
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("auth_time", BigInteger, nullable=False),
    Column("amr", String(64), nullable=False),  # words separated by spaces
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("user_agent", String(300), nullable=False),
    Index("sessions_of_a_user", "user_id"),
    Index("sessions_by_end", "expires_at"),
)

consents = Table(
    "consents",
    metadata,
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("client_id", String(128), nullable=False),
    Column("scope", String(1000), nullable=False),
    Column("given_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("user_id", "client_id"),
)

codes = Table(
    "codes",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("client_id", String(128), nullable=False),
    Column("redirect_uri", String(2000), nullable=False),
    Column("redirect_uri_given", Integer, nullable=False),
    Column("code_challenge", String(64)),
    Column("nonce", String(500)),
    Column("scope", String(1000), nullable=False),
    Column("reference", String(12), nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("redeemed_at", BigInteger),
    # What the ID token will say, copied by the one statement of the authorization endpoint.
    Column("session_id", String(40), nullable=False),
    Column("auth_time", BigInteger, nullable=False),
    Column("amr", String(64), nullable=False),
    Column("user_id", String(24), nullable=False),
    Column("email", String(320), nullable=False),
    Column("email_verified", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("roles", Text),  # joined by commas; none: no role
    Column("organisation_id", String(24), nullable=False),
    Column("organisation_name", String(200), nullable=False),
    Column("access_revision", BigInteger, nullable=False),
    Index("codes_by_end", "expires_at"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("client_id", String(128), nullable=False),
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE")),
    Column("organisation_id", String(24)),  # a client_credentials grant may be bound to one
    Column("session_id", String(40)),
    Column("code_fingerprint", String(64)),
    Column("scope", String(1000), nullable=False),
    Column("auth_time", BigInteger),
    Column("amr", String(64)),
    Column("access_fingerprint", String(64), nullable=False, unique=True),
    Column("access_scope", String(1000), nullable=False),  # a refresh may ask for less than `scope`
    Column("access_issued_at", BigInteger, nullable=False),
    Column("access_expires_at", BigInteger, nullable=False),
    Column("family_fingerprint", String(64), unique=True),
    Column("refresh_fingerprint", String(64)),
    Column("previous_refresh_fingerprint", String(64)),
    Column("rotated_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("revoked_because", String(64)),
    Index("grants_by_code", "code_fingerprint"),
    Index("grants_of_a_user", "user_id"),
    Index("grants_of_a_session", "session_id"),
    Index("grants_by_end", "expires_at"),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("event", String(64), nullable=False),
    Column("reference", String(12)),
    Column("organisation_id", String(24)),
    Column("user_id", String(24)),
    Column("details", Text, nullable=False),  # JSON object of ids and codes, never names
    Index("audit_events_by_reference", "reference"),
    Index("audit_events_by_time", "at"),
)

login_locks = locks_table(metadata)
outbox = outbox_table(metadata)
