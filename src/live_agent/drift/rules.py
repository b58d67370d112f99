"""What differs between an account's people and what the platform says of them. Pure."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import Enum, unique

from kernel.languages import n_
from live_agent.agents.rules import User
from live_agent.platform_people.rules import Person


@dataclass(frozen=True, slots=True)
class KindSpec:
    """`effect` is what taking over the platform's word does; empty: there is nothing to take."""

    text: str
    effect: str


@unique
class Kind(Enum):
    """One difference."""

    GONE = KindSpec(
        n_("Deleted in Cognigy.AI"),
        n_("Sessions and API tokens end, the person is deactivated; name and address go later."),
    )
    DISABLED = KindSpec(
        n_("Disabled in Cognigy.AI, with access here"), n_("Sessions and API tokens end.")
    )
    NO_ROLE = KindSpec(
        n_("No Live Agent role in Cognigy.AI"), n_("Roles go, sessions and API tokens end.")
    )
    ROLES = KindSpec(n_("Other roles in Cognigy.AI"), n_("Those roles count here too."))
    EMAIL = KindSpec(
        n_("Another e-mail address in Cognigy.AI"),
        n_("The address changes here; if a colleague holds it, it becomes a conflict."),
    )
    NAME = KindSpec(n_("Another name in Cognigy.AI"), n_("The name changes here."))
    BLOCKED_HERE = KindSpec(n_("Disabled here, allowed in Cognigy.AI"), "")
    NEVER_CAME = KindSpec(n_("Has a role, and has never signed in here"), "")

    @property
    def spec(self) -> KindSpec:
        return self.value

    @property
    def code(self) -> str:
        return self.name.lower()


ENDING = (Kind.GONE, Kind.DISABLED, Kind.NO_ROLE)


@dataclass(frozen=True, slots=True)
class Line:
    """One difference with both sides, as far as there is something to show."""

    kind: Kind
    here: str = ""
    there: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs of one person."""

    user: User | None
    person: Person | None
    lines: tuple[Line, ...]

    @property
    def can_be_settled(self) -> bool:
        return any(line.kind.spec.effect for line in self.lines)

    @property
    def id(self) -> str:
        return self.user.id if self.user is not None else ""

    @property
    def name(self) -> str:
        known = self.user or self.person
        return known.name if known is not None else ""

    @property
    def email(self) -> str:
        known = self.user or self.person
        return known.email if known is not None else ""


def compare(
    issuer: str, users: Iterable[User], people: Iterable[Person], with_access: Set[str]
) -> list[Difference]:
    """Those of whom something differs, who loses access first, then by name.

    `with_access` holds the ids of users with an open session or API token. Old users who have not
    moved are the migration's, and people of another issuer nobody's here.
    """
    said = {person.subject: person for person in people}
    everybody = list(users)
    linked = [user for user in everybody if user.issuer == issuer and user.subject is not None]
    found = [_of_user(user, said, user.id in with_access) for user in linked]
    found += _never_came(everybody, {user.subject or "" for user in linked}, said)
    return sorted((one for one in found if one.lines), key=_place)


def _of_user(user: User, said: Mapping[str, Person], has_access: bool) -> Difference:  # noqa: FBT001
    person = said.get(user.subject or "")
    return Difference(user, person, _lines(user, person, has_access=has_access))


def _lines(user: User, person: Person | None, *, has_access: bool) -> tuple[Line, ...]:
    if user.disabled:
        allowed = person is not None and person.roles and not person.disabled
        return (Line(Kind.BLOCKED_HERE),) if allowed else ()
    if person is None:
        return (Line(Kind.GONE),)
    if person.disabled:
        return (Line(Kind.DISABLED),) if has_access else ()
    if not person.roles:
        lost = bool(user.roles) or has_access
        return (Line(Kind.NO_ROLE, " ".join(user.roles)),) if lost else ()
    return tuple(_details(user, person))


def _details(user: User, person: Person) -> Iterable[Line]:
    if set(user.roles) != set(person.roles):
        yield Line(Kind.ROLES, " ".join(user.roles), " ".join(person.roles))
    if person.email and person.email_key != user.email_key:
        yield Line(Kind.EMAIL, user.email, person.email)
    if person.name and person.name != user.name:
        yield Line(Kind.NAME, user.name, person.name)


def _never_came(
    users: list[User], linked: Set[str], said: Mapping[str, Person]
) -> list[Difference]:
    """Whoever has an old user here is the migration's business."""
    old = {user.email_key for user in users if user.subject is None}
    return [
        Difference(None, person, (Line(Kind.NEVER_CAME, "", " ".join(person.roles)),))
        for person in said.values()
        if person.roles
        and not person.disabled
        and person.subject not in linked
        and person.email_key not in old
    ]


def _place(one: Difference) -> tuple[int, str]:
    kinds = {line.kind for line in one.lines}
    first = 0 if kinds & set(ENDING) else 1 if one.can_be_settled else 2
    return first, one.name.casefold()
