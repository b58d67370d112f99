"""`cognigy-ai apply FILE`: rows as a YAML file has them; running it again changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from cognigy_ai.cli.clients import SHORTEST_SECRET, check_not_live_agent
from cognigy_ai.cli.means import USAGE_OR_SETTINGS, Means, do, words_of
from cognigy_ai.cli.people import checked_digest
from cognigy_ai.clients import actions as clients
from cognigy_ai.clients import rules as client_rules
from cognigy_ai.clients.rules import Client
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.roles import actions as roles
from cognigy_ai.users import actions as users
from cognigy_ai.users import locks
from cognigy_ai.users.rules import Credentials, NewUser
from kernel.cli import fail, print_json, print_line
from kernel.opaque import fingerprint, new_secret
from kernel.passwords import Passwords, is_digest
from kernel.problems import ProblemError

LISTS = ("redirect_uris", "post_logout_redirect_uris", "scopes", "grant_types")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class OrganisationRow(_Row):
    """One of `organisations`."""

    id: str
    name: str


class UserRow(_Row):
    """One of `users`. What is left out stays as it is.

    `password_digest` comes from another system. It is for whoever has no password yet: a login
    makes it anew, and a person may have chosen another since, which a second run must not undo.
    """

    email: str
    organisation: str
    name: str
    roles: list[str] | None = None
    email_verified: bool | None = None
    password: str | None = None
    password_digest: str | None = None
    locale: str | None = None

    @field_validator("password_digest")
    @classmethod
    def _is_understood(cls, digest: str | None) -> str | None:
        if digest is not None and not is_digest(digest):
            raise ValueError(
                "not a bcrypt digest ($2a$, $2b$ or $2y$, cost 4 to 14) nor one of argon2id as "
                "$argon2id$v=19$m=...,t=...,p=...$salt$hash (at most m=262144, t=10, p=8)"
            )
        return digest

    @model_validator(mode="after")
    def _has_one_of_them(self) -> "UserRow":
        if self.password is not None and self.password_digest is not None:
            raise ValueError("give password or password_digest, not both")
        return self


class ClientRow(_Row):
    """One of `clients`, as `clients create` has them. What is left out has its default."""

    client_id: str
    name: str
    secret: str | None = None
    auth_method: str = "client_secret_basic"
    redirect_uris: list[str] = []
    post_logout_redirect_uris: list[str] = []
    backchannel_logout_uri: str | None = None
    scopes: list[str] = list(client_rules.SCOPES)
    grant_types: list[str] = ["authorization_code", "refresh_token"]
    id_token_alg: str = "RS256"  # noqa: S105 - an algorithm
    pkce: str = "required"
    consent: str = "ask"
    grant_lifetime: int = client_rules.TWO_WEEKS

    def as_client(self) -> Client:
        values: dict[str, Any] = self.model_dump(exclude={"secret"})
        values |= {name: tuple(values[name]) for name in LISTS}
        return Client(**values)


class File(_Row):
    """The whole file."""

    organisations: list[OrganisationRow] = []
    users: list[UserRow] = []
    clients: list[ClientRow] = []


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row; a secret that was made is told once."""

    what: str
    state: str  # created, changed, unchanged
    secret: str = field(default="", repr=False)


def apply_file(path: Path, *, json: bool = False) -> None:
    """Each row in a transaction of its own, in the order of the file; the first refusal stops."""
    file = _read(path)
    done: list[dict[str, object]] = []

    async def work(means: Means) -> None:
        for what, row in _rows(file):
            try:
                outcome = await _apply(means, row)
            except ProblemError as error:
                fail(f"{what}: {words_of(error)}")
            done.append({"row": what, "state": outcome.state, "secret": outcome.secret or None})
            if not json:
                note = f" (secret: {outcome.secret})" if outcome.secret else ""
                print_line(f"{what}: {outcome.state}{note}")

    try:
        do(work)
    finally:  # also after a refusal: the rows before it stay, and a secret is told only here
        if json:
            print_json(done)


def _read(path: Path) -> File:
    try:
        loaded: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return File.model_validate(loaded or {})
    except ValidationError as error:
        lines = (f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        _unreadable(f"{path} cannot be applied:\n" + "\n".join(lines))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "problem", None) or "not YAML"
        _unreadable(f"{path} cannot be read: {reason}.")


def _unreadable(message: str) -> NoReturn:
    try:
        fail(message)
    except SystemExit:
        raise SystemExit(USAGE_OR_SETTINGS) from None


def _rows(file: File) -> Iterator[tuple[str, _Row]]:
    for organisation in file.organisations:
        yield f"organisation {organisation.id}", organisation
    for user in file.users:
        yield f"user {user.email}", user
    for client in file.clients:
        yield f"client {client.client_id}", client


async def _apply(means: Means, row: _Row) -> Outcome:
    if isinstance(row, OrganisationRow):
        return await _organisation(means, row)
    if isinstance(row, UserRow):
        return await _user(means, row)
    assert isinstance(row, ClientRow)
    return await _client(means, row)


async def _organisation(means: Means, row: OrganisationRow) -> Outcome:
    async with means.database.transaction() as tx:
        if await organisations.find(tx, row.id) is None:
            await organisations.create(tx, row.name, means.now, row.id)
            return Outcome(row.id, "created")
        changed = await organisations.rename(tx, row.id, row.name, means.now)
    return Outcome(row.id, "changed" if changed else "unchanged")


async def _user(means: Means, row: UserRow) -> Outcome:
    found = await users.find_by_email(means.database, row.email, row.organisation)
    new_digest = await _digest(means, row, found[0] if found else None)
    async with means.database.transaction() as tx:
        if not found:
            await users.create(tx, _new_user(row, new_digest), means.now)
            return Outcome(row.email, "created")
        user = found[0].user
        await locks.lock_person(tx, user.id)
        changed = await users.change(
            tx,
            user.id,
            name=row.name,
            locale=user.locale if row.locale is None else row.locale,
            now=means.now,
        )
        if row.email_verified is not None:
            changed |= await users.set_verified(tx, user.id, means.now, verified=row.email_verified)
        wanted = user.roles if row.roles is None else roles.check_known(tuple(row.roles))
        if set(wanted) != set(user.roles):
            changed |= await users.set_roles(tx, user.id, wanted, means.now)
        if new_digest is not None:
            await users.set_password(tx, user.id, new_digest, means.now)
            changed = True
    return Outcome(row.email, "changed" if changed else "unchanged")


async def _digest(means: Means, row: UserRow, found: Credentials | None) -> str | None:
    """None if the row names no password, or the one that the user has."""
    has_one = found is not None and bool(found.password_digest)
    if row.password is None:
        return None if has_one else row.password_digest
    if found is not None and await Passwords().matches(row.password, found.password_digest):
        return None
    whose = (row.organisation, row.email, row.name)
    return await checked_digest(means.database, *whose, row.password)


def _new_user(row: UserRow, digest: str | None) -> NewUser:
    return NewUser(
        organisation_id=row.organisation,
        email=row.email,
        name=row.name,
        roles=tuple(row.roles or ()),
        email_verified=bool(row.email_verified),
        locale=row.locale or "en",
        password_digest=digest,
    )


async def _client(means: Means, row: ClientRow) -> Outcome:
    check_not_live_agent(means, row.client_id)
    client = row.as_client()
    if row.secret is not None and len(row.secret) < SHORTEST_SECRET:
        fail(f"client {row.client_id}: a secret has at least {SHORTEST_SECRET} characters.")
    if row.secret is not None and row.auth_method == "none":
        fail(f"client {row.client_id}: a client with auth_method none has no secret.")
    async with means.database.transaction() as tx:
        found = await clients.find(tx, row.client_id)
        if found is None:
            made = "" if row.secret or row.auth_method == "none" else new_secret("cs_")
            secret = row.secret or made
            await clients.register(tx, client, fingerprint(secret) if secret else None, means.now)
            return Outcome(row.client_id, "created", made)
        changed = await clients.change(tx, replace(client, disabled=found.disabled), means.now)
        if row.secret and found.secret_fingerprints[:1] != (fingerprint(row.secret),):
            await clients.rotate_secret(tx, row.client_id, fingerprint(row.secret), means.now)
            changed = True
    return Outcome(row.client_id, "changed" if changed else "unchanged")
