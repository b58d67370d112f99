"""Who a platform login is in its account (DESIGN section 3, rules 1 to 4): pure decisions.

Identity is (issuer, subject). The address only ever proposes an old user who has no identity yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from live_agent.accounts.rules import Account
from live_agent.agents.rules import User
from live_agent.conflicts.rules import Conflict, Outcome, Verdict
from live_agent.problems import Problem


@dataclass(frozen=True, slots=True)
class PlatformLogin:
    """What a fully validated ID token (or userinfo) says; the roles are those of Live Agent."""

    issuer: str
    subject: str
    organisation: str | None
    email: str | None
    email_verified: bool
    name: str
    locale: str
    roles: tuple[str, ...]
    sid: str | None
    access_revision: int | None  # None: the provider has no such thing
    id_token: str | None = field(repr=False, default=None)
    refresh_token: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says of a login."""

    account: Account | None
    user: User | None  # whom the identity owns in the account
    same_address: Sequence[User]  # everybody of the account with the login's address
    access_revision: int = 0  # the highest that was said of the identity, here or by a signal
    verdict: Verdict | None = None  # what administrators decided about the identity


class Step(Enum):
    """What a login does to the account's users."""

    REFRESH = "refresh"  # the identity is known
    CREATE = "create"  # somebody new
    LINK = "link"  # an old user moves
    PROVE = "prove"  # an old user may move after a proof
    RELINK = "relink"  # a linked user gets this identity, as administrators decided


@dataclass(frozen=True, slots=True)
class Decision:
    """The step and whom it concerns; with a conflict the address is not taken over."""

    step: Step
    user: User | None = None
    conflict: Conflict | None = None
    others: tuple[str, ...] = ()
    keep_email: bool = False  # the address is somebody else's
    leaves: User | None = None  # the user that the identity had until now
    decision_id: str | None = None  # the administrators' decision that is carried out


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not; `strip` loses its roles, its sessions and its tokens, because they are gone."""

    problem: Problem
    conflict: Conflict | None = None
    others: tuple[str, ...] = ()
    strip: User | None = None
    user: User | None = None
    decision_id: str | None = None


def decide(login: PlatformLogin, known: Known, proved_user_id: str | None) -> Decision | Refusal:
    """The one decision about a login; `proved_user_id`: an old user whom the person has proved."""
    found = _undecided(login, known, proved_user_id)
    if known.verdict is None or not asks_for_verdict(found):
        return found
    return _following(known.verdict, login, known, proved_user_id, found)


def asks_for_verdict(found: Decision | Refusal) -> bool:
    """Could administrators have decided otherwise? Only where somebody stands in between."""
    takes_over = isinstance(found, Decision) and found.step in (Step.LINK, Step.PROVE)
    return takes_over or found.conflict is not None


def _undecided(
    login: PlatformLogin, known: Known, proved_user_id: str | None
) -> Decision | Refusal:
    refusal = _closed(login, known)
    if refusal is not None:
        return refusal
    if known.user is not None:
        return _known_person(known.user, known.same_address)
    assert known.account is not None
    return _new_person(login, known.account, known.same_address, proved_user_id)


def _closed(login: PlatformLogin, known: Known) -> Refusal | None:
    """Why nobody, or not this person, gets in at all."""
    account, user = known.account, known.user
    if account is None:
        return Refusal(Problem.ORGANISATION_NOT_FOUND)
    if account.suspended:
        return Refusal(Problem.ORGANISATION_SUSPENDED, user=user)
    if not account.oauth_login:
        return Refusal(Problem.PLATFORM_LOGIN_OFF, user=user)
    if _is_older(login, known):
        # An ID token from before a change that is known here: it must not undo the change.
        return Refusal(Problem.ACCESS_ENDED, user=user)
    if not login.roles:
        return Refusal(Problem.USER_NOT_AUTHORISED, strip=user, user=user)
    return None


def _is_older(login: PlatformLogin, known: Known) -> bool:
    """Somebody who is not known yet may have lost access in the meantime, too."""
    of_user = known.user.access_revision if known.user else 0
    newest = max(known.access_revision, of_user)
    return login.access_revision is not None and login.access_revision < newest


def _known_person(user: User, same_address: Sequence[User]) -> Decision | Refusal:
    if user.disabled:
        return Refusal(Problem.USER_DISABLED, user=user)
    others = tuple(other.id for other in same_address if other.id != user.id)
    keeps_address = len(others) < len(same_address)
    if others and not keeps_address:
        return Decision(Step.REFRESH, user, Conflict.ADDRESS_HELD, others, keep_email=True)
    return Decision(Step.REFRESH, user)


def _new_person(
    login: PlatformLogin,
    account: Account,
    same_address: Sequence[User],
    proved_user_id: str | None,
) -> Decision | Refusal:
    if not same_address:
        return Decision(Step.CREATE)
    ids = tuple(user.id for user in same_address)
    if any(user.linked for user in same_address):
        return Refusal(Problem.IDENTITY_CONFLICT, Conflict.OTHER_SUBJECT, ids)
    if len(same_address) > 1:
        return Refusal(Problem.IDENTITY_CONFLICT, Conflict.AMBIGUOUS, ids)
    return _old_user(login, account, same_address[0], proved_user_id)


def _old_user(
    login: PlatformLogin, account: Account, old: User, proved_user_id: str | None
) -> Decision | Refusal:
    """The one old user whom the address proposes."""
    if old.disabled:
        return Refusal(Problem.USER_DISABLED, user=old)
    if not account.linking:
        return Refusal(Problem.IDENTITY_CONFLICT, Conflict.LINKING_OFF, (old.id,))
    if old.id == proved_user_id or both_confirmed(login, old):
        return Decision(Step.LINK, old)
    return Decision(Step.PROVE, old)


def both_confirmed(login: PlatformLogin, old: User) -> bool:
    """Did both sides see that the address is the person's? Only the boolean `true` counts."""
    return login.email_verified is True and old.confirmed


def _following(
    verdict: Verdict,
    login: PlatformLogin,
    known: Known,
    proved_user_id: str | None,
    found: Decision | Refusal,
) -> Decision | Refusal:
    """What the administrators decided, if it is about what is found; else what is found."""
    held = found.conflict is Conflict.ADDRESS_HELD
    if verdict.outcome is Outcome.REJECT and not held:
        return Refusal(Problem.IDENTITY_CONFLICT, decision_id=verdict.decision_id)
    if not verdict.is_about(found.conflict, found.others):
        return found
    if verdict.outcome is Outcome.LINK:
        return _linked_by_verdict(verdict, login, known, proved_user_id) or found
    if held:  # two people: everything stays as it is, and nobody is asked again
        return Decision(Step.REFRESH, known.user, keep_email=True)
    # A linked user keeps the address; two old users with one address are no obstacle.
    keeps = verdict.kind is Conflict.OTHER_SUBJECT
    return Decision(Step.CREATE, keep_email=keeps, decision_id=verdict.decision_id)


def _linked_by_verdict(
    verdict: Verdict, login: PlatformLogin, known: Known, proved_user_id: str | None
) -> Decision | None:
    """A decision says who it is; the proof of the address is asked for all the same (lesson 6)."""
    target = next((one for one in known.same_address if one.id == verdict.user_id), None)
    linking = known.account is not None and known.account.linking
    if target is None or target.disabled or not linking:
        return None
    decision_id, leaves = verdict.decision_id, known.user
    if target.linked and verdict.kind is Conflict.OTHER_SUBJECT:
        step = Step.RELINK if login.email_verified is True else None
    elif both_confirmed(login, target) or (proved_user_id == target.id and leaves is None):
        step = Step.LINK
    else:
        step = Step.PROVE if leaves is None else None
    return None if step is None else Decision(step, target, leaves=leaves, decision_id=decision_id)
