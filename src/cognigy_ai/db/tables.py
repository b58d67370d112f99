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
    text,
)

from kernel.audit.tables import events_table, seals_table
from kernel.columns import bytewise
from kernel.outbox import outbox_table
from kernel.throttle import locks_table

metadata = MetaData()

# Whose keys are not those of the present name and address, or whose activity is behind: written by
# a version that does not know them. Statements say it in these very words, or the index is not
# used.
STALE_KEYS = "coalesce(keyed_as, '') <> name || ' ' || email OR last_active_at < last_login_at"

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
    Column("live_agent_account", Integer),  # the account's number in Live Agent, once set up
    Column("live_agent_set_up_at", BigInteger),
    Column("password_policy", Text),  # JSON object; none: the default
    Column("two_step_required", Integer, nullable=False, server_default="0"),
)

BCRYPT = "substr(password_digest, 1, 2) = '$2'"  # an imported password that nobody logged in with

users = Table(
    "users",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("organisation_id", String(24), ForeignKey("organisations.id"), nullable=False),
    Column("email", String(320), nullable=False),
    Column("email_key", String(320), nullable=False),
    Column("email_verified", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("name_key", bytewise(400), nullable=False, server_default=""),  # what lists sort by
    Column("keyed_as", String(521)),  # name and address that the key and the words were made of
    Column("locale", String(16), nullable=False),
    Column("password_digest", Text),
    Column("password_changed_at", BigInteger),
    Column("must_change_password", Integer, nullable=False, server_default="0"),
    Column("failed_logins", Integer, nullable=False, server_default="0"),  # since the last success
    Column("access_revision", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(40)),  # the actor's id; none: an operator
    Column("changed_at", BigInteger),
    Column("changed_by", String(40)),
    Column("last_login_at", BigInteger),
    Column("last_active_at", BigInteger, nullable=False, server_default="0"),  # 0: never
    Column("disabled_at", BigInteger),
    Index("users_of_an_organisation_by_email", "organisation_id", "email_key", unique=True),
    Index("users_of_an_organisation_by_name", "organisation_id", "name_key", "id"),
    Index("users_of_an_organisation_by_activity", "organisation_id", "last_active_at", "id"),
    Index(
        "users_disabled",
        "organisation_id",
        "email_key",
        sqlite_where=text("disabled_at IS NOT NULL"),
        postgresql_where=text("disabled_at IS NOT NULL"),
    ),
    Index(
        "users_without_password",
        "organisation_id",
        "email_key",
        sqlite_where=text("password_digest IS NULL"),
        postgresql_where=text("password_digest IS NULL"),
    ),
    Index(
        "users_with_bcrypt",
        "password_digest",
        sqlite_where=text(BCRYPT),
        postgresql_where=text(BCRYPT),
    ),
    Index("users_by_email", "email_key"),
    Index(
        "users_with_stale_keys",
        "id",
        sqlite_where=text(STALE_KEYS),
        postgresql_where=text(STALE_KEYS),
    ),
)

# What the search of Access Control finds a person by: each word of the name, and the address.
user_words = Table(
    "user_words",
    metadata,
    Column("organisation_id", String(24), nullable=False),
    Column("word", bytewise(320), nullable=False),
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("organisation_id", "word", "user_id"),
    Index("user_words_of_a_user", "user_id", "word"),
)

user_roles = Table(
    "user_roles",
    metadata,
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(64), nullable=False),
    Column("organisation_id", String(24)),  # the user's; none: not filled in yet
    PrimaryKeyConstraint("user_id", "role"),
    Index("user_roles_of_an_organisation", "organisation_id", "role", "user_id"),
)

password_links = Table(
    "password_links",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # invitation | reset | handed_over (given to a person by somebody, not mailed)
    Column("purpose", String(16), nullable=False, server_default="handed_over"),
    Column("email_key", String(320)),  # mailed there: using the link proves that address
    Column("letter_id", Text),  # of the outbox: whether the mail has left
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("password_links_of_a_user", "user_id"),
)

# A new address, until the link that was mailed to it is used.
email_changes = Table(
    "email_changes",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("email", String(320), nullable=False),
    Column("email_key", String(320), nullable=False),
    Column("asked_by", String(40)),
    Column("letter_id", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("email_changes_of_a_user", "user_id"),
)

# Two-step login with one-time passwords (RFC 6238).
second_factors = Table(
    "second_factors",
    metadata,
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed_secret", Text, nullable=False),
    Column("last_step", BigInteger, nullable=False),  # of the last code used: each works once
    Column("created_at", BigInteger, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_id", String(24), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    PrimaryKeyConstraint("user_id", "fingerprint"),
)

# Keys of the JSON API. A key has its owner's rights; one without an owner is an operator's.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("hint", String(16), nullable=False),  # the first characters, to recognise it by
    Column("name", String(200), nullable=False),
    Column("owner_id", String(24), ForeignKey("users.id", ondelete="CASCADE")),
    Column("organisation_id", String(24)),  # the owner's; none: every organisation
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index("api_keys_of_an_owner", "owner_id"),
    Index("api_keys_of_an_organisation", "organisation_id", "created_at"),
)

# Lists of people that an administrator uploads.
imports = Table(
    "imports",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("organisation_id", String(24), ForeignKey("organisations.id"), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("asked_by", String(24), nullable=False),
    Column("state", String(16), nullable=False),  # checked | waiting | running | done | stopped
    Column("invite", Integer, nullable=False),  # 1: mail an invitation to whoever is created
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("leased_until", BigInteger, nullable=False),  # 0: no process works on it
    Column("proposed_by", String(200)),  # who proposed it in Live Agent; none: a file
    Index("imports_of_an_organisation", "organisation_id", "created_at"),
    Index(
        "imports_waiting",
        "leased_until",
        sqlite_where=text("state IN ('waiting', 'running')"),
        postgresql_where=text("state IN ('waiting', 'running')"),
    ),
)

import_rows = Table(
    "import_rows",
    metadata,
    Column("import_id", String(40), ForeignKey("imports.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),  # the line of the file
    Column("sealed_row", Text, nullable=False),  # names and addresses; emptied when done
    Column("fate", String(32), nullable=False),  # what the dry run says, then what was done
    Column("detail", String(300), nullable=False),  # what changes, or why not: codes and roles
    Column("user_id", String(24)),  # whom the row made or changed
    Column("done_at", BigInteger),
    PrimaryKeyConstraint("import_id", "number"),
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
    Column("seen_at", BigInteger, nullable=False, server_default="0"),
    Column("entry_mark", String(64)),  # of the login that began it: one login, one session
    Index("sessions_of_an_entry", "entry_mark", unique=True),
    Index("sessions_of_a_user", "user_id"),
    Index("sessions_by_end", "expires_at"),
)

client_secret_uses = Table(
    "client_secret_uses",
    metadata,
    Column("client_id", String(128), nullable=False),  # also of the environment's client
    Column("secret", String(12), nullable=False),  # the beginning of its fingerprint
    Column("uses", BigInteger, nullable=False),
    Column("last_used_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("client_id", "secret"),
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

audit_events = events_table(metadata, Column("organisation_id", String(24)), user_id=24)
Index(
    "audit_events_of_an_organisation",
    audit_events.c.organisation_id,
    audit_events.c.at,
    audit_events.c.id,
)
audit_seals = seals_table(metadata)

# What Live Agent and other applications are told of access that ended or changed, written with the
# change itself: see db/signals.py. One row for each receiver.
signals = Table(
    "signals",
    metadata,
    Column(
        "position",  # the order in which a receiver hears of one person
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("id", String(255), nullable=False, unique=True),  # the `jti`: never given twice
    Column("receiver", String(128), nullable=False),  # a client id, or `@live-agent`
    Column("kind", String(32), nullable=False),
    Column("subject", String(24), nullable=False),  # the person's or the organisation's id
    Column("user_id", String(24)),
    Column("organisation_id", String(24), nullable=False),
    Column("session_id", String(40)),
    Column("access_revision", BigInteger),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),  # by the database's clock
    Column("state", String(16), nullable=False),  # waiting | delivered | refused | dropped
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", BigInteger, nullable=False),
    Column("leased_until", BigInteger, nullable=False),  # 0: nobody is sending it
    Column("settled_at", BigInteger),
    Column("last_error", String(300)),
    Index(
        "signals_waiting",
        "receiver",
        "subject",
        "position",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("signals_of_an_organisation", "organisation_id", "receiver", "state", "position"),
    Index("signals_by_end", "settled_at"),
    sqlite_autoincrement=True,
)

login_locks = locks_table(metadata)
outbox = outbox_table(metadata)
