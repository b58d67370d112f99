"""What an administrator does with the local people of an account, in Settings → Agents.

Each deed locks the account's row first: two administrators who demote or delete each other at once
do not both succeed, and nobody is added twice. The caller opens the transaction and, after it,
wakes the courier.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.db import Tx
from kernel.emails import email_key, is_address
from kernel.outbox import Outbox
from kernel.problems import ProblemError
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.agents import directory, links
from live_agent.agents.actions import LONGEST_NAME, OldUser
from live_agent.agents.rules import ADMINISTRATOR, ROLES, User, joined
from live_agent.agents.store import administration as store
from live_agent.audit import actions as audit
from live_agent.problems import Problem


class Unacceptable(Exception):  # noqa: N818 - what was typed
    """A field that cannot be taken: its name, and a code of the page's texts."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(field, code)
        self.field, self.code = field, code


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, and where; `may_manage`: LOCAL_USERS allows more than deleting."""

    user_id: str
    account_id: int
    may_manage: bool


@dataclass(frozen=True, slots=True)
class NewAgent:
    """What was typed of somebody new."""

    name: str
    email: str
    roles: Sequence[str]


async def add(tx: Tx, outbox: Outbox, by: By, typed: NewAgent, now: int) -> User:
    """A person who is invited by mail; raises Unacceptable for what was typed."""
    if not by.may_manage:
        raise ProblemError(Problem.LOCAL_USERS_FROZEN)
    name, address, roles = _name(typed.name), typed.email.strip(), _roles(typed.roles)
    if not is_address(address):
        raise Unacceptable("email", "no_address")
    await accounts.lock(tx, by.account_id)
    if await store.holds_address(tx, by.account_id, email_key(address)):
        raise Unacceptable("email", "taken")
    new = OldUser(by.account_id, address, name, roles, digest=None, confirmed=False)
    user_id = await agents.create_old(tx, new, now, by=by.user_id)
    user = await agents.get(tx, by.account_id, user_id)
    assert user is not None
    await links.mail(tx, outbox, user, links.INVITATION, now, by=by.user_id)
    return user


async def change(tx: Tx, by: By, user_id: str, name: str, roles: Sequence[str], now: int) -> User:
    """Another name, other roles; raises Unacceptable for what was typed."""
    user = await _get_to_change(tx, by, user_id)
    typed, wanted = _name(name), _roles(roles)
    if ADMINISTRATOR in user.roles and ADMINISTRATOR not in wanted:
        await _check_not_last(tx, user)
    await store.change(tx, user, typed, joined(wanted))
    await audit.record(
        tx,
        "user.changed",
        now,
        user_id=user.id,
        account_id=user.account_id,
        by=by.user_id,
        roles=joined(wanted),
        roles_before=joined(user.roles),
        renamed=typed != user.name,
    )
    return user


async def mail_link(tx: Tx, outbox: Outbox, by: By, user_id: str, now: int) -> str:
    """What the person needs: invitation, confirmation or a new password; returns which."""
    user = await _get_to_change(tx, by, user_id)
    kind = links.kind_for(user)
    if user.old_login_closed:
        raise ProblemError(Problem.OLD_LOGIN_CLOSED, user_id=user.id)
    if not await links.mail(tx, outbox, user, kind, now, by=by.user_id):
        raise ProblemError(Problem.USER_DISABLED, user_id=user.id)
    return kind


async def delete(tx: Tx, by: By, user_id: str, now: int) -> None:
    """The person and every way in; allowed also where local users are frozen."""
    user = await get_to_delete(tx, by, user_id)
    if ADMINISTRATOR in user.roles:
        await _check_not_last(tx, user)
    await directory.delete(tx, user, now, by=by.user_id)


async def get_to_delete(tx: Tx, by: By, user_id: str) -> User:
    """A colleague who has not moved; locked with the account."""
    await accounts.lock(tx, by.account_id)
    return _changeable(by, await store.hold(tx, by.account_id, user_id))


async def _get_to_change(tx: Tx, by: By, user_id: str) -> User:
    user = await get_to_delete(tx, by, user_id)
    if not by.may_manage:
        raise ProblemError(Problem.LOCAL_USERS_FROZEN, user_id=user_id)
    return user


def _changeable(by: By, user: User | None) -> User:
    if user is None:
        raise ProblemError(Problem.PAGE_NOT_FOUND, account_id=by.account_id)
    if user.linked:
        raise ProblemError(Problem.CREDENTIALS_ELSEWHERE, user_id=user.id)
    if user.id == by.user_id:
        raise ProblemError(Problem.OWN_USER, user_id=user.id)
    return user


async def _check_not_last(tx: Tx, user: User) -> None:
    """Whoever cannot get in anyway is no loss."""
    gets_in = user.confirmed and user.has_password and not user.disabled
    if gets_in and not await store.has_other_administrator(tx, user.account_id, user.id):
        raise ProblemError(Problem.LAST_ADMINISTRATOR, user_id=user.id)


def _name(name: str) -> str:
    typed = " ".join(name.split())
    if not typed or len(typed) > LONGEST_NAME or not typed.isprintable():
        raise Unacceptable("name", "name")
    return typed


def _roles(roles: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(role for role in ROLES if role in roles)
    if not wanted:
        raise Unacceptable("roles", "roles")
    return wanted
