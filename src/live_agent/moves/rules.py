"""How far each old user is with the move: pure decisions, made by the rules of a login itself."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import Enum, unique

from kernel.languages import n_
from live_agent.accounts.rules import Account
from live_agent.agents.rules import ADMINISTRATOR, User
from live_agent.conflicts.rules import Conflict, Outcome, Verdict
from live_agent.migration.rules import (
    Decision,
    Known,
    PlatformLogin,
    Refusal,
    Step,
    decide,
)
from live_agent.platform_people.rules import Person, loose_key
from live_agent.problems import Problem


@unique
class Group(Enum):
    """The four parts of the funnel."""

    READY = n_("Ready")
    NEEDS = n_("Needs something")
    CONFLICT = n_("Conflict")
    MOVED = n_("Moved")


@dataclass(frozen=True, slots=True)
class StateSpec:
    """The words of a state, and the one action that makes the person ready."""

    group: Group
    label: str
    action: str


@unique
class State(Enum):
    """Where an old user stands."""

    READY = StateSpec(Group.READY, n_("Ready"), n_("Sign in with Cognigy.AI once."))
    NO_PLATFORM_ACCOUNT = StateSpec(
        Group.NEEDS, n_("No Cognigy.AI account"), n_("Propose an account to the organisation.")
    )
    EMAIL_DIFFERS = StateSpec(
        Group.NEEDS,
        n_("E-mail differs only by case or spaces"),
        n_("Write the address on both sides in the same way."),
    )
    ROLE_MISSING = StateSpec(
        Group.NEEDS, n_("Role missing"), n_("Give a Live Agent role in Cognigy.AI.")
    )
    EMAIL_NOT_VERIFIED = StateSpec(
        Group.NEEDS,
        n_("Cognigy.AI e-mail not verified"),
        n_("Use the link that Cognigy.AI mails, or prove the old account at the first sign-in."),
    )
    DISABLED_THERE = StateSpec(
        Group.NEEDS, n_("Disabled in Cognigy.AI"), n_("Enable the person in Cognigy.AI.")
    )
    DISABLED_HERE = StateSpec(
        Group.NEEDS, n_("Disabled in Live Agent"), n_("Enable the agent, or leave it so.")
    )
    ORGANISATION_NOT_MAPPED = StateSpec(
        Group.NEEDS,
        n_("Organisation not mapped"),
        n_("An operator runs: live-agent accounts map."),
    )
    ACCOUNT_CLOSED = StateSpec(
        Group.NEEDS,
        n_("Sign-in with Cognigy.AI is off"),
        n_("An operator switches it on, or resumes the account."),
    )
    NOT_KNOWN = StateSpec(
        Group.NEEDS, n_("Not known yet"), n_("Refresh: Cognigy.AI has not answered yet.")
    )
    AMBIGUOUS = StateSpec(
        Group.CONFLICT,
        n_("Ambiguous"),
        n_("Two users share the address: decide which one stays."),
    )
    CONFLICT = StateSpec(
        Group.CONFLICT, n_("Conflict"), n_("Decide in the conflict queue who owns the user.")
    )
    DONE = StateSpec(Group.MOVED, n_("Moved"), "")


REFUSED = {
    Problem.ORGANISATION_NOT_FOUND: State.ORGANISATION_NOT_MAPPED,
    Problem.ORGANISATION_SUSPENDED: State.ACCOUNT_CLOSED,
    Problem.PLATFORM_LOGIN_OFF: State.ACCOUNT_CLOSED,
    Problem.USER_NOT_AUTHORISED: State.ROLE_MISSING,
    Problem.USER_DISABLED: State.DISABLED_HERE,
    Problem.IDENTITY_CONFLICT: State.CONFLICT,
}


@dataclass(frozen=True, slots=True)
class Move:
    """One old user; `person` is who would log in, `outcome` what that login would come to."""

    user: User
    state: State
    person: Person | None = None
    outcome: Decision | Refusal | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What the list is sorted by."""
        return self.user.email_key, self.user.id

    @property
    def moves(self) -> bool:
        """Would the person's next login move the user, if need be after a proof?"""
        return is_for(self.outcome, self.user, Step.LINK, Step.PROVE)

    @property
    def must_prove(self) -> bool:
        return is_for(self.outcome, self.user, Step.PROVE)


def is_for(outcome: Decision | Refusal | None, user: User, *steps: Step) -> bool:
    """Is it one of these steps, and of this user? Administrators may have chosen another one."""
    if not isinstance(outcome, Decision) or outcome.user is None:
        return False
    return outcome.step in steps and outcome.user.id == user.id


@dataclass(frozen=True, slots=True)
class Place:
    """What decides about everybody of an account alike."""

    account: Account
    issuer: str
    people: Sequence[Person]
    known: bool  # the platform has answered at least once
    disputed: Set[str] = field(default_factory=frozenset)  # users in the conflict queue
    verdicts: Sequence[tuple[str, str, Verdict]] = ()  # subject, address, what was decided

    def verdict_on(self, person: Person) -> Verdict | None:
        """As the person's login would meet it: a rejected identity is so with any address."""
        for subject, email_key, verdict in self.verdicts:
            if subject == person.subject and (
                email_key == person.email_key or verdict.outcome is Outcome.REJECT
            ):
                return verdict
        return None


def is_old(user: User) -> bool:
    """Does, or did, the person log in with an old password?"""
    return user.subject is None or user.moved_at is not None


def judge_all(place: Place, users: Sequence[User]) -> list[Move]:
    """Every old user of the account, by address."""
    by_key: dict[str, list[User]] = defaultdict(list)
    for user in users:
        by_key[user.email_key].append(user)
    owners = {user.subject: user for user in users if user.issuer == place.issuer}
    people = {person.email_key: person for person in place.people if person.email}
    loose = {loose_key(person.email): person for person in place.people if person.email}
    moves = []
    for user in users:
        if not is_old(user):
            continue
        person = people.get(user.email_key)
        same = by_key[user.email_key]
        if user.linked:
            moves.append(Move(user, State.DONE, person))
        elif person is not None:
            known = Known(
                place.account,
                owners.get(person.subject),
                same,
                verdict=place.verdict_on(person),
            )
            moves.append(_with_person(place, user, person, known))
        else:
            look_alike = loose.get(loose_key(user.email))
            moves.append(Move(user, _without_person(place, user, same, look_alike), look_alike))
    return sorted(moves, key=lambda move: move.key)


def login_of(place: Place, person: Person) -> PlatformLogin:
    """The login that this person would make now: as new as anything that was ever said."""
    return PlatformLogin(
        issuer=place.issuer,
        subject=person.subject,
        organisation=place.account.organisation_id,
        email=person.email,
        email_verified=person.email_verified,
        name=person.name,
        locale=person.locale,
        roles=person.roles,
        sid=None,
        access_revision=None,
    )


def _with_person(place: Place, user: User, person: Person, known: Known) -> Move:
    if place.account.organisation_id is None:
        return Move(user, State.ORGANISATION_NOT_MAPPED, person)
    outcome = decide(login_of(place, person), known, None)
    state = _state_of(outcome, user, person)
    if person.disabled and state.value.group is not Group.CONFLICT:
        return Move(user, State.DISABLED_THERE, person)  # the platform lets nobody get as far
    return Move(user, state, person, outcome)


def _state_of(outcome: Decision | Refusal, user: User, person: Person) -> State:
    if isinstance(outcome, Refusal):
        if outcome.conflict is Conflict.AMBIGUOUS:
            return State.AMBIGUOUS
        return REFUSED.get(outcome.problem, State.CONFLICT)
    if is_for(outcome, user, Step.LINK):
        return State.READY
    if is_for(outcome, user, Step.PROVE):
        return State.READY if person.email_verified else State.EMAIL_NOT_VERIFIED
    return State.CONFLICT  # the person is somebody else here already


def _without_person(
    place: Place, user: User, same: Sequence[User], look_alike: Person | None
) -> State:
    account = place.account
    checks = (
        (account.organisation_id is None, State.ORGANISATION_NOT_MAPPED),
        (account.suspended or not account.oauth_login, State.ACCOUNT_CLOSED),
        (user.disabled, State.DISABLED_HERE),
        (len(same) > 1, State.AMBIGUOUS),
        (user.id in place.disputed, State.CONFLICT),
        (not place.known, State.NOT_KNOWN),
        (look_alike is not None, State.EMAIL_DIFFERS),
    )
    return next((state for so, state in checks if so), State.NO_PLATFORM_ACCOUNT)


def count_groups(moves: Sequence[Move]) -> Mapping[Group, int]:
    """How many stand in each part of the funnel."""
    found = Counter(move.state.value.group for move in moves)
    return {group: found[group] for group in Group}


def count_states(moves: Sequence[Move]) -> Mapping[State, int]:
    """How many are in each state that somebody is in."""
    found = Counter(move.state for move in moves)
    return {state: found[state] for state in State if found[state]}


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen if everybody signed in with Cognigy.AI now."""

    moving: Sequence[Move]
    proving: int  # of these, who must prove the old account first
    staying: Mapping[State, Sequence[Move]]  # who would not move, by the reason
    changed_roles: Sequence[Move]  # who would have other roles afterwards
    administrators: int  # who could administrate the account through Cognigy.AI afterwards

    @property
    def leaves_no_administrator(self) -> bool:
        return self.administrators == 0


def plan_of(moves: Sequence[Move], users: Sequence[User]) -> Plan:
    """The same decisions, read as a plan."""
    moving = [move for move in moves if move.moves]
    staying: dict[State, list[Move]] = defaultdict(list)
    for move in moves:
        if not move.moves and move.state is not State.DONE:
            staying[move.state].append(move)
    already = sum(
        1 for user in users if user.linked and not user.disabled and ADMINISTRATOR in user.roles
    )
    coming = sum(1 for move in moving if move.person and ADMINISTRATOR in move.person.roles)
    changed = [m for m in moving if m.person and set(m.person.roles) != set(m.user.roles)]
    return Plan(
        moving=moving,
        proving=sum(1 for move in moving if move.must_prove),
        staying={state: staying[state] for state in State if state in staying},
        changed_roles=changed,
        administrators=already + coming,
    )
