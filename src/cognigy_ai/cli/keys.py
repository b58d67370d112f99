"""`cognigy-ai keys`: list and rotate the signing keys."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cognigy_ai.cli.means import Means, check_asked, do
from cognigy_ai.keys import actions as keys
from cognigy_ai.keys import rules
from cognigy_ai.keys.rules import KeyTimes
from kernel.cli import print_json, print_line, print_table
from kernel.jose import ALGORITHMS

commands = typer.Typer(help="The keys that sign tokens.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@commands.command("list")
def list_(json: Json = False) -> None:
    """All keys and what each is used for now."""

    async def work(means: Means) -> list[dict[str, object]]:
        found = await keys.list_keys(means.database)
        return [_as_json(key, found, means.now) for key in found]

    rows = do(work)
    if json:
        print_json(rows)
        return
    shown = [
        (row["kid"], row["alg"], row["state"], _moment(row["active_from"] or row["created_at"]))
        for row in rows
    ]
    print_table("Signing keys", ("Key id", "Algorithm", "State", "Signs from"), shown)


@commands.command("rotate")
def rotate(
    alg: Annotated[list[str], typer.Option("--alg", help="Default: all.")] = list(ALGORITHMS),
    at_once: Annotated[
        bool, typer.Option("--at-once", help="A key leaked: the old ones end now.")
    ] = False,
    json: Json = False,
) -> None:
    """Make new keys: published now, used after 15 minutes; the old ones stay valid for a day."""
    for name in alg:
        if name not in ALGORITHMS:
            raise typer.BadParameter(f"{name} is none of {', '.join(ALGORITHMS)}")

    async def work(means: Means) -> list[tuple[str, str]]:
        database, keyring = means.database, means.keyring
        return [
            (name, await keys.rotate(database, keyring, name, means.now, at_once=at_once))
            for name in alg
        ]

    made = do(work)
    if json:
        print_json([{"alg": name, "kid": kid} for name, kid in made])
        return
    for name, kid in made:
        print_line(f"{name}: {kid}")


@commands.command("retire")
def retire(
    kid: Annotated[str, typer.Argument(help="Key id, as `keys list` shows it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """End a key that does not sign (any more) at once; tokens that it signed are refused."""
    if not yes:
        check_asked("Tokens that it signed are refused from now on. Go on? [yes/no] ", "yes")

    async def work(means: Means) -> bool:
        async with means.database.transaction() as tx:
            return await keys.retire(tx, kid, means.now)

    changed = do(work)
    if json:
        print_json({"kid": kid, "changed": changed})
    else:
        print_line("Retired." if changed else "It was retired already.")


def _as_json(key: KeyTimes, all_keys: list[KeyTimes], now: int) -> dict[str, object]:
    return {
        "kid": key.kid,
        "alg": key.alg,
        "state": rules.state_of_key(key, all_keys, now),
        "created_at": key.created_at,
        "active_from": key.active_from,
        "revoked_at": key.revoked_at,
    }


def _moment(seconds: object) -> str:
    assert isinstance(seconds, int)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
