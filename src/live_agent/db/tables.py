"""All tables of Live Agent, in the order they depend on each other.

Times are whole seconds since 1970 (UTC), booleans are 0 or 1, identifiers and JSON are text.
Identity is (issuer, subject), byte-exact; no row, token or session spans two accounts.
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
from kernel.outbox import outbox_table
from kernel.throttle import locks_table

metadata = MetaData()

# Whose keys are not those of the present name and address: written by a version that does not know
# them. Statements say it in these very words, or the index is not used.
STALE_KEYS = "coalesce(keyed_as, '') <> name || ' ' || email"


def _bytewise(length: int) -> String:
    """Compared byte by byte on every engine, so that all sort alike."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(200), nullable=False),
    Column("organisation_id", String(255), unique=True),  # none: reached by /old-login only
    Column("oauth_login", Integer, nullable=False),  # 1: people may log in through the platform
    Column("linking", Integer, nullable=False),  # 1: a first login may take over an old user
    # 1: what one administrator decides about a conflict, another one has to approve.
    Column("second_approval", Integer, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
    Column("suspended_at", BigInteger),
    # The row stays: a number that the platform knows never names another account.
    Column("deleted_at", BigInteger),
)

users = Table(
    "users",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("issuer", String(500)),  # with `subject`: moved or made by a platform login
    Column("subject", String(255)),
    Column("email", String(320), nullable=False),
    Column("email_key", String(320), nullable=False),
    Column("name", String(200), nullable=False),
    Column("name_key", _bytewise(400), nullable=False, server_default=""),  # what lists sort by
    Column("found_by", Text, nullable=False, server_default=""),  # " word word": agents/keys.py
    Column("keyed_as", String(521)),  # name and address that both were made of
    Column("locale", String(16), nullable=False),
    Column("roles", String(200), nullable=False),  # sorted words separated by spaces
    Column("presence", String(16), nullable=False),  # online | busy | away | offline, as chosen
    Column("confirmed_at", BigInteger),  # an old user's address was confirmed by mail
    Column("password_digest", Text),
    Column("password_closed_at", BigInteger),  # the old login takes it no more, before any move
    Column("access_revision", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("moved_at", BigInteger),
    Column("moved_email", String(320)),  # the address at the move: where a way back is mailed to
    Column("last_login_at", BigInteger),
    Column("last_login_method", String(16)),  # cognigy | old
    Column("disabled_at", BigInteger),
    Column("purged_at", BigInteger),  # deleted in Cognigy.AI
    Column("erase_at", BigInteger),  # when name and address go
    Index("users_to_erase", "erase_at"),
    Index("users_by_identity", "account_id", "issuer", "subject", unique=True),
    Index(
        "linked_users_by_email",
        "account_id",
        "email_key",
        unique=True,
        sqlite_where=text("subject IS NOT NULL"),
        postgresql_where=text("subject IS NOT NULL"),
    ),
    Index("users_by_email", "email_key"),
    Index("users_of_an_account", "account_id", "id"),
    Index("users_of_an_account_by_name", "account_id", "name_key", "id"),
    Index(
        "users_with_stale_keys",
        "id",
        sqlite_where=text(STALE_KEYS),
        postgresql_where=text(STALE_KEYS),
    ),
    Index("users_by_subject", "issuer", "subject"),
)

# Links that were mailed to old users before they moved; a move makes all of them void.
old_links = Table(
    "old_links",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("user_id", String(40), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),  # reset | confirmation | invitation
    Column("email_key", String(320)),  # of the address that it was mailed to
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("voided_at", BigInteger),
    Index("old_links_of_a_user", "user_id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("user_id", String(40), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("name", String(100), nullable=False, server_default=""),
    Column("last_used_at", BigInteger),  # written at most once a minute
    # When the platform last confirmed the owner, who asks now, since when it is silent.
    Column("checked_at", BigInteger, nullable=False, server_default="0"),
    Column("checking_until", BigInteger, nullable=False, server_default="0"),
    Column("unreachable_since", BigInteger),
    Index("api_tokens_of_a_user", "user_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("user_id", String(40), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Integer, nullable=False),
    Column("method", String(16), nullable=False),  # cognigy | old | break_glass
    Column("issuer", String(500)),
    Column("subject", String(255)),
    Column("sid", String(255)),
    Column("sealed_tokens", Text),  # {"id_token", "refresh_token"}, encrypted
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_because", String(64)),
    Column("user_agent", String(300), nullable=False),
    Column("access_revision", BigInteger),  # of its newest ID token; none: not said
    Column("ended_reference", String(12)),
    # In milliseconds: when the platform changed what ended it, and when the last of it was out.
    Column("changed_ms", BigInteger),
    Column("out_ms", BigInteger),
    # When the platform last confirmed the grant, who asks at the moment, since when it is silent.
    Column("checked_at", BigInteger, nullable=False, server_default="0"),
    Column("checking_until", BigInteger, nullable=False, server_default="0"),
    Column("unreachable_since", BigInteger),
    Index("sessions_of_a_user", "user_id"),
    Index("sessions_by_subject", "issuer", "subject"),
    Index("sessions_by_sid", "issuer", "sid"),
    Index("sessions_by_end", "expires_at"),
    Index("sessions_ended", "ended_at"),  # replicas read what ended since they looked last
)

# A `state` that has come back once: of two callbacks with one state, one goes on.
spent_states = Table(
    "spent_states",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Index("spent_states_by_end", "expires_at"),
)

# A first login that must prove the old account before it takes it over (DESIGN section 3, rule 4).
pending_links = Table(
    "pending_links",
    metadata,
    Column("fingerprint", String(64), primary_key=True),  # of the secret in the browser's cookie
    Column("mail_fingerprint", String(64), unique=True),  # of the secret in the mailed link
    Column("account_id", Integer, nullable=False),
    Column("user_id", String(40), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("issuer", String(500), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("sealed_login", Text, nullable=False),  # claims, tokens and target, encrypted
    Column("reference", String(12), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("mailed_at", BigInteger),
    Column("proved_at", BigInteger),
    Column("used_at", BigInteger),
    Index("pending_links_of_a_user", "user_id"),
    Index("pending_links_by_end", "expires_at"),
)

# What the platform said last of a person, known here or not (DESIGN section 3 rule 6). Whoever
# changes somebody's access locks this row first: a login and a signal never pass each other.
subjects = Table(
    "subjects",
    metadata,
    Column("issuer", String(500), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("access_revision", BigInteger, nullable=False),  # the highest seen
    Column("changed_at", BigInteger, nullable=False),
)

# Security event tokens and logout tokens that were applied: each works once.
spent_tokens = Table(
    "spent_tokens",
    metadata,
    Column("issuer", String(500), primary_key=True),
    Column("jti", String(255), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Index("spent_tokens_by_end", "expires_at"),
)

# What only an administrator can decide: two candidates, or an address that somebody else holds.
conflicts = Table(
    "conflicts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account_id", Integer, nullable=False),
    Column("kind", String(32), nullable=False),  # ambiguous | other_subject | address_held
    Column("issuer", String(500), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("email_key", String(320), nullable=False),
    Column("user_ids", Text, nullable=False),  # JSON list
    Column("reference", String(12), nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
    Column("resolved_at", BigInteger),
    # What the platform said of the identity when it last appeared.
    Column("email", String(320), nullable=False, server_default=""),
    Column("name", String(200), nullable=False, server_default=""),
    Column("email_verified", Integer, nullable=False, server_default="0"),
    Column("roles", String(200), nullable=False, server_default=""),
    Index("conflicts_once", "account_id", "kind", "issuer", "subject", "email_key", unique=True),
)

# What the platform said of an organisation's people, when it was asked last: those who may enter,
# and those whom somebody's address or identity here is about. Replaced as a whole at each reading.
platform_people = Table(
    "platform_people",
    metadata,
    Column("account_id", Integer, primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("email", String(320), nullable=False),
    Column("email_key", String(320), nullable=False),
    Column("loose_key", String(640), nullable=False),  # equal if only case or spaces differ
    Column("email_verified", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("roles", String(200), nullable=False),  # Live Agent's, sorted, separated by spaces
    Column("access_revision", BigInteger),
    Column("disabled", Integer, nullable=False),
)
platform_readings = Table(
    "platform_readings",
    metadata,
    Column("account_id", Integer, primary_key=True),
    Column("asked_at", BigInteger, nullable=False),
    Column("leased_until", BigInteger, nullable=False),  # one process asks at a time
    Column("read_at", BigInteger),  # when the reading of platform_people began
    Column("people", Integer, nullable=False),  # of the whole organisation, at that time
    Column("failure", String(32)),  # why the last question was not answered
    Column("failed_at", BigInteger),
)

# What administrators decided about a conflict: for that identity, address and candidates alone.
decisions = Table(
    "decisions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("conflict_id", String(40), nullable=False),
    Column("account_id", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("issuer", String(500), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("email_key", String(320), nullable=False),
    Column("user_ids", Text, nullable=False),  # JSON list: the candidates that were looked at
    Column("outcome", String(16), nullable=False),  # link | reject | separate
    Column("user_id", String(40)),  # whom the identity gets, with `link`
    Column("reason", Text, nullable=False),
    Column("decided_by", String(40)),  # none: the operator
    Column("decided_at", BigInteger, nullable=False),
    Column("approved_by", String(40)),
    Column("approved_at", BigInteger),  # none: waits for a second administrator
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_because", String(16)),  # used | withdrawn | declined | expired
    Column("ended_by", String(40)),
    Index("decisions_of_a_conflict", "conflict_id"),
    Index(
        "one_open_decision",
        "account_id",
        "issuer",
        "subject",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

# Who was linked to what, when and by whom. Rows are added and never changed.
ledger = Table(
    "ledger",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("account_id", Integer, nullable=False),
    Column("user_id", String(40), nullable=False),  # outlives the user
    Column("deed", String(16), nullable=False),  # created | moved | relinked | retired | put_back
    Column("issuer", String(500), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("how", String(16), nullable=False),  # login | address | password | mail | decision | ...
    Column("by_user_id", String(40)),  # the administrator; none: the person, or the operator
    Column("decision_id", String(40)),
    Column("reference", String(12)),
    Column("reason", Text),
    Index("ledger_of_a_user", "user_id", "at"),
    Index("ledger_of_an_account", "account_id", "at"),
)

# The only way in when the platform is down: made by the command line, spent once.
break_glass = Table(
    "break_glass",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("account_id", Integer, nullable=False),
    Column("user_id", String(40), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", String(64), nullable=False),  # the operating system's user
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("voided_at", BigInteger),
    Index("break_glass_of_a_user", "user_id"),
)

# How old users are led through the move (live_agent/moves).
move_stages = Table(
    "move_stages",
    metadata,
    Column("user_id", String(40), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Integer, nullable=False),
    Column("stage", String(16), nullable=False),  # OBSERVE | INVITE | FIRST | CLOSING
    Column("closes_at", BigInteger),
    Column("changed_at", BigInteger, nullable=False),
    Column("reminded_at", BigInteger),
    Column("reminders", Integer, nullable=False, server_default="0"),
    Index("move_stages_of_an_account", "account_id", "stage"),
    Index("move_stages_by_close", "closes_at"),
)
move_brakes = Table(
    "move_brakes",
    metadata,
    Column("account_id", Integer, primary_key=True, autoincrement=False),
    Column("paused_at", BigInteger),
    Column("by_itself", Integer, nullable=False),  # 1: because too many first logins failed
    Column("failures", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("resumed_at", BigInteger, nullable=False),  # failures from before count no more
)
move_runs = Table(
    "move_runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account_id", Integer, nullable=False),
    Column("kind", String(16), nullable=False),  # REMIND | PROPOSE
    Column("asked_by", String(40), nullable=False),  # a user's id, or "operator"
    Column("asked_by_name", String(200), nullable=False),
    Column("state", String(16), nullable=False),  # RUNNING | ASKED | DONE | STOPPED
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("leased_until", BigInteger, nullable=False),  # 0: no process works on it
    Column("next_at", BigInteger, nullable=False),
    Column("failure", String(32)),
    Index("move_runs_of_an_account", "account_id", "created_at"),
    Index("move_runs_waiting", "next_at"),
)
move_run_users = Table(
    "move_run_users",
    metadata,
    Column("run_id", String(40), ForeignKey("move_runs.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("user_id", String(40), nullable=False),
    Column("fate", String(16)),  # none: not done yet
    Column("done_at", BigInteger),
    PrimaryKeyConstraint("run_id", "number"),
)

audit_events = events_table(metadata, Column("account_id", Integer), user_id=40)
Index(
    "audit_events_of_an_account",
    audit_events.c.account_id,
    audit_events.c.at,
    audit_events.c.id,
)
audit_seals = seals_table(metadata)

login_locks = locks_table(metadata)
outbox = outbox_table(metadata)
