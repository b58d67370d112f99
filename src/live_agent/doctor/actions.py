"""The doctor: everything that a login needs is looked at, and each fault is named once."""

from dataclasses import dataclass

from kernel.bus import Bus
from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable, open_database
from kernel.keyring import KeyRing
from kernel.mail import SmtpTransport, mail_transport
from kernel.migrations import SchemaMismatch, check_schema
from kernel.outbox import DeliveryFailed
from live_agent.accounts import actions as accounts
from live_agent.doctor.questions import Lines, Questions
from live_agent.doctor.rules import own, report
from live_agent.doctor.rules.facts import AccountSeen
from live_agent.doctor.rules.finding import Finding, in_order
from live_agent.doctor.rules.places import Place, System
from live_agent.settings import Settings

__all__ = [
    "Finding",
    "Place",
    "System",
    "examine",
    "examine_account",
    "in_order",
    "refused_setting",
]

SMTP_SECONDS = 10
PACKAGE, COMMAND = "live_agent", "live-agent"

refused_setting = own.setting


@dataclass(frozen=True, slots=True)
class _Opened:
    finding: Finding
    accounts: tuple[AccountSeen, ...] | None = None


async def examine(settings: Settings, clock: Clock) -> list[Finding]:
    """For an operator: both sides, the database, the mail server and every account."""
    opened = await _open(settings)
    lines = Lines(settings)
    try:
        facts = await Questions(settings, clock, lines).ask(opened.accounts)
    finally:
        await lines.close()
    return in_order(
        [
            opened.finding,
            await _mail(settings),
            *await _bus(settings),
            *report.judge(facts),
        ]
    )


async def examine_account(
    settings: Settings, database: Database, questions: Questions, account_id: int
) -> list[Finding]:
    """For an account's administrator: the same without what belongs to other accounts."""
    account = await accounts.find(database, account_id)
    seen: tuple[AccountSeen, ...] = ()
    if account is not None and account.organisation_id is not None:
        seen = (AccountSeen(account.id, account.organisation_id),)
    return in_order(
        [
            own.database(),
            await _mail(settings),
            *await _bus(settings),
            *report.judge(await questions.ask(seen, one_account=True)),
        ]
    )


async def _open(settings: Settings) -> _Opened:
    """The database's state, and which accounts it has."""
    by_host = not settings.database_url.get_secret_value() and bool(settings.postgres_host)
    try:
        database = await open_database(settings.database_address(), pool_size=2)
    except DatabaseUnavailable as error:
        return _Opened(own.database(outage=str(error), by_host=by_host))
    try:
        await check_schema(database, PACKAGE, COMMAND)
        listed = await accounts.list_accounts(database)
    except SchemaMismatch as error:
        return _Opened(own.database(mismatch=str(error)))
    except DatabaseUnavailable as error:
        return _Opened(own.database(outage=str(error), by_host=by_host))
    finally:
        await database.close()
    mapped = [(one.id, one.organisation_id) for one in listed if one.organisation_id]
    return _Opened(own.database(), tuple(AccountSeen(*pair) for pair in mapped))


async def _mail(settings: Settings) -> Finding:
    transport = mail_transport(settings)
    if not isinstance(transport, SmtpTransport):
        return own.mail(None, configured=False)
    try:
        await transport.check(SMTP_SECONDS)
    except DeliveryFailed as error:
        return own.mail(str(error), configured=True)
    return own.mail(None, configured=True)


async def _bus(settings: Settings) -> list[Finding]:
    """Nothing is said of what is not used."""
    bus = Bus.of(settings, PACKAGE, KeyRing(*settings.secrets()))
    return [own.bus(await bus.ping())] if bus.is_set else []
