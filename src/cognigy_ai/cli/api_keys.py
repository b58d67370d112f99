"""`cognigy-ai api-keys`: create, list, show, revoke, rotate the keys of the JSON API."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.api_keys import rules
from cognigy_ai.api_keys.rules import ApiKey, MadeKey
from cognigy_ai.cli.means import Means, do
from cognigy_ai.users import actions as users
from kernel.cli import print_json, print_line, print_table

commands = typer.Typer(help="Keys of the JSON API.", no_args_is_help=True)

PAGE = 500
DATE_CHARACTERS = len("2026-11-22")
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
KeyId = Annotated[str, typer.Argument(help="As `api-keys list` shows it.")]


@commands.command("create")
def create(
    operator: Annotated[
        str | None,
        typer.Option("--operator", help="A name: a key without owner, for all organisations."),
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", help="E-mail: the key has that person's rights.")
    ] = None,
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Id; needed if several have the address.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="What an owner's key is for.")] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=rules.MOST_DAYS)] = rules.DEFAULT_DAYS,
    json: Json = False,
) -> None:
    """Make a key and print it; it cannot be shown again."""
    if (operator is None) == (owner is None):
        raise typer.BadParameter("Give either --operator NAME or --owner EMAIL.")

    async def work(means: Means) -> MadeKey:
        ends = means.now + days * rules.DAY_SECONDS
        async with means.database.transaction() as tx:
            if owner is None:
                return await api_keys.create_for_operator(tx, operator or "", ends, means.now)
            user = await users.get_by_email(tx, owner, organisation)
            return await api_keys.create(tx, user, name, ends, means.now)

    _print_made(do(work), json)


@commands.command("list")
def list_(
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Id; without it: the operators' keys.")
    ] = None,
    json: Json = False,
) -> None:
    """The operators' keys, or those of everybody in an organisation; newest first."""

    async def work(means: Means) -> tuple[list[ApiKey], int]:
        if organisation is None:
            return await api_keys.list_of_operators(means.database), means.now
        found: list[ApiKey] = []
        place: tuple[int, str] | None = None
        while True:
            more = await api_keys.list_of_organisation(means.database, organisation, PAGE, place)
            found += more
            if len(more) < PAGE:
                return found, means.now
            place = (more[-1].created_at, more[-1].id)

    found, now = do(work)
    if json:
        print_json([_as_json(key, now) for key in found])
        return
    rows = [
        (
            key.id,
            key.name,
            key.owner_email or "operator",
            key.state(now),
            _moment(key.expires_at)[:DATE_CHARACTERS],
            _moment(key.last_used_at)[:DATE_CHARACTERS],
        )
        for key in found
    ]
    print_table("API keys", ("Id", "Name", "Owner", "State", "Ends", "Last used"), rows)


@commands.command("show")
def show(key_id: KeyId, json: Json = False) -> None:
    """One key; never its secret."""

    async def work(means: Means) -> tuple[ApiKey, int]:
        return await api_keys.get(means.database, key_id), means.now

    key, now = do(work)
    facts = _as_json(key, now)
    if json:
        print_json(facts)
        return
    for name in ("created_at", "expires_at", "last_used_at", "revoked_at"):
        seconds = facts[name]
        facts[name] = _moment(seconds) if isinstance(seconds, int) else ""
    print_table(key.name, ("Field", "Value"), facts.items())


@commands.command("revoke")
def revoke(key_id: KeyId, json: Json = False) -> None:
    """The key is worth nothing from now on."""

    async def work(means: Means) -> bool:
        async with means.database.transaction() as tx:
            return await api_keys.revoke(tx, await api_keys.get(tx, key_id), means.now)

    changed = do(work)
    if json:
        print_json({"id": key_id, "revoked": True, "changed": changed})
    else:
        print_line("Revoked." if changed else "It was revoked already.")


@commands.command("rotate")
def rotate(
    key_id: KeyId,
    overlap: Annotated[
        int,
        typer.Option(
            "--overlap",
            min=0,
            max=rules.MOST_OVERLAP_HOURS,
            help="Hours for which the old key stays valid; 0: it ends now.",
        ),
    ] = 24,
    json: Json = False,
) -> None:
    """Make a new key of the same name and owner, and print it; the old one ends after a while."""

    async def work(means: Means) -> MadeKey:
        async with means.database.transaction() as tx:
            key = await api_keys.get(tx, key_id)
            return await api_keys.rotate(tx, key, overlap * rules.HOUR_SECONDS, means.now)

    _print_made(do(work), json)


def _print_made(made: MadeKey, json: bool) -> None:
    if json:
        print_json({"id": made.id, "api_key": made.secret, "expires_at": made.expires_at})
    else:
        print_line(made.secret)


def _as_json(key: ApiKey, now: int) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "state": key.state(now),
        "owner": key.owner_id,
        "owner_email": key.owner_email,
        "organisation": key.organisation_id,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }


def _moment(seconds: int | None) -> str:
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
