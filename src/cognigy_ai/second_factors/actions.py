"""Deeds on second factors. Secrets are sealed with the key ring, recovery codes hashed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from cognigy_ai import letters
from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.second_factors import rules, store
from cognigy_ai.second_factors.rules import Factor
from cognigy_ai.users.rules import User
from kernel.db import Tx, UniqueViolation
from kernel.keyring import KeyRing
from kernel.opaque import fingerprint, new_base32
from kernel.outbox import Outbox
from kernel.problems import ProblemError
from kernel.throttle import ACCOUNT, Locks, account_key

SEALED_FOR = "second-factor"
SYSTEM = "ai/second-factor"
NEVER_USED = -1


@unique
class Method(Enum):
    """What proved the second factor."""

    ONE_TIME_PASSWORD = "one_time_password"  # noqa: S105 - a name
    RECOVERY_CODE = "recovery_code"


@dataclass(frozen=True, slots=True)
class Judge:
    """What attempts are judged with."""

    keyring: KeyRing
    locks: Locks


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one attempt. Without a method it failed; `locked_until` is 0 while there is no lock."""

    method: Method | None
    locked_until: int = 0


async def find(db: Tx, user_id: str) -> Factor | None:
    """None for somebody who signs in with the password alone."""
    return await store.find(db, user_id)


async def count_codes(db: Tx, user_id: str) -> int:
    """How many recovery codes are left."""
    return await store.count_codes(db, user_id)


def new_secret() -> str:
    """For the authenticator app; it is worth nothing before a password of it was typed."""
    return new_base32(rules.SECRET_BYTES)


def check_first(secret: str, typed: str, now: int) -> int:
    """The time step of the first one-time password of a new secret; raises CODE_WRONG.

    Nothing is counted: whoever types it has just been shown the secret.
    """
    digits = rules.one_time_password(typed)
    step = None if digits is None else rules.matching_step(secret, digits, NEVER_USED, now)
    if step is None:
        raise ProblemError(Problem.CODE_WRONG)
    return step


async def set_up(
    tx: Tx, outbox: Outbox, user: User, new: tuple[str, int], now: int, *, instead: bool = False
) -> tuple[str, ...]:
    """Switch two-step login on, or move it to another app; returns the recovery codes, once.

    Only with `instead` it takes the place of another one: the caller has asked for its code.
    `new` is the sealed secret, and the step of the password that confirmed it. Sessions go on: they
    were begun with the password, and a person who adds a factor has taken nothing back.
    Raises TWO_STEP_CHANGED if there is one already.
    """
    replaced = instead and await store.remove(tx, user.id)
    try:
        await store.add(tx, user.id, *new, now)
    except UniqueViolation:
        raise ProblemError(Problem.TWO_STEP_CHANGED, user_id=user.id) from None
    codes = await _new_codes(tx, user.id, now)
    await _tell(tx, outbox, user, "on", now)
    await _record(tx, "second_factor.set_up", user, now, replaced=replaced)
    return codes


async def renew_codes(tx: Tx, outbox: Outbox, user: User, now: int) -> tuple[str, ...]:
    """Ten new recovery codes; the old ones are worth nothing."""
    codes = await _new_codes(tx, user.id, now)
    await _tell(tx, outbox, user, "codes", now)
    await _record(tx, "second_factor.codes_renewed", user, now)
    return codes


async def turn_off(tx: Tx, outbox: Outbox, user: User, now: int) -> bool:
    """The person does not want it any more; False if there was none."""
    return await _remove(tx, outbox, user, "off", now)


async def reset(tx: Tx, outbox: Outbox, user: User, now: int) -> bool:
    """By an administrator or operator, for somebody who lost the telephone and the codes.

    The password alone signs in again, until two-step login is set up anew. False if there was none.
    """
    return await _remove(tx, outbox, user, "reset", now)


async def prove(tx: Tx, judge: Judge, user_id: str, typed: str, now: int) -> Verdict:
    """Judge a one-time password or a recovery code, each of which works once.

    Attempts of one person come one after the other, whatever the browser: a burst does not get
    past the lock. The caller keeps the transaction also when the attempt failed.
    """
    factor = await store.lock(tx, user_id)
    if factor is None:
        return Verdict(None)
    key = account_key(judge.keyring, SYSTEM, user_id)
    until = await judge.locks.find(tx, [key])
    if until > now:
        return Verdict(None, until)
    method = await _use(tx, judge.keyring, user_id, (factor, typed), now)
    if method is not None:
        await judge.locks.forget(tx, [key])
        return Verdict(method)
    until = await judge.locks.record_failure(tx, [(key, ACCOUNT)], now)
    return Verdict(None, until if until > now else 0)


async def _use(
    tx: Tx, keyring: KeyRing, user_id: str, attempt: tuple[Factor, str], now: int
) -> Method | None:
    factor, typed = attempt
    digits, code = rules.one_time_password(typed), rules.recovery_code(typed)
    if code is not None and await store.use_code(tx, user_id, fingerprint(code), now):
        return Method.RECOVERY_CODE
    secret = keyring.open_sealed(SEALED_FOR, factor.sealed_secret)
    if digits is None or not isinstance(secret, str):
        return None
    step = rules.matching_step(secret, digits, factor.last_step, now)
    # Sealed anew, so that an old key of the installation can be thrown away one day.
    sealed = keyring.seal(SEALED_FOR, secret)
    if step is None or not await store.use(tx, user_id, step, sealed):
        return None
    return Method.ONE_TIME_PASSWORD


async def _new_codes(tx: Tx, user_id: str, now: int) -> tuple[str, ...]:
    codes = [new_base32(rules.RECOVERY_BYTES) for _ in range(rules.RECOVERY_CODES)]
    await store.replace_codes(tx, user_id, [fingerprint(code) for code in codes], now)
    return tuple(rules.grouped(code) for code in codes)


async def _remove(tx: Tx, outbox: Outbox, user: User, change: str, now: int) -> bool:
    if not await store.remove(tx, user.id):
        return False
    await _tell(tx, outbox, user, change, now)
    await _record(tx, "second_factor.removed", user, now, because=change)
    return True


async def _tell(tx: Tx, outbox: Outbox, user: User, change: str, now: int) -> None:
    letter: Mapping[str, object] = letters.mail(
        user.email, user.name, user.locale, organisation=user.organisation_name, change=change
    )
    await outbox.add(tx, letters.TWO_STEP, letter, now)


async def _record(tx: Tx, event: str, user: User, now: int, **details: Any) -> None:
    whose = {"user_id": user.id, "organisation_id": user.organisation_id}
    await audit.record(tx, event, now, **whose, **details)
